"""A model with indexed and unique fields of one type, and all keys that Redis must have for its objects."""

from __future__ import annotations

from typing import Any

from limpyd.database import RedisDatabase
from limpyd.model import RedisModel

from limpyd_testing.consistency import snapshot
from limpyd_testing.plain import PlainValue
from limpyd_testing.writes import TYPES

__all__ = ["DEFAULTS", "define_example", "expected_keys", "repeats", "repeats_in_redis", "stored_keys"]

DEFAULTS: dict[str, Any] = {
    "string": "7",
    "hashable": "7",
    "set": {"a", "b"},
    "list": ["a", "b", "a"],
    "zset": {"a": 1, "b": 1},
    "hash": {"a": "b:c", "a:b": "c", "n": "7"},
}
"""What new objects have in the field `indexed`, for each type."""


def define_example(database: RedisDatabase, kind: str, **members: Any) -> type[RedisModel]:
    """The model, named by the type: a field `indexed`, which has a default, and a field `unique`."""
    field = TYPES[kind]
    space = {
        "database": database,
        "indexed": field(indexable=True, default=DEFAULTS[kind]),
        "unique": field(unique=True),
        **members,
    }
    return type(kind.capitalize(), (RedisModel,), space)


def expected_keys(kind: str, objects: dict[str, dict[str, PlainValue]]) -> dict[str, Any]:
    """All keys of a model whose objects have these values, by pk and name of the field."""
    found: dict[str, Any] = {}
    if objects:
        found[f":{kind}:collection"] = set(objects)
    for pk, values in objects.items():
        for name, plain in values.items():
            if plain.stored is not None and kind == "hashable":
                found.setdefault(f":{kind}:{pk}:hash", {})[name] = plain.stored
            elif plain.stored is not None:
                found[f":{kind}:{pk}:{name}"] = plain.stored
            for term in plain.terms:
                found.setdefault(f":{kind}:{name}:{term}", set()).add(pk)
    return found


def stored_keys(model: type[RedisModel]) -> dict[str, Any]:
    """All keys of the database, but for the last pk and the counted repeats of lists."""
    found = snapshot(model.database)
    found.pop(f"{model._key}:max_pk", None)
    return {
        key: [tuple(pair) for pair in value] if _is_scored(value) else value
        for key, value in found.items()
        if not key.endswith(":__repeats")
    }


def _is_scored(value: Any) -> bool:
    return isinstance(value, list) and not isinstance(value[0], str)


def repeats(values: list[str]) -> dict[str, str]:
    """What limpyd counts of a long list: the values that occur more than once."""
    counts = {f"={value}": str(values.count(value) - 1) for value in set(values)}
    return {"#": "1"} | {value: count for value, count in counts.items() if count != "0"}


def repeats_in_redis(model: type[RedisModel], pk: str, name: str) -> dict[str, str]:
    """What is counted of a list; a long one need not be counted before its next write."""
    connection: Any = model.database.connection
    found: dict[str, str] = connection.hgetall(f"{model._key}:{pk}:{name}:__repeats")
    return found
