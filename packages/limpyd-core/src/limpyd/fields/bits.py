"""Redis's commands for the bits of a string."""

from __future__ import annotations

from typing import Literal

from limpyd.fields.base import Field
from limpyd.fields.steps import VALUE
from limpyd.values import integer

__all__ = ["BitCommands"]

Unit = Literal["BYTE", "BIT"]


class BitCommands(Field):
    """The part of `StringField` that sees the value as an array of bits, the first being number 0."""

    def getbit(self, offset: int) -> int:
        """The bit at `offset`, 0 behind the end.

        `GETBIT`, Redis 2.2, O(1).
        """
        return self._read(int, "GETBIT", integer(offset, "offset"))

    def setbit(self, offset: int, value: int) -> int:
        """Set the bit at `offset` to 0 or 1. Returns what it was.

        `SETBIT`, Redis 2.2, O(1).
        """
        offset = integer(offset, "offset")
        return self._write(int, "SETBIT", offset, integer(value, "value"), touch=VALUE)

    def bitcount(self, start: int | None = None, end: int | None = None, mode: Unit | None = None) -> int:
        """How many bits are 1, in the whole value or from `start` to `end`, both included.

        `mode`: whether these count `BYTE`s (the default) or `BIT`s (Redis 7.0).

        `BITCOUNT`, Redis 2.6, O(N) with the length.
        """
        if (start is None) != (end is None):
            raise TypeError("bitcount: give both start and end, or neither")
        return self._read(int, "BITCOUNT", *_range(start, end, mode))

    def bitpos(
        self,
        bit: int,
        start: int | None = None,
        end: int | None = None,
        mode: Unit | None = None,
    ) -> int:
        """The offset of the first bit that is `bit` (0 or 1), or -1 if there is none.

        `start`, `end` and `mode` are as for `bitcount`; the offset counts from the start of the value.

        `BITPOS`, Redis 2.8.7, O(N) with the length.
        """
        if start is None and end is not None:
            raise TypeError("bitpos: end needs a start")
        return self._read(int, "BITPOS", integer(bit, "bit"), *_range(start, end, mode))


def _range(start: int | None, end: int | None, mode: Unit | None) -> tuple[int | str, ...]:
    if start is None:
        if mode is not None:
            raise TypeError("mode needs start and end")
        return ()
    if end is None:
        return (integer(start, "start"),)
    unit = () if mode is None else (mode,)
    return (integer(start, "start"), integer(end, "end"), *unit)
