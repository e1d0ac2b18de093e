"""The kinds of index: which keys a field's index has, and how a filter finds its set of pks.

An index has two halves of one name: a class here, which makes keys for filters, and its part of
`scripts/lib/index.lua`, which adds and removes pks as values change.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from limpyd import keys
from limpyd.keys import Key, Value

__all__ = ["EqualIndex", "Index"]


class Index(ABC):
    """What a script has to know of one index of one field."""

    kind: ClassVar[str]
    """The name of the other half in Lua."""
    unique_kind: ClassVar[str]
    """The same, where no two objects may have one term."""

    def __init__(self, model: str, field: str, *, unique: bool) -> None:
        self.base = keys.index_base(model, field)
        kind = self.unique_kind if unique else self.kind
        self.program: tuple[Value, ...] = (kind, self.base)
        """The arguments that tell a script of this index, and with a term behind them, of one entry."""

    @abstractmethod
    def key(self, *terms: str | bytes) -> Key:
        """The key of the set of pks that have the term (of a hash: the entry and its value)."""


class EqualIndex(Index):
    """A set of pks per value: `model:field:value`."""

    kind = "equal"
    unique_kind = "unique"

    def key(self, *terms: str | bytes) -> Key:
        """The key `model:field:value`, or `model:field:entry:value`."""
        return keys.join(self.base, *terms)
