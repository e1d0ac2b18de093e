"""All keys of a database as bytes, and what an operation changed of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import redis

__all__ = ["KeySpace", "changed_keys", "outside", "raw_client", "read_keys"]

KeySpace = dict[bytes, tuple[bytes, object, bool]]
"""Each key with its type, its value, and whether it expires."""

_READS: dict[bytes, tuple[str, ...]] = {
    b"string": ("GET", "{}"),
    b"set": ("SMEMBERS", "{}"),
    b"hash": ("HGETALL", "{}"),
    b"list": ("LRANGE", "{}", "0", "-1"),
    b"zset": ("ZRANGE", "{}", "0", "-1", "WITHSCORES"),
}


def raw_client(url: str) -> redis.Redis:
    """A client of a server whose replies stay bytes."""
    return redis.Redis.from_url(url, protocol=2)


def read_keys(raw: redis.Redis) -> KeySpace:
    """All that the database holds; `raw` is what `raw_client` made."""
    keys = sorted(set(raw.scan_iter(count=1000)))
    pipe: Any = raw.pipeline(transaction=False)
    for key in keys:
        pipe.type(key)
        pipe.pttl(key)
    answers = pipe.execute()
    types, expiries = answers[::2], answers[1::2]
    for key, kind in zip(keys, types, strict=True):
        pipe.execute_command(*(key if word == "{}" else word for word in _READS[kind]))
    return {
        key: (kind, _plain(value), expiry >= 0)
        for key, kind, value, expiry in zip(keys, types, pipe.execute(), expiries, strict=True)
    }


def _plain(value: Any) -> object:
    return frozenset(value) if isinstance(value, set) else value


def changed_keys(before: KeySpace, after: KeySpace) -> set[bytes]:
    """The keys that are new, gone or different."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def outside(keys: Iterable[bytes], prefixes: Iterable[bytes]) -> list[bytes]:
    """Those of the keys that start with none of the prefixes."""
    allowed = tuple(prefixes)
    return sorted(key for key in keys if not key.startswith(allowed))
