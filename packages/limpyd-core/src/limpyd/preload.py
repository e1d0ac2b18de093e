"""Values that are read along with the pks of a collection, in the same request, for those who want them.

A pk carries its values until an object is made of it, which is when they are handed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from limpyd.exceptions import ImplementationError
from limpyd.keys import HASH, Value
from limpyd.middleware import Preloader

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["LoadedPK", "check_preload", "places", "preloading"]

_KINDS = ("string", "hashable")


class LoadedPK(str):
    """A pk with the values of some fields of the object."""

    __slots__ = ("_preloaders", "_values")

    _preloaders: list[Preloader]
    _values: Sequence[str | None]

    @classmethod
    def of(cls, pk: str, values: Sequence[str | None], preloaders: list[Preloader]) -> Self:
        """A pk and what it carries."""
        loaded = cls(pk)
        loaded._values = values
        loaded._preloaders = preloaders
        return loaded

    def hand_over(self, instance: RedisModel) -> None:
        """Give the values to those who wanted them, for an object with this pk."""
        for preloader in self._preloaders:
            preloader(instance, self._values)


def check_preload(model: type[RedisModel], names: tuple[str, ...]) -> None:
    """Raise `ImplementationError` if these fields can't be preloaded, or nobody wants them."""
    for name in names:
        field = model.get_field(name)
        if field is model.pk or field.kind not in _KINDS:
            raise ImplementationError(
                f"{model.__name__}.collection can't preload {name!r}: it takes names of StringFields and "
                f"HashableFields"
            )
    if not _preloaders(model, names):
        raise ImplementationError(
            f"{model.__name__}.collection has nothing to preload: the database has no cache "
            f"(limpyd-cache has some, which are given to it as `middleware`)"
        )


def places(model: type[RedisModel], names: tuple[str, ...]) -> tuple[Value, ...]:
    """What `scripts/collect.lua` takes: where the values are."""
    found: list[Value] = [len(names)]
    for name in names:
        suffix = model._fields[name].suffix
        found += (suffix, name if suffix == HASH else "")
    return tuple(found)


def preloading(model: type[RedisModel], names: tuple[str, ...]) -> Callable[[Any], list[str]]:
    """The decoder of pks that are followed by their values. Made just before they are read."""
    return partial(_decode, len(names) + 1, _preloaders(model, names))


def _decode(width: int, preloaders: list[Preloader], reply: Any) -> list[str]:
    starts = range(0, len(reply), width)
    return [LoadedPK.of(reply[at], reply[at + 1 : at + width], preloaders) for at in starts]


def _preloaders(model: type[RedisModel], names: tuple[str, ...]) -> list[Preloader]:
    offered = (each.preload(model, names) for each in model.database._middleware)
    return [preloader for preloader in offered if preloader is not None]
