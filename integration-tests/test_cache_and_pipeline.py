"""Caches under pipelines and transactions: they answer nothing, and results fill them at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.contrib.database import PipelineDatabase
from limpyd.database import RedisDatabase
from redis.exceptions import WatchError


@pytest.fixture(params=[InstanceCache, SharedCache])
def cache(request: pytest.FixtureRequest) -> Iterator[Any]:
    cache = request.param()
    yield cache
    if isinstance(cache, SharedCache):
        cache.close()


@pytest.fixture
def example(database: RedisDatabase, cache: Any) -> Any:
    cached = PipelineDatabase(connection=database.connection, middleware=[cache])

    class Example(model.RedisModel):
        database = cached
        foo = fields.StringField()
        bar = fields.HashableField(indexable=True)

    return Example.lazy_connect(Example(foo="FOO", bar="BAR").pk.get())


def requests(example: Any, *calls: Any) -> list[str]:
    with example.database.trace() as sent:
        for call in calls:
            call()
    return [request.name for request in sent]


def change_unheard(example: Any) -> None:
    """Change the value in a way that no message tells in time: the cache is made to keep the old one."""
    example.database.connection.set(example.foo.key, "new")


def test_a_read_in_a_pipeline_is_always_sent(example: Any) -> None:
    assert example.foo.get() == "FOO"
    change_unheard(example)
    with example.database.pipeline() as pipe:
        value = example.foo.get()
        pipe.execute()
    assert value.value == "new"


def test_results_fill_the_cache_only_after_execute(example: Any, cache: Any) -> None:
    with example.database.pipeline() as pipe:
        example.foo.get()
        example.bar.hget()
        assert cache.stats().entries == 0
        pipe.execute()
    assert cache.stats().entries == 2
    assert requests(example, example.foo.get, example.bar.hget, example.hmget) == []
    assert (example.foo.get(), example.bar.hget()) == ("FOO", "BAR")


def test_a_fresh_result_takes_the_place_of_an_older_one(example: Any) -> None:
    assert example.foo.get() == "FOO"
    change_unheard(example)
    with example.database.pipeline() as pipe:
        example.foo.get()
        pipe.execute()
    assert example.foo.get() == "new"


def test_a_write_in_a_pipeline_clears_when_it_is_done(example: Any) -> None:
    assert (example.foo.get(), example.bar.hget()) == ("FOO", "BAR")
    with example.database.pipeline() as pipe:
        example.foo.set("new")
        example.bar.hset("new")
        pipe.execute()
    assert (example.foo.get(), example.bar.hget()) == ("new", "new")


@pytest.mark.parametrize("read_first", [True, False])
def test_a_read_beside_a_write_leaves_nothing_stale(example: Any, read_first: bool) -> None:
    with example.database.pipeline() as pipe:
        if read_first:
            example.foo.get()
        example.foo.set("new")
        if not read_first:
            example.foo.get()
        pipe.execute()
    assert example.foo.get() == "new"


def test_what_is_dropped_clears_nothing(example: Any, cache: Any) -> None:
    with example.database.pipeline() as pipe:
        example.foo.set("new")
        pipe.reset()
    assert example.foo.get() == "FOO"


def test_reads_after_watch_are_fresh(example: Any) -> None:
    assert example.foo.get() == "FOO"
    change_unheard(example)
    with example.database.pipeline() as pipe:
        pipe.watch(example.foo)
        assert example.foo.get() == "new"
        pipe.multi()
        example.foo.set("newer")
        pipe.execute()
    assert example.foo.get() == "newer"


def test_a_transaction_that_fails_leaves_nothing_stale(example: Any) -> None:
    assert example.foo.get() == "FOO"
    with example.database.pipeline() as pipe:
        pipe.watch(example.foo)
        example.database.connection.set(example.foo.key, "new")
        pipe.multi()
        example.foo.set("never")
        with pytest.raises(WatchError):
            pipe.execute()
    assert example.foo.get() == "new"
