"""Whether what Redis has is right: indexes against a scan of the data, and all keys before and after."""

from __future__ import annotations

from typing import Any

from limpyd.database import RedisDatabase
from limpyd.fields import Field
from limpyd.keys import collection_key
from limpyd.model import RedisModel

__all__ = ["indexes_by_scan", "indexes_in_redis", "outcome", "snapshot"]


def indexes_by_scan(model: type[RedisModel]) -> dict[str, set[str]]:
    """The index keys that the data of all objects call for, with the pks of each."""
    indexes: dict[str, set[str]] = {}
    for pk in model.database.connection.smembers(collection_key(model._key)):
        for field in _indexed(model):
            for term in _terms(model, str(pk), field):
                indexes.setdefault(f"{model._key}:{field.name}:{term}", set()).add(str(pk))
    return indexes


def indexes_in_redis(model: type[RedisModel]) -> dict[str, set[str]]:
    """The index keys that there are, with the pks of each."""
    connection: Any = model.database.connection
    prefixes = tuple(f"{model._key}:{field.name}:" for field in _indexed(model))
    return {
        key: set(connection.smembers(_raw(key)))
        for key in connection.scan_iter()
        if str(key).startswith(prefixes)
    }


def snapshot(database: RedisDatabase) -> dict[str, Any]:
    """All keys with their values."""
    connection = database.connection
    read: dict[str, Any] = {
        "string": connection.get,
        "set": connection.smembers,
        "hash": connection.hgetall,
        "list": lambda key: connection.lrange(key, 0, -1),
        "zset": lambda key: connection.zrange(key, 0, -1, withscores=True),
    }
    return {str(key): read[str(connection.type(_raw(key)))](_raw(key)) for key in connection.scan_iter()}


def _raw(key: str) -> bytes:
    """The bytes of a key, which redis-py can't always make of text by itself."""
    return key.encode("utf-8", "surrogateescape")


def outcome(call: Any) -> Any:
    """What a call returns, or the kind and the beginning of the text of the error that it raises."""
    try:
        return call()
    except Exception as error:
        return type(error).__name__, str(error).split(",")[0].replace("`", "'")


def _indexed(model: type[RedisModel]) -> list[Field]:
    return [field for field in model._fields.values() if field.indexes]


def _terms(model: type[RedisModel], pk: str, field: Field) -> list[str]:
    connection: Any = model.database.connection
    key = _raw(f"{model._key}:{pk}:{field.suffix}")
    if field.kind == "hash":
        return [f"{entry}:{value}" for entry, value in connection.hgetall(key).items()]
    if field.kind in ("string", "hashable"):
        value = connection.get(key) if field.kind == "string" else connection.hget(key, field.name)
        return [] if value is None else [value]
    if field.kind == "set":
        return list(connection.smembers(key))
    return list(connection.lrange(key, 0, -1) if field.kind == "list" else connection.zrange(key, 0, -1))
