"""What scripts are told of new objects: see `scripts/lib/create.lua`, the other half of this.

A `Layout` is made once for each set of names that objects are created with: it finds the fields, and refuses
what can't be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from limpyd import keys
from limpyd.exceptions import ImplementationError
from limpyd.fields import AutoPKField, Field, PKField
from limpyd.fields.base import NO_DEFAULT
from limpyd.keys import Key, Value

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["Layout", "layout_of"]

_KEPT = 100
"""How many layouts a model keeps at most."""


class Layout:
    """The fields of new objects that are given values for `names`.

    Raises `ImplementationError` for a name that the model does not have, and for a pk that can't be given.
    """

    def __init__(self, model: type[RedisModel], names: tuple[str, ...]) -> None:
        self._model = model
        self._pk_name: str | None = None
        self._given: list[tuple[str, Field]] = []
        for name in names:
            field = model.get_field(name)
            if isinstance(field, PKField):
                self._take_pk(name, field)
            else:
                self._given.append((name, field))
        given = {field.name for _, field in self._given}
        self._defaults = [
            field
            for name, field in model._fields.items()
            if field.default is not NO_DEFAULT and name not in given
        ]
        self.keys: tuple[Key, ...] = (
            keys.collection_key(model._key),
            keys.max_pk_key(model._key),
        )
        """The keys that a creation needs besides those of the object."""
        self.writes = tuple(model._fields)
        """The names of all fields of the model."""

    def _take_pk(self, name: str, field: PKField) -> None:
        if isinstance(field, AutoPKField):
            raise ImplementationError(
                f"{field} is counted by Redis and takes no value; give the model a PKField"
            )
        if self._pk_name is not None:
            raise ImplementationError(f"{self._model.__name__}: two values for the pk ({field.name})")
        self._pk_name = name

    def pk(self, values: Mapping[str, Any]) -> str | None:
        """The pk that is given among the values, or None for one that Redis counts."""
        if self._pk_name is not None:
            return self._model.pk.normalize(values[self._pk_name])
        if not isinstance(self._model.pk, AutoPKField):
            name = self._model.__name__
            raise ImplementationError(f"{name} needs a pk: {name}({self._model.pk.name}=..., ...)")
        return None

    def row(self, pk: str | None, values: Mapping[str, Any]) -> list[Value]:
        """What the script is told of one object: its pk, and what it gets."""
        hash_: list[Value] = []
        fills: list[Value] = []
        entries: list[Value] = []
        for name, field in self._given:
            _add(field, values[name], hash_, fills, entries)
        for field in self._defaults:
            _add(field, field.default_value(), hash_, fills, entries)
        given = "" if pk is None else f"={pk}"
        return [given, len(hash_), *hash_, len(fills), *fills, len(entries), *entries]


def _add(field: Field, value: Any, hash_: list[Value], fills: list[Value], entries: list[Value]) -> None:
    """Add what an object gets of a field to the three lists that `scripts/lib/create.lua` takes."""
    filling = field.filling(value)
    if field.kind == "hashable":
        hash_ += (field.name, *filling)
    elif filling:
        fills += (field.filler, field.name, len(filling), *filling)
    for index in field.indexes:
        for term in field.terms(filling):
            entries += index.program
            entries.append(term)


def layout_of(model: type[RedisModel], names: tuple[str, ...]) -> Layout:
    """The layout for these names, which is made when it is first needed."""
    layouts = model._layouts
    layout = layouts.get(names)
    if layout is None:
        layout = Layout(model, names)
        if len(layouts) < _KEPT:
            layouts[names] = layout
    return layout
