"""A string: text, a number, or bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from limpyd.decoders import is_done, is_done_or_none, optional_text, text
from limpyd.fields.bits import BitCommands
from limpyd.fields.key import KeyField
from limpyd.fields.steps import VALUE, VALUE_AS_REPLY
from limpyd.keys import Value
from limpyd.values import Expiry, ExpiryTime, expiry_options, integer, milliseconds, number, seconds

__all__ = ["StringField"]


class StringField(BitCommands, KeyField):
    """One value under its own key, with Redis's commands for strings and bitmaps."""

    kind = "string"

    # -- reading

    def get(self) -> str | None:
        """The value, or None if there is none.

        `GET`, Redis 1.0, O(1).
        """
        return self._read(optional_text, "GET")

    def getrange(self, start: int, end: int) -> str:
        """The part of the value from byte `start` to byte `end`, both included; negative from the end.

        `GETRANGE`, Redis 2.4, O(N) with its length.
        """
        return self._read(text, "GETRANGE", integer(start, "start"), integer(end, "end"))

    def substr(self, start: int, end: int = -1) -> str:
        """The old name of `getrange`.

        `SUBSTR`, Redis 1.0, O(N) with its length.
        """
        return self._read(text, "SUBSTR", integer(start, "start"), integer(end, "end"))

    def strlen(self) -> int:
        """The length of the value in bytes, 0 if there is none.

        `STRLEN`, Redis 2.2, O(1).
        """
        return self._read(int, "STRLEN")

    def digest(self) -> str | None:
        """A hash of the value in hexadecimal, for `set(ifdeq=...)`; None if there is no value.

        `DIGEST`, Redis 8.4, O(N) with its length.
        """
        return self._read(optional_text, "DIGEST")

    # -- writing

    def set(
        self,
        value: Any,
        *,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        ifeq: Any = None,
        ifne: Any = None,
        ifdeq: str | None = None,
        ifdne: str | None = None,
    ) -> bool | str | None:
        """Set the value. Returns True, or None if a condition kept it from being set.

        - `ex`, `px`: let it expire in so many seconds or milliseconds; `exat`, `pxat`: at this Unix time in
          seconds or milliseconds (6.2); `keepttl`: when it would have before (6.0). Without one of them,
          never. Refused on an indexed field.
        - `nx`: only if there is no value; `xx`: only if there is one.
        - `ifeq`, `ifne`: only if the value is, or is not, this one; `ifdeq`, `ifdne`: the same by `digest`
          (Redis 8.4; `ifeq` also Valkey 8.1).
        - `get`: return the old value instead, or None if there was none (6.2; together with `nx` 7.0).

        `SET`, Redis 1.0, O(1).
        """
        expiry = expiry_options(ex, px, exat, pxat)
        if expiry:
            self._refuse_expiry(f"set({expiry[0]!s}=...)".lower())
        if nx and xx:
            raise TypeError("set: give nx or xx, not both")
        flags = {"NX": nx, "XX": xx, "KEEPTTL": keepttl, "GET": get}
        options: list[Value] = [*expiry, *(flag for flag, on in flags.items() if on)]
        conditions = {"IFEQ": ifeq, "IFNE": ifne, "IFDEQ": ifdeq, "IFDNE": ifdne}
        for name, condition in conditions.items():
            if condition is not None:
                options += [name, self.to_redis(condition)]
        decode: Callable[[Any], bool | str | None] = optional_text if get else is_done_or_none
        return self._write(decode, "SET", self.to_redis(value), *options, touch=VALUE)

    def setex(self, time: Expiry, value: Any) -> bool:
        """Set the value, to expire in `time` seconds. Returns True. Refused on an indexed field.

        `SETEX`, Redis 2.0, O(1).
        """
        self._refuse_expiry("setex")
        return self._write(is_done, "SETEX", seconds(time, "time"), self.to_redis(value))

    def psetex(self, time_ms: Expiry, value: Any) -> bool:
        """Set the value, to expire in `time_ms` milliseconds. Returns True. Refused on an indexed field.

        `PSETEX`, Redis 2.6, O(1).
        """
        self._refuse_expiry("psetex")
        return self._write(is_done, "PSETEX", milliseconds(time_ms, "time_ms"), self.to_redis(value))

    def setnx(self, value: Any) -> bool:
        """Set the value if there is none. Returns whether it was set.

        `SETNX`, Redis 1.0, O(1).
        """
        return self._write(bool, "SETNX", self.to_redis(value), touch=VALUE)

    def getset(self, value: Any) -> str | None:
        """Set the value. Returns the old one, or None if there was none.

        `GETSET`, Redis 1.0, O(1).
        """
        return self._write(optional_text, "GETSET", self.to_redis(value), touch=VALUE)

    def getdel(self) -> str | None:
        """Delete the value. Returns what it was, or None if there was none.

        `GETDEL`, Redis 6.2, O(1).
        """
        return self._write(optional_text, "GETDEL", touch=VALUE)

    def getex(
        self,
        *,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        persist: bool = False,
    ) -> str | None:
        """The value, and when it is to expire: as for `set`, or `persist` for never.

        A time is refused on an indexed field.

        `GETEX`, Redis 6.2, O(1).
        """
        options = expiry_options(ex, px, exat, pxat)
        if options and persist:
            raise TypeError("getex: give a time or persist, not both")
        if options:
            self._refuse_expiry("getex with a time")
        elif persist:
            options = ("PERSIST",)
        return self._write(optional_text, "GETEX", *options)

    def append(self, value: Any) -> int:
        """Add to the end of the value. Returns the new length in bytes.

        `APPEND`, Redis 2.0, O(1).
        """
        return self._write(int, "APPEND", self.to_redis(value), touch=VALUE)

    def setrange(self, offset: int, value: Any) -> int:
        """Overwrite the value from byte `offset` on, zero bytes in any gap. Returns the new length in bytes.

        `SETRANGE`, Redis 2.2, O(N) with the length of `value`.
        """
        offset = integer(offset, "offset")
        return self._write(int, "SETRANGE", offset, self.to_redis(value), touch=VALUE)

    def incr(self, amount: int = 1) -> int:
        """Add to the value, which is 0 if there is none. Returns the new one.

        `INCRBY`, Redis 1.0, O(1).
        """
        return self._write(int, "INCRBY", integer(amount, "amount"), touch=VALUE_AS_REPLY)

    def incrby(self, amount: int = 1) -> int:
        """The same as `incr`.

        `INCRBY`, Redis 1.0, O(1).
        """
        return self.incr(amount)

    def decr(self, amount: int = 1) -> int:
        """Subtract from the value, which is 0 if there is none. Returns the new one.

        `DECRBY`, Redis 1.0, O(1).
        """
        return self._write(int, "DECRBY", integer(amount, "amount"), touch=VALUE_AS_REPLY)

    def decrby(self, amount: int = 1) -> int:
        """The same as `decr`.

        `DECRBY`, Redis 1.0, O(1).
        """
        return self.decr(amount)

    def incrbyfloat(self, amount: float = 1.0) -> float:
        """Add to the value, which is 0 if there is none. Returns the new one.

        `INCRBYFLOAT`, Redis 2.6, O(1).
        """
        return self._write(float, "INCRBYFLOAT", number(amount, "amount"), touch=VALUE)
