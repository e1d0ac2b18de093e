"""Fields whose value has a Redis key of its own, and the commands that work on any such key."""

from __future__ import annotations

from typing import Any, Literal, cast

from limpyd.decoders import as_bytes, is_done, optional_int, text
from limpyd.fields.base import Field
from limpyd.fields.steps import ALL, WHOLE
from limpyd.values import (
    Expiry,
    ExpiryTime,
    integer,
    milliseconds,
    seconds,
    unix_milliseconds,
    unix_seconds,
)

__all__ = ["KeyField"]


class KeyField(Field):
    """A value under its own key `model:pk:field`, with the commands that Redis has for keys of any type.

    The ones that would let an indexed value vanish by time are refused there, by `ImplementationError`.
    """

    # -- existence

    def exists(self) -> bool:
        """Whether there is a value.

        `EXISTS`, Redis 1.0, O(1).
        """
        return self._read(bool, "EXISTS")

    def delete(self) -> int:
        """Delete the value, and its index entries. Returns 1, or 0 if there was none.

        `DEL`, Redis 1.0, O(N) with the members of the value.
        """
        return self._write(int, "DEL", touch=ALL)

    def unlink(self) -> int:
        """Like `delete`, but Redis frees the memory in the background.

        `UNLINK`, Redis 4.0, O(1), with an index O(N).
        """
        return self._write(int, "UNLINK", touch=ALL)

    def touch(self) -> int:
        """Mark the value as just used, for Redis's eviction. Returns 1, or 0 if there is none.

        `TOUCH`, Redis 3.2.1, O(1).
        """
        return self._write(int, "TOUCH")

    def type(self) -> str:
        """The Redis type of the value (`string`, `list`, `set`, `zset`, `hash`), or `none`.

        `TYPE`, Redis 1.0, O(1).
        """
        return self._read(text, "TYPE")

    # -- expiry

    def expire(
        self,
        time: Expiry,
        *,
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
        *,
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
        *,
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
        *,
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
        flags = {"NX": nx, "XX": xx, "GT": gt, "LT": lt}
        return self._write(bool, name, time, *(flag for flag, on in flags.items() if on))

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

    # -- the value as Redis stores it

    def dump(self) -> bytes | None:
        """The value in Redis's own serialization, for `restore`; None if there is none.

        `DUMP`, Redis 2.6, O(N) with its size.
        """
        return self._read(as_bytes, "DUMP", binary=True)

    def restore(
        self,
        ttl: Expiry,
        value: bytes,
        *,
        replace: bool = False,
        absttl: bool = False,
        idletime: int | None = None,
        frequency: int | None = None,
    ) -> bool:
        """Set the value to what `dump` gave, to expire in `ttl` milliseconds (0: never).

        `replace`: also if there is a value. `absttl`: `ttl` is a Unix time in milliseconds. `idletime` and
        `frequency`: how Redis's eviction shall rate the value. Returns True.

        `RESTORE`, Redis 2.6, O(N) with its size.
        """
        time = milliseconds(ttl, "ttl")
        if time:
            self._refuse_expiry("restore with a ttl")
        options: list[str | int] = []
        if replace:
            options.append("REPLACE")
        if absttl:
            options.append("ABSTTL")
        if idletime is not None:
            options += ["IDLETIME", integer(idletime, "idletime")]
        if frequency is not None:
            options += ["FREQ", integer(frequency, "frequency")]
        return self._write(is_done, "RESTORE", time, value, *options, touch=WHOLE)

    def object(self, infotype: Literal["encoding", "freq", "idletime", "refcount"]) -> str | int | None:
        """What Redis knows of how it stores the value; None if there is none.

        `encoding` is a str, `freq` (its use, logarithmic), `idletime` (seconds) and `refcount` are ints.

        `OBJECT`, Redis 2.2.3 (`freq` 4.0), O(1).
        """
        names = ("encoding", "freq", "idletime", "refcount")
        if infotype.lower() not in names:
            raise TypeError(f"infotype must be one of {', '.join(names)}, not {infotype!r}")
        return self._read(_text_or_int, f"OBJECT {infotype.upper()}")

    def memory_usage(self, samples: int | None = None) -> int | None:
        """How many bytes of memory the key and its value take; None if there is no value.

        `samples`: how many members to measure (5; 0 for all).

        `MEMORY USAGE`, Redis 4.0, O(N) with the samples.
        """
        options = () if samples is None else ("SAMPLES", integer(samples, "samples"))
        return self._read(optional_int, "MEMORY USAGE", *options)


def _text_or_int(reply: Any) -> str | int | None:
    return cast("str | int | None", reply)
