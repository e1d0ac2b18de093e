"""Entries of a hash that Redis takes away by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from limpyd.decoders import integers, optional_texts
from limpyd.fields.base import Field
from limpyd.fields.expiry import getex_options
from limpyd.fields.steps import members
from limpyd.keys import Value
from limpyd.values import (
    Expiry,
    ExpiryTime,
    expiry_options,
    flat_entries,
    one_of,
    options,
    some,
    unix_milliseconds,
    unix_seconds,
)
from limpyd.values import milliseconds as _milliseconds
from limpyd.values import seconds as _seconds
from redis.commands.core import HashDataPersistOptions

__all__ = ["HashExpiryCommands", "condition", "setex_options"]

SetCondition = Literal["FNX", "FXX"] | HashDataPersistOptions


def condition(command: str, nx: bool, xx: bool, gt: bool, lt: bool) -> list[str]:
    """The option that says when an expiry is set, of which one may be given."""
    chosen = options(nx=nx, xx=xx, gt=gt, lt=lt)
    if len(chosen) > 1:
        raise TypeError(f"{command}: only one of nx, xx, gt and lt can be given")
    return chosen


class HashExpiryCommands(Field):
    """The part of `HashField` that lets entries expire. Refused on an indexed field.

    `hexpire` and the like return a number per entry: 1 if it will expire then, 0 if the condition kept it as
    it was, 2 if it was deleted since the time is over, -2 if there is no such entry. `hpersist` returns 1 if
    it will not expire any more, -1 if it would not have. The times are -1 for never, -2 for no such entry.
    """

    # -- when entries expire

    def hexpire(
        self,
        seconds: Expiry,
        *fields: Any,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> list[int]:
        """Let entries expire in so many seconds. Returns a number per entry, see above.

        `nx`: only those that would not expire yet, `xx`: that would, `gt`, `lt`: only if the new time is
        later or earlier than the present one.

        `HEXPIRE`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        chosen = condition("hexpire", nx, xx, gt, lt)
        return self._expire_entries("HEXPIRE", _seconds(seconds, "seconds"), fields, chosen)

    def hpexpire(
        self,
        milliseconds: Expiry,
        *fields: Any,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> list[int]:
        """Like `hexpire`, in milliseconds.

        `HPEXPIRE`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        chosen = condition("hpexpire", nx, xx, gt, lt)
        return self._expire_entries("HPEXPIRE", _milliseconds(milliseconds, "milliseconds"), fields, chosen)

    def hexpireat(
        self,
        unix_time_seconds: ExpiryTime,
        *fields: Any,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> list[int]:
        """Like `hexpire`, at a Unix time in seconds.

        `HEXPIREAT`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        time = unix_seconds(unix_time_seconds, "unix_time_seconds")
        return self._expire_entries("HEXPIREAT", time, fields, condition("hexpireat", nx, xx, gt, lt))

    def hpexpireat(
        self,
        unix_time_milliseconds: ExpiryTime,
        *fields: Any,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> list[int]:
        """Like `hexpire`, at a Unix time in milliseconds.

        `HPEXPIREAT`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        time = unix_milliseconds(unix_time_milliseconds, "unix_time_milliseconds")
        return self._expire_entries("HPEXPIREAT", time, fields, condition("hpexpireat", nx, xx, gt, lt))

    def hpersist(self, *fields: Any) -> list[int]:
        """Let entries not expire any more. Returns a number per entry, see above.

        `HPERSIST`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        return self._write(integers, "HPERSIST", *self._fields_of("hpersist", fields))

    def httl(self, *fields: Any) -> list[int]:
        """In how many seconds each entry expires; -1 if never, -2 if there is none.

        `HTTL`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        return self._read(integers, "HTTL", *self._fields_of("httl", fields))

    def hpttl(self, *fields: Any) -> list[int]:
        """In how many milliseconds each entry expires; -1 if never, -2 if there is none.

        `HPTTL`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        return self._read(integers, "HPTTL", *self._fields_of("hpttl", fields))

    def hexpiretime(self, *fields: Any) -> list[int]:
        """The Unix time in seconds when each entry expires; -1 if never, -2 if there is none.

        `HEXPIRETIME`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        return self._read(integers, "HEXPIRETIME", *self._fields_of("hexpiretime", fields))

    def hpexpiretime(self, *fields: Any) -> list[int]:
        """The Unix time in milliseconds when each entry expires; -1 if never, -2 if there is none.

        `HPEXPIRETIME`, Redis 7.4, Valkey 9.0, O(N) with their number.
        """
        return self._read(integers, "HPEXPIRETIME", *self._fields_of("hpexpiretime", fields))

    def _fields_of(self, command: str, fields: tuple[Any, ...]) -> list[Value]:
        some(fields, f"{command}: an entry")
        return ["FIELDS", len(fields), *(self.to_redis(field) for field in fields)]

    def _expire_entries(
        self, name: str, time: int, fields: tuple[Any, ...], condition: list[str]
    ) -> list[int]:
        arguments = self._fields_of(name.lower(), fields)
        self._refuse_expiry(name.lower())
        return self._write(integers, name, time, *condition, *arguments)

    # -- reading and setting entries together with their time

    def hgetex(
        self,
        *keys: Any,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        persist: bool = False,
    ) -> list[str | None]:
        """The values of entries, and when they are to expire, which is refused on an indexed field.

        `ex`, `px`: in so many seconds or milliseconds; `exat`, `pxat`: at this Unix time in seconds or
        milliseconds; `persist`: never. Without one of them that stays as it is.

        `HGETEX`, Redis 8.0, Valkey 9.0, O(N) with their number.
        """
        names = self._fields_of("hgetex", keys)
        times = getex_options(self, "hgetex", ex, px, exat, pxat, persist)
        return self._write(optional_texts, "HGETEX", *times, *names)

    def hsetex(
        self,
        key: Any = None,
        value: Any = None,
        mapping: Mapping[Any, Any] | None = None,
        items: Sequence[Any] | None = None,
        ex: Expiry | None = None,
        px: Expiry | None = None,
        exat: ExpiryTime | None = None,
        pxat: ExpiryTime | None = None,
        data_persist_option: SetCondition | None = None,
        keepttl: bool = False,
    ) -> int:
        """Set entries as `hset` does, and when they are to expire, which is refused on an indexed field.

        - `ex`, `px`: in so many seconds or milliseconds; `exat`, `pxat`: at this Unix time in seconds or
          milliseconds; `keepttl`: when they would have before. Without one of them, never.
        - `data_persist_option`: `FNX` to set all only if none of the entries exists, `FXX` only if all do.

        Returns 1 if they were set, else 0.

        `HSETEX`, Redis 8.0, Valkey 9.0, O(N) with their number.
        """
        flat = [self.to_redis(part) for part in flat_entries("hsetex", key, value, mapping, items)]
        head = setex_options(self, "hsetex", ex, px, exat, pxat, data_persist_option, keepttl)
        touch = members(len(head) + 3, 2)
        return self._write(int, "HSETEX", *head, "FIELDS", len(flat) // 2, *flat, touch=touch)


def setex_options(
    field: Field,
    command: str,
    ex: Expiry | None,
    px: Expiry | None,
    exat: ExpiryTime | None,
    pxat: ExpiryTime | None,
    data_persist_option: SetCondition | None,
    keepttl: bool,
) -> tuple[Value, ...]:
    """The condition and the time of a command that sets entries; refused as in `getex_options`."""
    times = expiry_options(ex, px, exat, pxat)
    if times and options(keepttl=keepttl):
        raise TypeError(f"{command}: give a time or keepttl, not both")
    if times:
        field._refuse_expiry(f"{command} with a time")
    chosen = data_persist_option
    word = chosen.value if isinstance(chosen, HashDataPersistOptions) else chosen
    condition = () if word is None else (one_of(word, ("FNX", "FXX"), "data_persist_option"),)
    return (*condition, *times, *options(keepttl=keepttl))
