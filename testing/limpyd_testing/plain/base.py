"""What all plain values have in common, and Redis's arithmetic."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from redis.exceptions import ResponseError

__all__ = ["PlainValue", "UndefinedError", "added", "added_float", "encoded"]

_LARGEST = 2**63 - 1


class UndefinedError(Exception):
    """What the call would do is not defined, or not the same on all servers."""


class PlainValue:
    """A value of any type."""

    value: Any

    def __init__(self, value: Any = None) -> None:
        self.value = type(self).empty() if value is None else value

    @staticmethod
    def empty() -> Any:
        """The value that is none."""
        return None

    @property
    def stored(self) -> Any:
        """The value as it is read from Redis, or None."""
        return self.value or None

    @property
    def terms(self) -> set[str]:
        """What an index has of the value."""
        return set(self.value)

    def delete(self) -> int:
        """Whether there was a value, which is gone now."""
        was = self.stored is not None
        self.value = type(self).empty()
        return int(was)

    def unlink(self) -> int:
        """The same as `delete`."""
        return self.delete()

    def touch(self) -> int:
        """Whether there is a value."""
        return int(self.stored is not None)

    def persist(self) -> bool:
        """Whether the value would have expired."""
        return False

    def take(self, other: PlainValue, replace: bool) -> bool:
        """Become a copy of `other`, as `restore` does with what `dump` gave."""
        if self.stored is not None and not replace:
            raise ResponseError("BUSYKEY Target key name already exists.")
        self.value = other.value if isinstance(other.value, str) else other.value.copy()
        return True


def encoded(text: str) -> bytes:
    """The bytes of a text in Redis."""
    return text.encode("utf-8", "surrogateescape")


def added(text: str | None, amount: int) -> int:
    """The sum, as the commands for integers have it."""
    if text is not None and not (re.fullmatch("0|-?[1-9][0-9]*", text) and abs(int(text)) <= _LARGEST):
        raise ResponseError("value is not an integer or out of range")
    number = int(text or 0) + amount
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise ResponseError("increment or decrement would overflow")
    return number


def added_float(text: str | None, amount: float) -> str:
    """The sum, as the commands for floats write it."""
    if text is not None and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        if text == "" or not re.fullmatch("[0-9a-z]+", text):
            raise UndefinedError
        raise ResponseError("value is not a valid float")
    number = Decimal(text or 0) + Decimal(amount)
    if abs(number) > 2**53:
        raise UndefinedError
    return f"{number.normalize():f}" if number else "0"
