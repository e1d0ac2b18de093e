"""Redis's commands for the bits of a string."""

from __future__ import annotations

from typing import Literal

from limpyd.decoders import optional_integers
from limpyd.exceptions import ImplementationError
from limpyd.fields.base import Field
from limpyd.fields.bitfield import BitField, Operation, Overflow, bitfield_format, bitfield_offset, is_wide
from limpyd.fields.steps import NOTHING, VALUE
from limpyd.keys import Value
from limpyd.values import integer, one_of

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

    def bitfield(self, default_overflow: Overflow | None = None) -> BitField:
        """The value as an array of integers: collects operations on them, which its `execute` sends.

        `default_overflow`: what operations do beyond the range of their type, see `BitField.overflow`.

        `BITFIELD`, Redis 3.2, O(1) for each operation.
        """
        return BitField(self._run_bitfield, default_overflow)

    def _run_bitfield(self, operations: list[Operation]) -> list[int | None]:
        if not operations:
            raise TypeError("bitfield: an operation is missing; call get, set or incrby first")
        writes = any(operation[0] in ("SET", "INCRBY") for operation in operations)
        scripted = self.bound_to._pk is None or (writes and self.indexes)
        if scripted and any(is_wide(operation) for operation in operations):
            raise ImplementationError(
                f"{self}: bitfield takes integers of up to 53 bits (u53, i54) where a script runs it, on an "
                f"indexed field or as the first command of an object; use narrower ones, or make the field "
                f"not indexable and create the object before"
            )
        arguments = (argument for operation in operations for argument in operation)
        return self._write(optional_integers, "BITFIELD", *arguments, touch=VALUE if writes else NOTHING)

    def bitfield_ro(
        self,
        encoding: str,
        offset: int | str,
        items: list[tuple[str, int | str]] | None = None,
    ) -> list[int | None]:
        """The integer of the type `encoding` at `offset`, see `BitField`; `items`: more such pairs.

        `BITFIELD_RO`, Redis 6.0, O(1) for each.
        """
        arguments: list[Value] = []
        for kind, place in [(encoding, offset), *(items or [])]:
            arguments += ["GET", bitfield_format(kind, "encoding"), bitfield_offset(place, "offset")]
        return self._read(optional_integers, "BITFIELD_RO", *arguments)


def _range(start: int | None, end: int | None, mode: Unit | None) -> tuple[int | str, ...]:
    if start is None:
        if mode is not None:
            raise TypeError("mode needs start and end")
        return ()
    if end is None:
        return (integer(start, "start"),)
    unit = () if mode is None else (one_of(mode, ("BYTE", "BIT"), "mode"),)
    return (integer(start, "start"), integer(end, "end"), *unit)
