"""Values that can be changed are kept as copies and handed out as copies."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["SCALARS", "Copied", "keepable"]

SCALARS = frozenset({str, bytes, int, float, bool, type(None)})
"""The types of values that nobody can change."""


class Copied:
    """A value that can be changed; calling `copy` gives another one like it."""

    __slots__ = ("copy",)

    def __init__(self, value: Any) -> None:
        self.copy: Callable[[], Any]
        if _is_flat(value):
            self.copy = value.copy
        else:
            self.copy = partial(copy.deepcopy, value)


def keepable(value: Any) -> Any:
    """What to keep for a value: itself if nobody can change it, else a copy of it inside a `Copied`."""
    if type(value) in SCALARS:
        return value
    return Copied(Copied(value).copy())


def _is_flat(value: Any) -> bool:
    if type(value) is set:
        return True
    if type(value) is dict:
        return all(type(item) in SCALARS for item in value.values())
    return type(value) is list and all(type(item) in SCALARS for item in value)
