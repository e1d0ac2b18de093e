"""A set: values without an order, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, overload

from limpyd.decoders import flags, optional_text, text_set, texts
from limpyd.fields.key import KeyField
from limpyd.fields.scan import ScanCommands
from limpyd.fields.sort import SortCommands
from limpyd.fields.steps import members, replied
from limpyd.keys import Value
from limpyd.values import integer, listed, members_of, some

__all__ = ["SetField"]


class SetField(ScanCommands, SortCommands, KeyField):
    """Values under the field's own key, without an order, with Redis's commands for sets.

    Indexed, an object is found by each of its members; `unique` means that no two objects share one. A new
    object takes any iterable: `Example(tags={"a", "b"})`.
    """

    kind = "set"
    setter = "sadd"

    filler = "SADD"

    def filling(self, value: Any) -> list[Value]:
        """The members."""
        return [self.to_redis(member) for member in members_of(value, str(self))]

    # -- reading

    def smembers(self) -> set[str]:
        """All members.

        `SMEMBERS`, Redis 1.0, O(N).
        """
        return self._read(text_set, "SMEMBERS")

    def sismember(self, value: Any) -> bool:
        """Whether the value is a member.

        `SISMEMBER`, Redis 1.0, O(1).
        """
        return self._read(bool, "SISMEMBER", self.to_redis(value))

    def smismember(self, values: Any, *args: Any) -> list[bool]:
        """Whether each value is a member; values are given as a list, one by one, or both.

        `SMISMEMBER`, Redis 6.2, O(N) with their number.
        """
        wanted = [self.to_redis(value) for value in listed(values, args)]
        some(wanted, "smismember: a value")
        return self._read(flags, "SMISMEMBER", *wanted)

    def scard(self) -> int:
        """How many members there are.

        `SCARD`, Redis 1.0, O(1).
        """
        return self._read(int, "SCARD")

    @overload
    def srandmember(self) -> str | None: ...
    @overload
    def srandmember(self, number: int) -> list[str]: ...
    @overload
    def srandmember(self, number: int | None) -> str | list[str] | None: ...
    def srandmember(self, number: int | None = None) -> str | list[str] | None:
        """A random member, or None of an empty set.

        `number`: so many different ones, as a list; a negative number may give one more than once.

        `SRANDMEMBER`, Redis 1.0 (`number` 2.6), O(N) with the number.
        """
        if number is None:
            return self._read(optional_text, "SRANDMEMBER")
        return self._read(texts, "SRANDMEMBER", integer(number, "number"))

    def sscan(self, match: str | bytes | None = None, count: int | None = None) -> Iterator[str]:
        """Iterate over all members, of which one may come twice if the set changes meanwhile.

        `match`: only those that match a glob pattern. `count`: about how many Redis looks at in one request.

        `SSCAN`, Redis 2.8, O(1) a batch, O(N) in all; one request a batch.
        """
        return self._scan(texts, "SSCAN", match, count)

    def sscan_iter(self, match: str | bytes | None = None, count: int | None = None) -> Iterator[str]:
        """The same as `sscan`, by redis-py's name.

        `SSCAN`, Redis 2.8, O(1) a batch, O(N) in all; one request a batch.
        """
        return self.sscan(match, count)

    # -- writing

    def sadd(self, *values: Any) -> int:
        """Add members. Returns how many are new.

        `SADD`, Redis 1.0, O(N) with their number.
        """
        some(values, "sadd: a value")
        added = [self.to_redis(value) for value in values]
        return self._write(int, "SADD", *added, touch=members(combine="sum"))

    def srem(self, *values: Any) -> int:
        """Remove members. Returns how many there were.

        `SREM`, Redis 1.0, O(N) with their number.
        """
        some(values, "srem: a value")
        removed = [self.to_redis(value) for value in values]
        return self._write(int, "SREM", *removed, touch=members(combine="sum"))

    @overload
    def spop(self) -> str | None: ...
    @overload
    def spop(self, count: int) -> list[str]: ...
    @overload
    def spop(self, count: int | None) -> str | list[str] | None: ...
    def spop(self, count: int | None = None) -> str | list[str] | None:
        """Remove a random member. Returns it, or None of an empty set.

        `count`: remove so many at most, and return them as a list.

        `SPOP`, Redis 1.0 (`count` 3.2), O(N) with the count.
        """
        if count is None:
            return self._write(optional_text, "SPOP", touch=replied())
        return self._write(texts, "SPOP", integer(count, "count"), touch=replied())
