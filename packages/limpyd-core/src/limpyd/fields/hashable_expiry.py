"""A hashable field that Redis takes away by time: the commands of `hash_expiry` for its one entry."""

from __future__ import annotations

from typing import Any

from limpyd.decoders import first_integer, first_text
from limpyd.fields.base import Field
from limpyd.fields.expiry import getex_options
from limpyd.fields.hash_expiry import SetCondition, condition, setex_options
from limpyd.fields.steps import VALUE
from limpyd.values import (
    Expiry,
    ExpiryTime,
    unix_milliseconds,
    unix_seconds,
)
from limpyd.values import milliseconds as _milliseconds
from limpyd.values import seconds as _seconds

__all__ = ["HashableExpiryCommands"]


class HashableExpiryCommands(Field):
    """The part of `HashableField` that lets the value expire. Refused on an indexed field.

    `hexpire` and the like return 1 if the value will expire then, 0 if the condition kept it as it was, 2 if
    it was deleted since the time is over, -2 if there is none.
    """

    # -- when the value expires

    def hexpire(
        self,
        seconds: Expiry,
        *,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> int:
        """Let the value expire in so many seconds. Returns a number, see above.

        `nx`: only if it would not expire yet, `xx`: only if it would, `gt`, `lt`: only if the new time is
        later or earlier than the present one.

        `HEXPIRE`, Redis 7.4, Valkey 9.0, O(1).
        """
        chosen = condition("hexpire", nx, xx, gt, lt)
        return self._expire("HEXPIRE", _seconds(seconds, "seconds"), chosen)

    def hpexpire(
        self,
        milliseconds: Expiry,
        *,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> int:
        """Like `hexpire`, in milliseconds.

        `HPEXPIRE`, Redis 7.4, Valkey 9.0, O(1).
        """
        chosen = condition("hpexpire", nx, xx, gt, lt)
        return self._expire("HPEXPIRE", _milliseconds(milliseconds, "milliseconds"), chosen)

    def hexpireat(
        self,
        unix_time_seconds: ExpiryTime,
        *,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> int:
        """Like `hexpire`, at a Unix time in seconds.

        `HEXPIREAT`, Redis 7.4, Valkey 9.0, O(1).
        """
        time = unix_seconds(unix_time_seconds, "unix_time_seconds")
        return self._expire("HEXPIREAT", time, condition("hexpireat", nx, xx, gt, lt))

    def hpexpireat(
        self,
        unix_time_milliseconds: ExpiryTime,
        *,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> int:
        """Like `hexpire`, at a Unix time in milliseconds.

        `HPEXPIREAT`, Redis 7.4, Valkey 9.0, O(1).
        """
        time = unix_milliseconds(unix_time_milliseconds, "unix_time_milliseconds")
        return self._expire("HPEXPIREAT", time, condition("hpexpireat", nx, xx, gt, lt))

    def _expire(self, name: str, time: int, condition: list[str]) -> int:
        self._refuse_expiry(name.lower())
        return self._write(first_integer, name, time, *condition, "FIELDS", 1, self.name)

    def hpersist(self) -> int:
        """Let the value not expire any more. Returns 1, or -1 if it would not have, or -2 if there is none.

        `HPERSIST`, Redis 7.4, Valkey 9.0, O(1).
        """
        return self._write(first_integer, "HPERSIST", "FIELDS", 1, self.name)

    def httl(self) -> int:
        """In how many seconds the value expires; -1 if never, -2 if there is none.

        `HTTL`, Redis 7.4, Valkey 9.0, O(1).
        """
        return self._read(first_integer, "HTTL", "FIELDS", 1, self.name)

    def hpttl(self) -> int:
        """In how many milliseconds the value expires; -1 if never, -2 if there is none.

        `HPTTL`, Redis 7.4, Valkey 9.0, O(1).
        """
        return self._read(first_integer, "HPTTL", "FIELDS", 1, self.name)

    def hexpiretime(self) -> int:
        """The Unix time in seconds when the value expires; -1 if never, -2 if there is none.

        `HEXPIRETIME`, Redis 7.4, Valkey 9.0, O(1).
        """
        return self._read(first_integer, "HEXPIRETIME", "FIELDS", 1, self.name)

    def hpexpiretime(self) -> int:
        """The Unix time in milliseconds when the value expires; -1 if never, -2 if there is none.

        `HPEXPIRETIME`, Redis 7.4, Valkey 9.0, O(1).
        """
        return self._read(first_integer, "HPEXPIRETIME", "FIELDS", 1, self.name)

    # -- reading and setting the value together with its time

    def hgetdel(self) -> str | None:
        """Delete the value. Returns what it was, or None if there was none.

        `HGETDEL`, Redis 8.0, Valkey 9.1, O(1).
        """
        return self._write(first_text, "HGETDEL", "FIELDS", 1, self.name, touch=VALUE)

    def hgetex(
        self,
        *,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        persist: bool = False,
    ) -> str | None:
        """The value, and when it is to expire, which is refused on an indexed field.

        `ex`, `px`: in so many seconds or milliseconds; `exat`, `pxat`: at this Unix time in seconds or
        milliseconds; `persist`: never. Without one of them that stays as it is.

        `HGETEX`, Redis 8.0, Valkey 9.0, O(1).
        """
        times = getex_options(self, "hgetex", ex, px, exat, pxat, persist)
        return self._write(first_text, "HGETEX", *times, "FIELDS", 1, self.name)

    def hsetex(
        self,
        value: Any,
        *,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        data_persist_option: SetCondition | None = None,
        keepttl: bool = False,
    ) -> int:
        """Set the value, and when it is to expire, which is refused on an indexed field.

        - `ex`, `px`: in so many seconds or milliseconds; `exat`, `pxat`: at this Unix time in seconds or
          milliseconds; `keepttl`: when it would have before. Without one of them, never.
        - `data_persist_option`: `FNX` to set it only if there is none, `FXX` only if there is one.

        Returns 1 if it was set, else 0.

        `HSETEX`, Redis 8.0, Valkey 9.0, O(1).
        """
        text = self.to_redis(value)
        head = setex_options(self, "hsetex", ex, px, exat, pxat, data_persist_option, keepttl)
        return self._write(int, "HSETEX", *head, "FIELDS", 1, self.name, text, touch=VALUE)
