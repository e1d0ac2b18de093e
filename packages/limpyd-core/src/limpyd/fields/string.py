"""A string: text, a number, or bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from limpyd.decoders import integers, is_done, is_done_or_none, optional_text, text
from limpyd.fields.bits import BitCommands
from limpyd.fields.expiry import getex_options
from limpyd.fields.key import KeyField
from limpyd.fields.steps import FIRST_AS_REPLY, GIVEN_VALUE, VALUE, VALUE_AS_REPLY
from limpyd.keys import Value
from limpyd.values import (
    Expiry,
    ExpiryTime,
    expiry_options,
    integer,
    milliseconds,
    number,
    options,
    seconds,
)

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
        if (  # the usual call, in half the time
            None is ex is px is exat is pxat is ifeq is ifne is ifdeq is ifdne
            and False is nx is xx is keepttl is get
        ):
            return self._write(is_done_or_none, "SET", self.to_redis(value), touch=GIVEN_VALUE)
        expiry = expiry_options(ex, px, exat, pxat)
        if expiry and options(keepttl=keepttl):
            raise TypeError("set: give a time or keepttl, not both")
        if expiry:
            self._refuse_expiry(f"set({expiry[0]!s}=...)".lower())
        flags = options(nx=nx, xx=xx)
        conditions = self._conditions("set", ifeq, ifne, ifdeq, ifdne)
        if len(flags) + len(conditions) // 2 > 1:
            raise TypeError("set: only one of nx, xx, ifeq, ifne, ifdeq and ifdne can be given")
        arguments = [*expiry, *flags, *options(keepttl=keepttl, get=get), *conditions]
        decode: Callable[[Any], bool | str | None] = optional_text if get else is_done_or_none
        return self._write(decode, "SET", self.to_redis(value), *arguments, touch=VALUE)

    def _conditions(self, command: str, ifeq: Any, ifne: Any, ifdeq: Any, ifdne: Any) -> list[Value]:
        """The condition on the present value, of which one may be given."""
        conditions: list[Value] = []
        for name, value in {"IFEQ": ifeq, "IFNE": ifne, "IFDEQ": ifdeq, "IFDNE": ifdne}.items():
            if value is not None:
                conditions += [name, self.to_redis(value)]
        if len(conditions) > 2:
            raise TypeError(f"{command}: only one of ifeq, ifne, ifdeq and ifdne can be given")
        return conditions

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
        return self._write(optional_text, "GETSET", self.to_redis(value), touch=GIVEN_VALUE)

    def getdel(self) -> str | None:
        """Delete the value. Returns what it was, or None if there was none.

        `GETDEL`, Redis 6.2, O(1).
        """
        return self._write(optional_text, "GETDEL", touch=VALUE)

    def delex(
        self,
        ifeq: Any = None,
        ifne: Any = None,
        ifdeq: str | None = None,
        ifdne: str | None = None,
    ) -> int:
        """Delete the value, if it is (`ifeq`) or is not (`ifne`) this one; `ifdeq`, `ifdne`: by its `digest`.

        Returns 1 if it was deleted, else 0.

        `DELEX`, Redis 8.4, O(1), by digest O(N) with the length.
        """
        conditions = self._conditions("delex", ifeq, ifne, ifdeq, ifdne)
        return self._write(int, "DELEX", *conditions, touch=VALUE)

    def getex(
        self,
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
        times = getex_options(self, "getex", ex, px, exat, pxat, persist)
        return self._write(optional_text, "GETEX", *times)

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

    @overload
    def increx(
        self,
        *,
        byfloat: None = None,
        byint: int | None = None,
        lbound: int | None = None,
        ubound: int | None = None,
        saturate: bool = False,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        persist: bool = False,
        enx: bool = False,
    ) -> list[int]: ...
    @overload
    def increx(
        self,
        *,
        byfloat: float,
        byint: None = None,
        lbound: float | None = None,
        ubound: float | None = None,
        saturate: bool = False,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        persist: bool = False,
        enx: bool = False,
    ) -> list[float]: ...
    def increx(
        self,
        *,
        byfloat: float | None = None,
        byint: int | None = None,
        lbound: float | None = None,
        ubound: float | None = None,
        saturate: bool = False,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        persist: bool = False,
        enx: bool = False,
    ) -> list[int] | list[float]:
        """Add to the value (1, or `byint`, or `byfloat`), within bounds. Returns it, and what was added.

        - `lbound`, `ubound`: what the value may be at least and at most; beyond, it stays as it is, or goes
          to the bound where `saturate`.
        - `ex`, `px`, `exat`, `pxat`: let it expire, as for `set`; with `enx` only if it would not yet.
          Refused on an indexed field. `persist`: let it not expire any more.

        `INCREX`, Redis 8.8, O(1).
        """
        if byfloat is not None and byint is not None:
            raise TypeError("increx: give byfloat or byint, not both")
        times = getex_options(self, "increx", ex, px, exat, pxat, persist)
        if options(enx=enx) and len(times) < 2:
            raise TypeError("increx: enx needs a time")
        arguments: list[Value] = []
        if byfloat is not None:
            arguments += ["BYFLOAT", number(byfloat, "byfloat")]
        elif byint is not None:
            arguments += ["BYINT", integer(byint, "byint")]
        for name, bound in {"LBOUND": lbound, "UBOUND": ubound}.items():
            if bound is not None:
                arguments += [name, number(bound, name.lower())]
        arguments += [*options(saturate=saturate), *times, *options(enx=enx)]
        decode: Callable[[Any], list[Any]] = integers if byfloat is None else _floats
        return self._write(decode, "INCREX", *arguments, touch=FIRST_AS_REPLY)


def _floats(reply: Any) -> list[float]:
    return [float(item) for item in reply]
