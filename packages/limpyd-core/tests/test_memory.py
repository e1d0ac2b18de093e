"""Objects take the keys, and the memory, that the same hash and sets made by hand take."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd_testing.consistency import snapshot
from limpyd_testing.models import define
from limpyd_testing.server import Server

OBJECTS = 50


class Person(RedisModel):
    abstract = True

    name = fields.HashableField(unique=True)
    city = fields.HashableField(indexable=True)
    motto = fields.StringField()
    tags = fields.SetField(indexable=True)
    log = fields.ListField(indexable=True)
    scores = fields.SortedSetField(indexable=True)
    data = fields.HashField(indexable=True)


def create_by_limpyd(database: RedisDatabase) -> None:
    model = define(Person, database)
    for number in range(1, OBJECTS + 1):
        model(
            name=f"name {number}",
            city=f"city {number % 5}",
            motto=f"motto of {number}",
            tags=["red", f"tag {number}"],
            log=["start", f"event {number}", "start"],
            scores={"a": number, f"member {number}": 1.5},
            data={"size": number % 7, "color": "blue"},
        )


def create_by_hand(database: RedisDatabase) -> None:
    client = database.connection
    for number in range(1, OBJECTS + 1):
        pk = str(client.incr(":person:max_pk"))
        one = f":person:{pk}"
        name, city, size = f"name {number}", f"city {number % 5}", str(number % 7)
        client.sadd(":person:collection", pk)
        client.hset(f"{one}:hash", mapping={"name": name, "city": city})
        client.set(f"{one}:motto", f"motto of {number}")
        client.sadd(f"{one}:tags", "red", f"tag {number}")
        client.rpush(f"{one}:log", "start", f"event {number}", "start")
        client.zadd(f"{one}:scores", {"a": number, f"member {number}": 1.5})
        client.hset(f"{one}:data", mapping={"size": size, "color": "blue"})
        terms = [
            *(f"name:{name}", f"city:{city}", "tags:red", f"tags:tag {number}"),
            *("log:start", f"log:event {number}", "scores:a", f"scores:member {number}"),
            *(f"data:size:{size}", "data:color:blue"),
        ]
        for term in terms:
            client.sadd(f":person:{term}", pk)


def contents(database: RedisDatabase) -> dict[str, Any]:
    """How each key is stored: its encoding, its value, and its memory where that follows from these.

    What libc's malloc gives for a size depends on what was freed before; jemalloc always gives the same.
    """
    connection: Any = database.connection
    is_exact = connection.info("memory")["mem_allocator"].startswith("jemalloc")
    return {
        key: (
            connection.object("encoding", key),
            value,
            connection.memory_usage(key, samples=0) if is_exact else None,
        )
        for key, value in snapshot(database).items()
    }


def test_objects_take_the_keys_and_the_memory_of_those_made_by_hand() -> None:
    found = []
    for create in (create_by_limpyd, create_by_hand):
        with Server() as server:
            database = RedisDatabase.from_url(server.url)
            create(database)
            found.append(contents(database))
            database.connection.close()
    assert found[0] == found[1]
    assert len(found[0]) > 10 * OBJECTS


@pytest.mark.parametrize("writes", [1, 100])
def test_writing_a_value_again_leaves_the_memory_as_it_was(database: RedisDatabase, writes: int) -> None:
    person = define(Person, database)(name="a", city="b")
    before = contents(database)
    for number in range(writes):
        person.city.hset(f"c{number}")
        person.tags.sadd(f"c{number}")
        person.tags.srem(f"c{number}")
    person.city.hset("b")
    assert contents(database) == before
