"""How workers reach the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from limpyd.contrib.database import PipelineDatabase
from limpyd.middleware import Middleware

from limpyd_testing.connection import protocol

__all__ = ["Opener", "opener"]

Opener = Callable[[Sequence[Middleware]], PipelineDatabase]
"""Makes a database with some middleware, in any process."""


def opener(url: str, **settings: Any) -> Opener:
    """Makes databases on a server, with the client that they make for themselves."""
    return partial(_open, url, {"protocol": protocol(), **settings})


def _open(url: str, settings: dict[str, Any], middleware: Sequence[Middleware]) -> PipelineDatabase:
    return PipelineDatabase.from_url(url, middleware=middleware, **settings)
