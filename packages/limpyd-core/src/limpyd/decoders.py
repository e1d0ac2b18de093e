"""What to make of replies. Each decoder takes them as RESP2, as RESP3 and as scripts give them.

`int`, `float` and `bool` serve as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

__all__ = [
    "as_bytes",
    "first_integer",
    "first_text",
    "flags",
    "integers",
    "is_done",
    "is_done_or_none",
    "optional_float",
    "optional_floats",
    "optional_int",
    "optional_integers",
    "optional_list",
    "optional_text",
    "optional_texts",
    "pairs",
    "popped_from",
    "rank_and_score",
    "scan_batch",
    "scored",
    "text",
    "text_dict",
    "text_set",
    "texts",
]

S = TypeVar("S")
T = TypeVar("T")


def text(reply: str) -> str:
    """A string that is always there."""
    return reply


def optional_text(reply: str | None) -> str | None:
    """A string, or nil."""
    return reply


def texts(reply: Any) -> list[str]:
    """An array or a set of strings, in the order of the reply; none for nil."""
    return [] if reply is None else list(reply)


def optional_texts(reply: Any) -> list[str | None]:
    """An array of strings and nils."""
    return [] if reply is None else list(reply)


def optional_list(reply: Any) -> list[str] | None:
    """An array of strings, or nil."""
    return None if reply is None else list(reply)


def first_text(reply: Any) -> str | None:
    """The one string of an array, or nil in it or in its place."""
    return reply[0] if reply else None


def first_integer(reply: Any) -> int:
    """The one integer of an array; -2, which Redis has for what isn't there, for nil."""
    return int(reply[0]) if reply else -2


def text_set(reply: Any) -> set[str]:
    """A set of strings."""
    return set(reply)


def pairs(reply: Any) -> list[tuple[str, str]]:
    """Pairs of strings, from a map, from an array of pairs, or from a flat array."""
    if isinstance(reply, dict):
        return list(reply.items())
    if reply and isinstance(reply[0], (list, tuple)):
        return [(first, second) for first, second in reply]
    return list(zip(reply[::2], reply[1::2], strict=True))


def scored(cast_score: Callable[[float], S]) -> Callable[[Any], list[tuple[str, S]]]:
    """The decoder of members with their scores, which `cast_score` makes of a float."""
    return partial(_scored, cast_score)


def _scored(cast_score: Callable[[float], S], reply: Any) -> list[tuple[str, S]]:
    return [(member, cast_score(float(score))) for member, score in pairs(reply or [])]


def rank_and_score(cast_score: Callable[[float], S]) -> Callable[[Any], tuple[int, S] | None]:
    """The decoder of a member's rank and its score, or nil."""
    return partial(_rank_and_score, cast_score)


def _rank_and_score(cast_score: Callable[[float], S], reply: Any) -> tuple[int, S] | None:
    return None if reply is None else (int(reply[0]), cast_score(float(reply[1])))


def popped_from(decode: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """The decoder of a key and what was popped from it, or nil."""
    return lambda reply: None if reply is None else decode(reply[1])


def scan_batch(decode: Callable[[Any], list[T]]) -> Callable[[Any], tuple[int, list[T]]]:
    """The decoder of one batch of a scan: the cursor of the next one, and the items."""
    return lambda reply: (int(reply[0]), decode(reply[1]))


def text_dict(reply: Any) -> dict[str, str]:
    """A map of strings to strings."""
    return dict(pairs(reply))


def integers(reply: Any) -> list[int]:
    """An array of integers; none for nil."""
    return [] if reply is None else [int(item) for item in reply]


def optional_integers(reply: Any) -> list[int | None]:
    """An array of integers and nils."""
    return [optional_int(item) for item in reply]


def flags(reply: Any) -> list[bool]:
    """An array of 1 and 0."""
    return [bool(item) for item in reply]


def optional_int(reply: Any) -> int | None:
    """An integer, or nil."""
    return None if reply is None else int(reply)


def optional_float(reply: Any) -> float | None:
    """A number, which RESP2 and scripts give as a string, or nil."""
    return None if reply is None else float(reply)


def optional_floats(reply: Any) -> list[float | None]:
    """An array of numbers and nils."""
    return [optional_float(item) for item in reply]


def is_done(reply: Any) -> bool:
    """True for `OK`, False for nil."""
    return reply is not None


def is_done_or_none(reply: Any) -> bool | None:
    """True for `OK`, None for nil, as redis-py has it."""
    return None if reply is None else True


def as_bytes(reply: Any) -> bytes | None:
    """Bytes, which a script in a text connection may give as a string, or nil."""
    if isinstance(reply, str):
        return reply.encode("utf-8", "surrogateescape")
    return cast("bytes | None", reply)
