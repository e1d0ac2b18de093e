"""Every command that Redis has for one key is a method, or there is a reason why not.

The server itself is asked for its commands: `COMMAND` tells the flags, the keys and the categories of each.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import redis
from limpyd import fields
from limpyd.fields.key import KeyField
from limpyd_testing.connection import connect

BY_CATEGORY: dict[str, tuple[type[fields.Field], ...]] = {
    "@string": (fields.StringField,),
    "@bitmap": (fields.StringField,),
    "@hash": (fields.HashField,),
    "@set": (fields.SetField,),
    "@list": (fields.ListField,),
    "@sortedset": (fields.SortedSetField,),
    "@keyspace": (KeyField,),
}
"""The fields that have the commands of a category of Redis's access control."""

NAMES = {
    "del": "delete",
    "object|encoding": "object",
    "object|freq": "object",
    "object|idletime": "object",
    "object|refcount": "object",
}
"""Methods that redis-py names otherwise than Redis."""

SEVERAL_KEYS = "works on several keys"
REASONS = {
    "clusterscan": "works on no key",
    "delifeq": "redis-py has no method for it; delex(ifeq=...) is Redis's name",
    "migrate": "would take the value to another server, and leave its index entries",
    "move": "would take the value out of the database of its model, and leave its index entries",
    "restore-asking": "is for the nodes of a cluster among themselves",
    "zdiffstore": SEVERAL_KEYS,
    "zinterstore": SEVERAL_KEYS,
    "zunionstore": SEVERAL_KEYS,
}
"""Why a command of one key is no method."""

ALSO = {
    "delete": KeyField,
    "exists": KeyField,
    "unlink": KeyField,
    "touch": KeyField,
    "memory_usage": KeyField,
    "lmpop": fields.ListField,
    "zmpop": fields.SortedSetField,
}
"""Commands that take several keys, and are methods with one; MEMORY USAGE is in no category of a type."""


def commands_of_one_key(url: str) -> dict[str, set[str]]:
    """The names of a server's commands that have one key and don't block, with their categories."""
    client = connect(url).connection
    connection: Any = client.connection_pool.get_connection()
    connection.send_command("COMMAND")
    reply: Any = connection.read_response()
    client.connection_pool.release(connection)
    client.close()
    found = {}
    for command in reply:
        for name, _arity, _flags, first, last, _step, categories, *_rest in [command, *_subcommands(command)]:
            if first == last > 0 and "@blocking" not in categories:
                found[name] = set(categories) & set(BY_CATEGORY)
    return {name: categories for name, categories in found.items() if categories}


def _subcommands(command: list[Any]) -> list[list[Any]]:
    return command[9] if len(command) > 9 else []


def test_every_command_of_one_key_is_a_method_or_has_a_reason(server_url: str) -> None:
    commands = commands_of_one_key(server_url)
    assert len(commands) > 100
    missing = [
        f"{field.__name__}.{name}"
        for name, categories in commands.items()
        for category in categories
        for field in BY_CATEGORY[category]
        if name not in REASONS and not callable(getattr(field, NAMES.get(name, name), None))
    ]
    assert missing == []


@pytest.mark.parametrize("name", REASONS)
def test_what_has_a_reason_is_no_method(name: str) -> None:
    assert not any(hasattr(field, name) for kind in BY_CATEGORY.values() for field in kind)


@pytest.mark.parametrize("name", ALSO)
def test_commands_of_several_keys_are_methods_for_one(name: str) -> None:
    assert callable(getattr(ALSO[name], name))


OF_ONE_ENTRY = """
hdel hexists hexpire hexpireat hexpiretime hget hgetdel hgetex hincrby hincrbyfloat hpersist hpexpire
hpexpireat hpexpiretime hpttl hset hsetex hsetnx hstrlen httl
"""


@pytest.mark.parametrize("name", OF_ONE_ENTRY.split())
def test_a_hashable_field_has_the_commands_of_one_entry(name: str) -> None:
    assert callable(getattr(fields.HashableField, name))


# -- arguments

CLASSES = [
    fields.StringField,
    fields.SetField,
    fields.ListField,
    fields.SortedSetField,
    fields.HashField,
]
OWN_ARGUMENTS = {
    "lmpop": "redis-py's takes several keys first",
    "zmpop": "redis-py's takes several keys first",
    "object": "redis-py's takes the key behind",
    "memory_usage": "redis-py's takes options of a connection, too",
    "sort": "redis-py's can store, which is a write on another key",
    "hscan_iter": "its options are bools",
    "hscan": "an iterator, which needs no cursor",
    "sscan": "an iterator, which needs no cursor",
    "zscan": "an iterator, which needs no cursor",
    "zadd": "takes members as keywords, too",
}
"""Methods whose arguments are not just redis-py's without the key."""

METHODS = sorted(
    {
        (field, name)
        for field in CLASSES
        for name, method in inspect.getmembers(field, callable)
        if not name.startswith("_") and hasattr(redis.Redis, name)
    },
    key=lambda pair: (pair[0].__name__, pair[1]),
)


@pytest.mark.parametrize(("field", "name"), METHODS)
def test_arguments_are_redis_pys_less_the_key(field: type[fields.Field], name: str) -> None:
    theirs = list(inspect.signature(getattr(redis.Redis, name)).parameters.values())[2:]
    ours = list(inspect.signature(getattr(field, name)).parameters.values())[1:]
    if name in OWN_ARGUMENTS:
        assert ours != theirs
        return
    assert [(p.name, p.kind, p.default) for p in ours] == [(p.name, p.kind, p.default) for p in theirs]


def test_every_command_tells_redis_name_version_and_complexity() -> None:
    untold = []
    for field in [*CLASSES, fields.HashableField]:
        for name, method in inspect.getmembers(field, inspect.isfunction):
            if hasattr(redis.Redis, name) and not name.startswith("_"):
                text = inspect.getdoc(method) or ""
                last = text.rsplit("\n\n", 1)[-1]
                if not last.startswith("`") or ", Redis " not in last or "O(" not in last:
                    untold.append(f"{field.__name__}.{name}")
    assert untold == []
