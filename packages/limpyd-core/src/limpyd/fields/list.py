"""A list: values in order, each as often as it was pushed."""

from __future__ import annotations

from typing import Any, Literal, overload

from limpyd import keys
from limpyd.decoders import integers, is_done, optional_int, optional_list, optional_text, popped_from, texts
from limpyd.fields.key import KeyField
from limpyd.fields.sort import SortCommands
from limpyd.fields.steps import PUSH, Touch
from limpyd.keys import Value
from limpyd.values import integer, members_of, one_of, some

__all__ = ["ListField"]


class ListField(SortCommands, KeyField):
    """Values under the field's own key, in order, with Redis's commands for lists.

    Indexed, an object is found by each of its values; `unique` means that no two objects share one, while
    one object may have it many times. A new object takes any iterable: `Example(log=["first"])`.

    An indexed list of more than 1,000 values has a hash beside it, `model:pk:field:__repeats`, in which
    limpyd counts the values that occur more than once.
    """

    kind = "list"
    setter = "rpush"

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The list, and the counts beside it."""
        return (self.suffix, keys.repeats_suffix(self.suffix))

    filler = "RPUSH"

    def filling(self, value: Any) -> list[Value]:
        """The values."""
        return [self.to_redis(item) for item in members_of(value, str(self))]

    # -- reading

    def lrange(self, start: int, end: int) -> list[str]:
        """The values from number `start` to number `end`, both included; negative from the end.

        `LRANGE`, Redis 1.0, O(S + N): S to skip, N to give.
        """
        return self._read(texts, "LRANGE", integer(start, "start"), integer(end, "end"))

    def lindex(self, index: int) -> str | None:
        """The value at `index`, negative from the end; None behind the ends.

        `LINDEX`, Redis 1.0, O(N) with the way to it.
        """
        return self._read(optional_text, "LINDEX", integer(index, "index"))

    def llen(self) -> int:
        """How many values there are.

        `LLEN`, Redis 1.0, O(1).
        """
        return self._read(int, "LLEN")

    @overload
    def lpos(
        self, value: Any, rank: int | None = None, count: None = None, maxlen: int | None = None
    ) -> int | None: ...
    @overload
    def lpos(
        self, value: Any, rank: int | None = None, *, count: int, maxlen: int | None = None
    ) -> list[int]: ...
    def lpos(
        self,
        value: Any,
        rank: int | None = None,
        count: int | None = None,
        maxlen: int | None = None,
    ) -> int | list[int] | None:
        """The index of the first occurrence of a value, or None.

        - `rank`: of the second (2), the third…; negative from the end.
        - `count`: of so many occurrences, as a list; 0 for all.
        - `maxlen`: look at so many values at most.

        `LPOS`, Redis 6.0.6, O(N).
        """
        arguments: list[Value] = [self.to_redis(value)]
        for name, option in {"rank": rank, "count": count, "maxlen": maxlen}.items():
            if option is not None:
                arguments += [name.upper(), integer(option, name)]
        if count is None:
            return self._read(optional_int, "LPOS", *arguments)
        return self._read(integers, "LPOS", *arguments)

    # -- adding

    def lpush(self, *values: Any) -> int:
        """Add values to the start, one after the other: the last one is the first then. Returns the length.

        `LPUSH`, Redis 1.0, O(N) with their number.
        """
        return self._push("LPUSH", values)

    def rpush(self, *values: Any) -> int:
        """Add values to the end. Returns the length.

        `RPUSH`, Redis 1.0, O(N) with their number.
        """
        return self._push("RPUSH", values)

    def lpushx(self, *values: Any) -> int:
        """Like `lpush`, if there are values already. Returns the length.

        `LPUSHX`, Redis 2.2, O(N) with their number.
        """
        return self._push("LPUSHX", values)

    def rpushx(self, *values: Any) -> int:
        """Like `rpush`, if there are values already. Returns the length.

        `RPUSHX`, Redis 2.2, O(N) with their number.
        """
        return self._push("RPUSHX", values)

    def _push(self, name: str, values: tuple[Any, ...]) -> int:
        some(values, f"{name.lower()}: a value")
        return self._write(int, name, *(self.to_redis(value) for value in values), touch=PUSH)

    def linsert(self, where: Literal["BEFORE", "AFTER"], refvalue: Any, value: Any) -> int:
        """Put a value before or after the first occurrence of `refvalue`.

        Returns the length, or -1 if there is no such value, or 0 if there is no list.

        `LINSERT`, Redis 2.2, O(N) with the way to it.
        """
        where_word = one_of(where, ("BEFORE", "AFTER"), "where")
        arguments = (where_word, self.to_redis(refvalue), self.to_redis(value))
        return self._write(int, "LINSERT", *arguments, touch=Touch("insert"))

    def lset(self, index: int, value: Any) -> bool:
        """Replace the value at `index`. Returns True.

        Raises Redis's `ResponseError` if there is none.

        `LSET`, Redis 1.0, O(N) with the way to it.
        """
        index = integer(index, "index")
        return self._write(is_done, "LSET", index, self.to_redis(value), touch=Touch("set"))

    # -- removing

    @overload
    def lpop(self) -> str | None: ...
    @overload
    def lpop(self, count: int) -> list[str] | None: ...
    @overload
    def lpop(self, count: int | None) -> str | list[str] | None: ...
    def lpop(self, count: int | None = None) -> str | list[str] | None:
        """Remove the first value. Returns it, or None of an empty list.

        `count`: remove so many at most, and return them as a list.

        `LPOP`, Redis 1.0 (`count` 6.2), O(N) with the count.
        """
        return self._pop("LPOP", "LEFT", count)

    @overload
    def rpop(self) -> str | None: ...
    @overload
    def rpop(self, count: int) -> list[str] | None: ...
    @overload
    def rpop(self, count: int | None) -> str | list[str] | None: ...
    def rpop(self, count: int | None = None) -> str | list[str] | None:
        """Remove the last value. Returns it, or None of an empty list.

        `count`: remove so many at most, and return them as a list, the last one first.

        `RPOP`, Redis 1.0 (`count` 6.2), O(N) with the count.
        """
        return self._pop("RPOP", "RIGHT", count)

    def _pop(self, name: str, side: str, count: int | None) -> str | list[str] | None:
        if count is None:
            return self._write(optional_text, name, touch=Touch("pop", side, 1))
        number = integer(count, "count")
        return self._write(optional_list, name, number, touch=Touch("pop", side, number))

    def lmpop(self, direction: Literal["LEFT", "RIGHT"], count: int = 1) -> list[str] | None:
        """Remove so many values at most from one side. Returns them, or None of an empty list.

        `LMPOP`, Redis 7.0, O(N) with the count.
        """
        side = one_of(direction, ("LEFT", "RIGHT"), "direction")
        number = integer(count, "count")
        touch = Touch("pop", side, number)
        return self._write(popped_from(texts), "LMPOP 1", side, "COUNT", number, touch=touch)

    def lrem(self, count: int, value: Any) -> int:
        """Remove a value `count` times, from the start; from the end if negative; always if 0.

        Returns how often it was removed.

        `LREM`, Redis 1.0, O(N).
        """
        count = integer(count, "count")
        return self._write(int, "LREM", count, self.to_redis(value), touch=Touch("rem"))

    def ltrim(self, start: int, end: int) -> bool:
        """Remove all values but those from number `start` to number `end`. Returns True.

        `LTRIM`, Redis 1.0, O(N) with the values removed.
        """
        start = integer(start, "start")
        return self._write(is_done, "LTRIM", start, integer(end, "end"), touch=Touch("trim"))
