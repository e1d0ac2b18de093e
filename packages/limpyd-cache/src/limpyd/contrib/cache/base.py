"""What both caches have in common: they join one database, and give its objects `init_cache()`."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from limpyd.contrib.cache.stats import CacheStats
from limpyd.exceptions import ImplementationError
from limpyd.middleware import Middleware

if TYPE_CHECKING:
    from limpyd.database import RedisDatabase
    from limpyd.fields import Field
    from limpyd.model import RedisModel

__all__ = ["Cache", "init_cache"]


class Cache(Middleware):
    """A middleware that answers reads with what it has kept of earlier ones."""

    def __init__(self) -> None:
        self._database: RedisDatabase | None = None
        self.object_methods = {"init_cache": self._init_object}
        self.field_methods = {"init_cache": self._init_field}

    def join(self, database: RedisDatabase) -> None:
        """Take a database. Raises `ImplementationError` if there is one already: its keys may be the same."""
        if self._database is not None:
            raise ImplementationError(
                f"{type(self).__name__}: a cache serves one database, and this one has {self._database!r}; "
                f"make another one for {database!r}"
            )
        self._database = database

    @abstractmethod
    def stats(self) -> CacheStats:
        """What was counted so far. With threads that run in parallel, counts of hits and misses are close."""

    @abstractmethod
    def forget(self, instance: RedisModel, names: tuple[str, ...]) -> None:
        """Drop what is kept of the fields `names` of an object. Sends nothing."""

    def _init_object(self, instance: RedisModel) -> None:
        self.forget(instance, tuple(type(instance)._fields))

    def _init_field(self, field: Field) -> None:
        self.forget(field.bound_to, (field.name,))


def init_cache(target: RedisModel | Field) -> None:
    """Forget what is cached of an object, or of a field of an object. Sends nothing.

    The same as `target.init_cache()`, for those who check types: objects have that method only while their
    database has a cache. Without one there is nothing to forget, and nothing is done.
    """
    method: Any = getattr(target, "init_cache", None)
    if method is not None:
        method()
