"""Python values as Redis stores them, and arguments that are no values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from redis.exceptions import DataError

__all__ = [
    "Bound",
    "Expiry",
    "ExpiryTime",
    "as_text",
    "entries_of",
    "expiry_options",
    "flat_entries",
    "integer",
    "lex_bound",
    "listed",
    "members_of",
    "milliseconds",
    "number",
    "one_of",
    "options",
    "score",
    "score_bound",
    "seconds",
    "some",
    "to_redis",
    "unix_milliseconds",
    "unix_seconds",
]

Expiry = int | timedelta
"""How long from now: a number in the command's unit, or a timedelta."""
ExpiryTime = int | datetime
"""A point in time: a Unix time in the command's unit, or a datetime."""
Bound = int | float | str | bytes
"""The end of a range of scores: a number, a number's text after `(` to exclude it, `-inf` or `+inf`."""

_BITS = 1024
"""How many an argument may have at most; Redis itself takes 64."""


def to_redis(value: Any) -> str | bytes:
    """The text or the bytes that Redis stores for a value; numbers are stored as Python writes them.

    Raises redis-py's `DataError` for everything else, None and bool among it, and for a number of more digits
    than Python makes a text of.
    """
    if isinstance(value, (str, bytes)):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return int.__repr__(value)
        except ValueError as error:
            raise DataError(f"Invalid input: {error}") from error
    if isinstance(value, float):
        return float.__repr__(value)
    if isinstance(value, memoryview):
        return value.tobytes()
    raise DataError(
        f"Invalid input of type: {type(value).__name__!r}. Convert to a bytes, string, int or float first."
    )


def as_text(value: str | bytes) -> str:
    """The text of what Redis gets; bytes that are no text are there as surrogate escapes."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def _limited(value: int) -> int:
    """Exactly an int, of few enough digits: hiredis crashes on those of which Python makes no text."""
    if value.bit_length() > _BITS:
        raise DataError(f"Invalid input: an int of more than {_BITS} bits, where Redis takes 64")
    return int(value)


def integer(value: Any, name: str) -> int:
    """The value, if it is an int; `TypeError` that names the argument if not."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _limited(value)
    raise TypeError(f"{name} must be an int, not {type(value).__name__}")


def number(value: Any, name: str) -> int | float:
    """The value, if it is an int or a float; `TypeError` that names the argument if not."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _limited(value)
    raise TypeError(f"{name} must be an int or a float, not {type(value).__name__}")


def score(value: Any, name: str) -> int | float | str | bytes:
    """A score, if the value is a number or a number's text; redis-py's `DataError` for None."""
    if value is None or isinstance(value, (str, bytes)):
        return to_redis(value)
    return number(value, name)


def score_bound(value: Bound, name: str) -> int | float | str | bytes:
    """The end of a range of scores; `TypeError` that names the argument for what can be none."""
    return value if isinstance(value, (str, bytes)) else number(value, name)


def lex_bound(value: str | bytes, name: str) -> str | bytes:
    """The end of a range of members: `[a` with a, `(a` without it, `-` and `+` for the first and last."""
    if isinstance(value, (str, bytes)):
        return value
    raise TypeError(f"{name} must be a str or bytes that starts with [ or (, or be - or +")


def one_of(value: Any, choices: tuple[str, ...], name: str) -> str:
    """The value in capitals, if it is one of some words; `TypeError` that names them if not."""
    if isinstance(value, str) and value.upper() in choices:
        return value.upper()
    raise TypeError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def options(**choices: Any) -> list[str]:
    """The names of the options that are on, in capitals; `TypeError` for what is no bool."""
    for name, value in choices.items():
        if not isinstance(value, bool):
            raise TypeError(f"{name} is an option, True or False; it can't be {value!r}")
    return [name.upper() for name, value in choices.items() if value]


def some(values: tuple[Any, ...] | list[Any], what: str) -> None:
    """`TypeError` if there are no values; `what` says of which command what is missing."""
    if not values:
        raise TypeError(f"{what} is missing; give at least one")


def listed(first: Any, rest: tuple[Any, ...]) -> list[Any]:
    """The items of calls that take a list, items one by one, or both, as redis-py does."""
    if isinstance(first, Iterable) and not isinstance(first, (str, bytes, memoryview)):
        return [*first, *rest]
    return [first, *rest]


def members_of(value: Any, name: str) -> Iterable[Any]:
    """The members that a new set or list gets: any iterable of values, but no text, which is one too."""
    if value is None:
        to_redis(value)
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} takes an iterable of values, not {type(value).__name__}")
    return value


def entries_of(value: Any, name: str) -> Mapping[Any, Any]:
    """What a new hash or sorted set gets: a mapping."""
    if value is None:
        to_redis(value)
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} takes a mapping, not {type(value).__name__}")
    return value


def flat_entries(
    command: str,
    key: Any = None,
    value: Any = None,
    mapping: Mapping[Any, Any] | None = None,
    items: Iterable[Any] | None = None,
) -> list[Any]:
    """Entries and values, one after the other, of all the ways in which redis-py takes them."""
    flat = [] if items is None else list(items)
    if len(flat) % 2:
        raise TypeError(f"{command}: items must hold a value for each entry")
    if key is not None:
        flat += [key, value]
    elif value is not None:
        raise TypeError(f"{command}: a value without the name of its entry")
    if mapping is not None:
        flat += [part for entry in entries_of(mapping, command).items() for part in entry]
    some(flat, f"{command}: an entry")
    return flat


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
    given: list[tuple[str, int]] = []
    if ex is not None:
        given.append(("EX", seconds(ex, "ex")))
    if px is not None:
        given.append(("PX", milliseconds(px, "px")))
    if exat is not None:
        given.append(("EXAT", unix_seconds(exat, "exat")))
    if pxat is not None:
        given.append(("PXAT", unix_milliseconds(pxat, "pxat")))
    if len(given) > 1:
        raise TypeError("only one of ex, px, exat and pxat can be given")
    return given[0] if given else ()
