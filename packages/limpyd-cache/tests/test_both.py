"""Both caches on one database, of which the second is asked for what the first does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.cache import Cache, InstanceCache, SharedCache
from limpyd.database import RedisDatabase
from limpyd_testing.waiting import wait_for


@pytest.fixture(params=["instance first", "shared first"])
def caches(request: pytest.FixtureRequest) -> Iterator[list[Cache]]:
    shared = SharedCache()
    yield [InstanceCache(), shared] if request.param == "instance first" else [shared, InstanceCache()]
    shared.close()


@pytest.fixture
def examples(database: RedisDatabase, caches: list[Cache]) -> Any:
    cached = RedisDatabase(connection=database.connection, middleware=caches)

    class Example(model.RedisModel):
        database = cached
        foo = fields.StringField()
        first = fields.HashableField()
        second = fields.HashableField()
        tags = fields.SetField()

    return Example


CALLS = [
    lambda each: each.foo.get(),
    lambda each: each.foo.getrange(0, 1),
    lambda each: each.tags.smembers(),
    lambda each: each.hmget("second", "first"),
    lambda each: each.hgetall(),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_second_read_is_answered_through_any_object(examples: Any, caches: list[Cache], call: Any) -> None:
    pk = examples(foo="FOO", first="1st", second="2nd", tags=["a", "b"]).pk.get()
    one, other = examples.lazy_connect(pk), examples.lazy_connect(pk)
    expected = call(one)
    with examples.database.trace() as requests:
        assert [call(one), call(other), call(other)] == [expected] * 3
    assert requests == []
    assert caches[0].stats().misses == (2 if isinstance(caches[0], InstanceCache) else 1)


@pytest.mark.parametrize("call", CALLS)
def test_a_write_is_seen_by_its_object_and_by_new_ones(examples: Any, call: Any) -> None:
    one = examples(foo="FOO", first="1st", second="2nd", tags=["a", "b"])
    before = call(one)
    one.foo.set("other"), one.hmset(first="other", second="another"), one.tags.sadd("c")
    after = call(one)
    assert after != before
    assert call(examples.lazy_connect(one.pk.get())) == after


def test_what_others_write_is_seen_by_new_objects(examples: Any, database: RedisDatabase) -> None:
    one = examples(foo="FOO")
    assert one.foo.get() == "FOO"
    database.connection.set(one.foo.key, "new")
    wait_for(lambda: examples.lazy_connect(one.pk.get()).foo.get() == "new")


def test_an_answer_of_the_second_fills_the_first(examples: Any, caches: list[Cache]) -> None:
    pk = examples(foo="FOO").pk.get()
    examples.lazy_connect(pk).foo.get()
    other = examples.lazy_connect(pk)
    other.foo.get()
    hits = caches[0].stats().hits
    other.foo.get()
    assert caches[0].stats().hits == hits + 1
