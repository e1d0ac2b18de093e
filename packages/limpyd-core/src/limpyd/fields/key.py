"""Fields whose value has a Redis key of its own, and the commands that work on any such key."""

from __future__ import annotations

from typing import Any, Literal, cast

from limpyd.decoders import as_bytes, is_done, optional_int, text
from limpyd.fields.expiry import ExpiryCommands
from limpyd.fields.steps import ALL, WHOLE
from limpyd.values import Expiry, integer, milliseconds, one_of, options

__all__ = ["KeyField"]


class KeyField(ExpiryCommands):
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
        if not isinstance(value, bytes):
            raise TypeError(f"value must be the bytes that dump gave, not {type(value).__name__}")
        arguments: list[str | int] = [*options(replace=replace, absttl=absttl)]
        if idletime is not None:
            arguments += ["IDLETIME", integer(idletime, "idletime")]
        if frequency is not None:
            arguments += ["FREQ", integer(frequency, "frequency")]
        return self._write(is_done, "RESTORE", time, value, *arguments, touch=WHOLE)

    def object(self, infotype: Literal["encoding", "freq", "idletime", "refcount"]) -> str | int | None:
        """What Redis knows of how it stores the value; None if there is none.

        `encoding` is a str, `freq` (its use, logarithmic), `idletime` (seconds) and `refcount` are ints.

        `OBJECT`, Redis 2.2.3 (`freq` 4.0), O(1).
        """
        word = one_of(infotype, ("ENCODING", "FREQ", "IDLETIME", "REFCOUNT"), "infotype")
        return self._read(_text_or_int, f"OBJECT {word}")

    def memory_usage(self, samples: int | None = None) -> int | None:
        """How many bytes of memory the key and its value take; None if there is no value.

        `samples`: how many members to measure (5; 0 for all).

        `MEMORY USAGE`, Redis 4.0, O(N) with the samples.
        """
        arguments = () if samples is None else ("SAMPLES", integer(samples, "samples"))
        return self._read(optional_int, "MEMORY USAGE", *arguments)


def _text_or_int(reply: Any) -> str | int | None:
    return cast("str | int | None", reply)
