"""Models made inside of tests, each on the test's own database."""

from __future__ import annotations

from typing import Any, TypeVar

from limpyd.database import RedisDatabase
from limpyd.model import RedisModel

__all__ = ["define"]

M = TypeVar("M", bound=RedisModel)


def define(
    base: type[M], database: RedisDatabase | None = None, name: str | None = None, **members: Any
) -> type[M]:
    """A subclass of `base`, on `database` or on that of `base`, named like it if it is given no name."""
    if database is not None:
        members = {"database": database, **members}
    return type(name or base.__name__, (base,), members)
