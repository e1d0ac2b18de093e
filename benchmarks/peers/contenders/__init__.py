"""The contenders, each in a module of the name of its library, which is imported in its environment alone."""

from __future__ import annotations
