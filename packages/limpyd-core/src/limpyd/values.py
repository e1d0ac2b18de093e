"""Python values as Redis stores them, and arguments that are no values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from redis.exceptions import DataError

__all__ = [
    "Expiry",
    "ExpiryTime",
    "expiry_options",
    "integer",
    "milliseconds",
    "number",
    "seconds",
    "to_redis",
    "unix_milliseconds",
    "unix_seconds",
]

Expiry = int | timedelta
"""How long from now: a number in the command's unit, or a timedelta."""
ExpiryTime = int | datetime
"""A point in time: a Unix time in the command's unit, or a datetime."""


def to_redis(value: Any) -> str | bytes:
    """The text or the bytes that Redis stores for a value; numbers are stored as Python writes them.

    Raises redis-py's `DataError` for everything else, None and bool among it.
    """
    if isinstance(value, (str, bytes)):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value)
    if isinstance(value, memoryview):
        return value.tobytes()
    raise DataError(
        f"Invalid input of type: {type(value).__name__!r}. Convert to a bytes, string, int or float first."
    )


def integer(value: Any, name: str) -> int:
    """The value, if it is an int; `TypeError` that names the argument if not."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"{name} must be an int, not {type(value).__name__}")


def number(value: Any, name: str) -> int | float:
    """The value, if it is an int or a float; `TypeError` that names the argument if not."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise TypeError(f"{name} must be an int or a float, not {type(value).__name__}")


def seconds(value: Expiry, name: str) -> int:
    """A duration in whole seconds."""
    return int(value.total_seconds()) if isinstance(value, timedelta) else integer(value, name)


def milliseconds(value: Expiry, name: str) -> int:
    """A duration in milliseconds."""
    if isinstance(value, timedelta):
        return value // timedelta(milliseconds=1)
    return integer(value, name)


def unix_seconds(value: ExpiryTime, name: str) -> int:
    """A point in time as a Unix time in seconds."""
    return int(value.timestamp()) if isinstance(value, datetime) else integer(value, name)


def unix_milliseconds(value: ExpiryTime, name: str) -> int:
    """A point in time as a Unix time in milliseconds."""
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else integer(value, name)


def expiry_options(
    ex: Expiry | None,
    px: Expiry | None,
    exat: ExpiryTime | None,
    pxat: ExpiryTime | None,
) -> tuple[str | int, ...]:
    """The options `EX`, `PX`, `EXAT` and `PXAT` that many commands share, of which one may be given."""
    options: list[tuple[str, int]] = []
    if ex is not None:
        options.append(("EX", seconds(ex, "ex")))
    if px is not None:
        options.append(("PX", milliseconds(px, "px")))
    if exat is not None:
        options.append(("EXAT", unix_seconds(exat, "exat")))
    if pxat is not None:
        options.append(("PXAT", unix_milliseconds(pxat, "pxat")))
    if len(options) > 1:
        raise TypeError("only one of ex, px, exat and pxat can be given")
    return options[0] if options else ()
