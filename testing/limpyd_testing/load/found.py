"""Reads the data of stories by redis-py alone, key by key, so that limpyd is not asked about itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import redis

from limpyd_testing.load.story import State, start

__all__ = ["stories_in_redis"]


def stories_in_redis(connection: redis.Redis) -> dict[str, State]:
    """The state of each story of which something is there."""
    read = _Reader(connection)
    found: dict[str, State] = {}
    tokens: dict[str, str] = {}
    for pk, (data, year, copies, genres, chapters, ratings, details) in read.objects(
        "book",
        ("HGETALL", "hash"),
        ("GET", "year"),
        ("GET", "copies"),
        ("SMEMBERS", "genres"),
        ("LRANGE", "chapters", 0, -1),
        ("ZRANGE", "ratings", 0, -1, "WITHSCORES"),
        ("HGETALL", "details"),
    ):
        hashed = _pairs(data)
        token = hashed.get("isbn", f"book {pk} without isbn")
        tokens[pk] = token
        state = found.setdefault(token, start())
        if state["book"] is not None or hashed.get("author") != token:
            state["second book"] = hashed
        state["book"] = {
            "title": hashed.get("title"),
            "year": year,
            "copies": copies and int(copies),
            "genres": sorted(genres),
            "chapters": chapters,
            "ratings": {member: float(score) for member, score in _pairs(ratings).items()},
            "details": _pairs(details),
        }
    for token, (born,) in read.objects("author", ("GET", "born")):
        found.setdefault(token, start())["author"] = {"born": born}
    for token, (email, favourites) in read.objects(
        "reader", ("HGET", "hash", "email"), ("SMEMBERS", "favourites")
    ):
        of = {tokens.get(pk, f"no book {pk}") for pk in favourites}
        state = found.setdefault(token, start())
        is_whole = email == f"{token}@example.com" and of <= {token}
        state["reader"] = {"favourites": bool(of)} if is_whole else {"email": email, "of": sorted(of)}
    for pk, (token,) in read.objects("note", ("HGET", "hash", "token")):
        found.setdefault(token or f"note {pk} without token", start())["notes"] += 1
    return found


class _Reader:
    """Reads objects by plain commands, many at a time."""

    def __init__(self, connection: redis.Redis) -> None:
        self._connection: Any = connection

    def objects(self, model: str, *reads: tuple[Any, ...]) -> Iterator[tuple[str, list[Any]]]:
        """The pk of each object, with the reply to each command, given as a name, a suffix and the rest."""
        pks = sorted(self._connection.smembers(f":{model}:collection"))
        pipe = self._connection.pipeline(transaction=False)
        for pk in pks:
            for name, suffix, *rest in reads:
                pipe.execute_command(name, f":{model}:{pk}:{suffix}", *rest)
        replies = iter(pipe.execute())
        for pk in pks:
            yield pk, [next(replies) for _ in reads]


def _pairs(reply: Any) -> dict[str, Any]:
    """What a reply of pairs says, in whichever shape it comes."""
    if isinstance(reply, dict):
        return reply
    if reply and isinstance(reply[0], (list, tuple)):
        return {pair[0]: pair[1] for pair in reply}
    return dict(zip(reply[::2], reply[1::2], strict=True))
