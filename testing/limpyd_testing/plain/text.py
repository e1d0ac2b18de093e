"""Values that are one text: a string, and an entry of an object's hash."""

from __future__ import annotations

from typing import Any

from limpyd_testing.plain.base import PlainValue, added, added_float, encoded

__all__ = ["PlainHashable", "PlainString"]


class _Text(PlainValue):
    """One text or None."""

    @property
    def stored(self) -> str | None:
        """The text."""
        return None if self.value is None else str(self.value)

    @property
    def terms(self) -> set[str]:
        """The text, if there is one."""
        return set() if self.value is None else {self.value}

    def _set_if(self, allowed: bool, value: str) -> bool:
        if allowed:
            self.value = value
        return allowed

    def _take(self) -> str | None:
        old, self.value = self.stored, None
        return old


class PlainString(_Text):
    """A string; the parts that know bytes encode it."""

    def set(
        self,
        value: str,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        ifeq: str | None = None,
    ) -> Any:
        """The old value where `get`, else whether it was set."""
        old = self.stored
        is_allowed = not (nx and old is not None) and not (xx and old is None)
        done = self._set_if(is_allowed and (ifeq is None or old == ifeq), value)
        return old if get else done or None

    def setnx(self, value: str) -> bool:
        """Whether it was set."""
        return self._set_if(self.value is None, value)

    def getset(self, value: str) -> str | None:
        """The old value."""
        old, self.value = self.stored, value
        return old

    def getdel(self) -> str | None:
        """The old value."""
        return self._take()

    def getex(self, persist: bool) -> str | None:
        """The value."""
        return self.stored

    def delex(self, ifeq: str) -> int:
        """Whether it was deleted."""
        return self.delete() if self.value == ifeq else 0

    def append(self, value: str) -> int:
        """The new length."""
        self.value = (self.value or "") + value
        return len(encoded(self.value))

    def setrange(self, offset: int, value: str) -> int:
        """The new length."""
        data, new = self._data, encoded(value)
        if new:
            data.extend(bytes(max(offset - len(data), 0)))
            data[offset : offset + len(new)] = new
            self._data = data
        return len(data)

    def setbit(self, offset: int, value: int) -> int:
        """The old bit."""
        data, mask = self._grown_to(offset // 8), 0x80 >> offset % 8
        old = int(bool(data[offset // 8] & mask))
        data[offset // 8] = data[offset // 8] & ~mask | mask * value
        self._data = data
        return old

    def bitfield(self, overflow: str) -> _PlainBitField:
        """Collects what to do."""
        return _PlainBitField(self, overflow)

    def incr(self, amount: int = 1) -> int:
        """The new value."""
        number = added(self.value, amount)
        self.value = str(number)
        return number

    def incrby(self, amount: int) -> int:
        """The new value."""
        return self.incr(amount)

    def decr(self, amount: int = 1) -> int:
        """The new value."""
        return self.incr(-amount)

    def decrby(self, amount: int) -> int:
        """The new value."""
        return self.incr(-amount)

    def incrbyfloat(self, amount: float) -> float:
        """The new value."""
        self.value = added_float(self.value, amount)
        return float(self.value)

    def increx(self, byint: int) -> list[int]:
        """The new value, and what was added."""
        return [self.incr(byint), byint]

    @property
    def _data(self) -> bytearray:
        return bytearray(encoded(self.value or ""))

    @_data.setter
    def _data(self, data: bytearray) -> None:
        self.value = data.decode("utf-8", "surrogateescape")

    def _grown_to(self, last: int) -> bytearray:
        data = self._data
        data.extend(bytes(max(last + 1 - len(data), 0)))
        return data


class _PlainBitField:
    """Operations on `u8`s, which start at `#` and their number."""

    def __init__(self, string: PlainString, overflow: str) -> None:
        self._string = string
        self._overflow = overflow
        self._operations: list[tuple[int, int, bool]] = []

    def set(self, fmt: str, offset: str, value: int) -> _PlainBitField:
        """Set one."""
        self._operations.append((int(offset[1:]), value, False))
        return self

    def incrby(self, fmt: str, offset: str, increment: int) -> _PlainBitField:
        """Add to one."""
        self._operations.append((int(offset[1:]), increment, True))
        return self

    def execute(self) -> list[int | None]:
        """The old values of those set, the new ones of those added to."""
        data = self._string._grown_to(max(operation[0] for operation in self._operations))
        replies: list[int | None] = []
        for place, value, is_added in self._operations:
            old = data[place]
            new = old + value if is_added else value
            if not 0 <= new <= 255 and self._overflow == "FAIL":
                replies.append(None)
                continue
            data[place] = new % 256 if self._overflow == "WRAP" else min(max(new, 0), 255)
            replies.append(data[place] if is_added else old)
        self._string._data = data
        return replies


class PlainHashable(_Text):
    """An entry of the object's hash."""

    def hset(self, value: str) -> int:
        """Whether there was none."""
        is_new, self.value = self.value is None, value
        return int(is_new)

    def hsetnx(self, value: str) -> bool:
        """Whether it was set."""
        return self._set_if(self.value is None, value)

    def hsetex(self, value: str, data_persist_option: str | None = None) -> int:
        """Whether it was set."""
        needed = {None: True, "FNX": self.value is None, "FXX": self.value is not None}
        return int(self._set_if(needed[data_persist_option], value))

    def hincrby(self, amount: int) -> int:
        """The new value."""
        number = added(self.value, amount)
        self.value = str(number)
        return number

    def hincrbyfloat(self, amount: float) -> float:
        """The new value."""
        self.value = added_float(self.value, amount)
        return float(self.value)

    def hdel(self) -> int:
        """Whether there was one."""
        return self.delete()

    def hgetdel(self) -> str | None:
        """The old value."""
        return self._take()

    def hgetex(self, persist: bool) -> str | None:
        """The value."""
        return self.stored

    def hpersist(self) -> int:
        """Whether there is a value, none of which expires."""
        return -2 if self.value is None else -1
