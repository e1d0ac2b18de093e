"""Redis's BITFIELD: a string as an array of integers, on which one command does several operations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, Self

from limpyd.keys import Value
from limpyd.values import integer, one_of

__all__ = ["BitField", "Operation", "Overflow", "bitfield_format", "bitfield_offset", "is_wide"]

Overflow = Literal["WRAP", "SAT", "FAIL"]
Operation = tuple[Value, ...]

_OVERFLOWS = ("WRAP", "SAT", "FAIL")


def bitfield_format(value: Any, name: str) -> str:
    """The type of an integer, such as `u8` or `i16`; `TypeError` for what is none."""
    if not isinstance(value, str) or not re.fullmatch("[iu][0-9]{1,2}", value):
        raise TypeError(f"{name} must be i or u and a number of bits, such as 'u8', not {value!r}")
    return value


def bitfield_offset(value: Any, name: str) -> int | str:
    """A number of bits, or `#` and a number of integers; `TypeError` for what is neither."""
    if isinstance(value, str) and re.fullmatch("#?[0-9]+", value):
        return value
    return integer(value, name)


def is_wide(operation: Operation) -> bool:
    """Whether the integer that an operation answers may be too large for Lua, whose numbers end at 2**53."""
    if operation[0] == "OVERFLOW":
        return False
    kind = str(operation[1])
    return int(kind[1:]) > (54 if kind[0] == "i" else 53)


class BitField:
    """Operations on integers in a string, which `execute` sends as one command.

    ```python
    old, new = page.hits.bitfield().set("u8", "#0", 7).incrby("u8", "#1", 1).execute()
    ```

    `fmt` is the type of an integer: `u8` is unsigned with 8 bits, `i16` signed with 16; up to `u63`, `i64`.
    On an indexed field, operations that write take up to `u53` and `i54`. `offset` is where it starts: a
    number of bits, or `#2` for two such integers.
    """

    def __init__(self, run: Callable[[list[Operation]], list[int | None]], overflow: Overflow | None) -> None:
        self._run = run
        self._default = overflow
        self.reset()

    def reset(self) -> None:
        """Forget all operations."""
        self._operations: list[Operation] = []
        self._overflow = "WRAP"
        if self._default is not None:
            self.overflow(self._default)

    def overflow(self, overflow: Overflow) -> Self:
        """What the following `set` and `incrby` do beyond the range of their type.

        `WRAP`: start at its other end (as without this); `SAT`: stay at its end; `FAIL`: change nothing, and
        answer None.
        """
        word = one_of(overflow, _OVERFLOWS, "overflow")
        if word != self._overflow:
            self._overflow = word
            self._operations.append(("OVERFLOW", word))
        return self

    def get(self, fmt: str, offset: int | str) -> Self:
        """Answer the integer at `offset`."""
        self._operations.append(("GET", bitfield_format(fmt, "fmt"), bitfield_offset(offset, "offset")))
        return self

    def set(self, fmt: str, offset: int | str, value: int) -> Self:
        """Set the integer at `offset`; answer what it was."""
        place = (bitfield_format(fmt, "fmt"), bitfield_offset(offset, "offset"))
        self._operations.append(("SET", *place, integer(value, "value")))
        return self

    def incrby(self, fmt: str, offset: int | str, increment: int, overflow: Overflow | None = None) -> Self:
        """Add to the integer at `offset`; answer what it is then. `overflow`: as by a call of that before."""
        place = (bitfield_format(fmt, "fmt"), bitfield_offset(offset, "offset"))
        amount = integer(increment, "increment")
        if overflow is not None:
            self.overflow(overflow)
        self._operations.append(("INCRBY", *place, amount))
        return self

    def execute(self) -> list[int | None]:
        """Send the operations as one command, and forget them. Returns the answer of each, in order.

        Raises `ImplementationError`, and sends nothing, for integers too wide for an indexed field.

        `BITFIELD`, Redis 3.2, O(1) for each operation.
        """
        operations = self._operations
        self.reset()
        return self._run(operations)
