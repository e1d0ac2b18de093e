"""Values that Redis takes away by time: Redis's commands for when."""

from __future__ import annotations

from limpyd.fields.base import Field
from limpyd.keys import Value
from limpyd.values import (
    Expiry,
    ExpiryTime,
    expiry_options,
    milliseconds,
    options,
    seconds,
    unix_milliseconds,
    unix_seconds,
)

__all__ = ["ExpiryCommands", "getex_options"]


class ExpiryCommands(Field):
    """The part of the fields with a key of their own that lets values expire. Refused on an indexed field."""

    def expire(
        self,
        time: Expiry,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """Let the value expire in `time` seconds. Returns whether that was set.

        `nx`: only if it would not expire yet, `xx`: only if it would, `gt`, `lt`: only if the new time is
        later or earlier than the present one (Redis 7.0).

        `EXPIRE`, Redis 1.0, O(1).
        """
        return self._expire("EXPIRE", seconds(time, "time"), nx, xx, gt, lt)

    def pexpire(
        self,
        time: Expiry,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """Like `expire`, in milliseconds.

        `PEXPIRE`, Redis 2.6, O(1).
        """
        return self._expire("PEXPIRE", milliseconds(time, "time"), nx, xx, gt, lt)

    def expireat(
        self,
        when: ExpiryTime,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """Like `expire`, at the Unix time `when` in seconds.

        `EXPIREAT`, Redis 1.2, O(1).
        """
        return self._expire("EXPIREAT", unix_seconds(when, "when"), nx, xx, gt, lt)

    def pexpireat(
        self,
        when: ExpiryTime,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """Like `expire`, at the Unix time `when` in milliseconds.

        `PEXPIREAT`, Redis 2.6, O(1).
        """
        return self._expire("PEXPIREAT", unix_milliseconds(when, "when"), nx, xx, gt, lt)

    def _expire(self, name: str, time: int, nx: bool, xx: bool, gt: bool, lt: bool) -> bool:
        self._refuse_expiry(name.lower())
        return self._write(bool, name, time, *options(nx=nx, xx=xx, gt=gt, lt=lt))

    def persist(self) -> bool:
        """Let the value not expire any more. Returns whether it would have.

        `PERSIST`, Redis 2.2, O(1).
        """
        return self._write(bool, "PERSIST")

    def ttl(self) -> int:
        """In how many seconds the value expires; -1 if never, -2 if there is none.

        `TTL`, Redis 1.0, O(1).
        """
        return self._read(int, "TTL")

    def pttl(self) -> int:
        """In how many milliseconds the value expires; -1 if never, -2 if there is none.

        `PTTL`, Redis 2.6, O(1).
        """
        return self._read(int, "PTTL")

    def expiretime(self) -> int:
        """The Unix time in seconds when the value expires; -1 if never, -2 if there is none.

        `EXPIRETIME`, Redis 7.0, O(1).
        """
        return self._read(int, "EXPIRETIME")

    def pexpiretime(self) -> int:
        """The Unix time in milliseconds when the value expires; -1 if never, -2 if there is none.

        `PEXPIRETIME`, Redis 7.0, O(1).
        """
        return self._read(int, "PEXPIRETIME")


def getex_options(
    field: Field,
    command: str,
    ex: Expiry | None,
    px: Expiry | None,
    exat: ExpiryTime | None,
    pxat: ExpiryTime | None,
    persist: bool,
) -> tuple[Value, ...]:
    """The time of a command that reads; `ImplementationError` if there is one and the field is indexed."""
    times = expiry_options(ex, px, exat, pxat)
    if times and options(persist=persist):
        raise TypeError(f"{command}: give a time or persist, not both")
    if times:
        field._refuse_expiry(f"{command} with a time")
    return times or tuple(options(persist=persist))
