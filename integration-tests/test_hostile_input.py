"""Hostile names, pks and values through every entry point: nothing is written but what is asked for.

An example is a few steps, each a call of a public method with arguments of `limpyd_testing.hostile`. After
each one the whole key space is compared with what it was before.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limpyd import fields
from limpyd.collection import Collection
from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.hostile.arguments import LUA, MEGABYTE, TEXTS, Sly, public_methods
from limpyd_testing.hostile.choice import COLLECTION_METHODS, MODEL_METHODS, NO_INPUT, OBJECT_METHODS, steps
from limpyd_testing.hostile.world import PK, World, encoded
from limpyd_testing.keyspace import changed_keys, outside, read_keys
from limpyd_testing.writes import TYPES


def run(world: World, chosen: st.SearchStrategy[list[Any]], examples: int, *, is_random: bool) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=not is_random,
        suppress_health_check=list(HealthCheck),
    )
    @given(chosen)
    def example(chosen: list[Any]) -> None:
        world.fill()
        for step in chosen:
            world.take(step)
        world.check()

    example()


@pytest.fixture(params=[None, InstanceCache, SharedCache], ids=["no cache", "InstanceCache", "SharedCache"])
def world(request: pytest.FixtureRequest, database: RedisDatabase, server_url: str) -> Iterator[World]:
    world = World(database, server_url, request.param and request.param())
    yield world
    world.close()


@pytest.fixture
def plain_world(database: RedisDatabase, server_url: str) -> Iterator[World]:
    """The same without a cache."""
    world = World(database, server_url)
    yield world
    world.close()


def test_hostile_input_changes_nothing_but_what_is_written(world: World) -> None:
    run(world, st.lists(steps, min_size=1, max_size=5), 25, is_random=False)


@pytest.mark.deep
def test_much_hostile_input_changes_nothing_but_what_is_written(world: World) -> None:
    run(world, st.lists(steps, min_size=1, max_size=8), 3000, is_random=True)


def test_every_operation_of_models_and_collections_is_tried() -> None:
    named = set(OBJECT_METHODS) | set(MODEL_METHODS) | set(NO_INPUT) | set(fields_and_classes(RedisModel))
    assert public_methods(RedisModel).keys() - named == set()
    assert set(public_methods(Collection)) == set(COLLECTION_METHODS)


def fields_and_classes(owner: type) -> list[str]:
    """What looks like a method and is none: fields, and classes."""
    return [name for name, value in inspect.getmembers(owner) if isinstance(value, (fields.Field, type))]


STORED: list[Any] = [
    *(text for text in TEXTS if text != "\ud800"),
    MEGABYTE,
    b"\xff\0",
    MEGABYTE.encode()[1:],
    7,
    0.5,
]
READS: dict[str, Callable[[Any], Any]] = {
    "string": lambda field: field.get(),
    "hashable": lambda field: field.hget(),
    "set": lambda field: "".join(field.smembers()),
    "list": lambda field: "".join(field.lrange(0, -1)),
    "zset": lambda field: "".join(field.zrange(0, -1)),
    "hash": lambda field: field.hget("a"),
}


@pytest.mark.parametrize("kind", TYPES)
def test_what_was_written_is_found_and_reads_back_as_the_same_bytes(
    plain_world: World, database: RedisDatabase, kind: str
) -> None:
    before = read_keys(plain_world.raw)
    name = f"indexed_{kind}"
    for value in STORED:
        stored = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        whole: Any = {"set": [value], "list": [value], "zset": {value: 1}, "hash": {"a": value}}.get(
            kind, value
        )
        one = plain_world.thing(**{name: whole})
        text = READS[kind](getattr(one, name))
        assert text.encode("utf-8", "surrogateescape") == stored
        filters = {f"{name}__a" if kind == "hash" else name: value}
        assert one.pk.get() in plain_world.thing.collection(**filters)
        one.delete()
    database.connection.set("app:thing:max_pk", 2)
    assert read_keys(plain_world.raw) == before


def test_a_pk_may_be_any_bytes(plain_world: World) -> None:
    for value in [*(each for each in STORED if each != "a:b"), b"a:b:c", Sly("d")]:
        pk = PK(value, connects=True).stored
        if pk in (b"collection", b"max_pk") or pk.startswith(b"__"):
            with pytest.raises(ImplementationError, match="put something before it"):
                plain_world.named(name=value)
            continue
        before = read_keys(plain_world.raw)
        one = plain_world.named(name=value, color="red")
        keys = {b"app:named:collection", b"app:named:color:red", b"app:named:" + pk + b":color"}
        assert changed_keys(before, read_keys(plain_world.raw)) == keys
        plain_world.named(value).color.set("blue")
        assert list(plain_world.named.collection(color="blue")) == [one.pk.get()]
        plain_world.named.lazy_connect(value).delete()
        left = changed_keys(before, read_keys(plain_world.raw))
        assert outside(left, [b"app:thing:"]) == []  # where something may refer to it


NAMES = [text for text in TEXTS if "\0" not in text and text != "\ud800"]


@pytest.mark.parametrize("where", ["namespace", "class", "field"])
def test_a_name_is_refused_or_keeps_to_the_keys_of_its_model(
    plain_world: World, database: RedisDatabase, where: str
) -> None:
    for number, name in enumerate(NAMES):
        before = read_keys(plain_world.raw)
        space: dict[str, Any] = {"database": RedisDatabase(connection=database.connection)}
        space["namespace"] = name if where == "namespace" else f"n{number}"
        space[name if where == "field" else "text"] = fields.HashableField(indexable=True)
        try:
            model: Any = type(name if where == "class" else "Named", (RedisModel,), space)
        except UnicodeEncodeError:  # Python's own, for the name of a class
            continue
        except ImplementationError:
            assert read_keys(plain_world.raw) == before
            continue
        one = model(**{model._hashable_fields[0]: LUA[0]})
        changed = changed_keys(before, read_keys(plain_world.raw))
        assert outside(changed, [encoded(f"{model._key}:")]) == [], name
        assert len(changed) == 4, name
        assert model.check().is_clean
        one.delete()
        database.connection.delete(encoded(f"{model._key}:max_pk"))
        assert read_keys(plain_world.raw) == before
