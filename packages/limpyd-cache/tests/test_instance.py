"""The cache on objects: what is kept, what is cleared, and what must not be kept."""

from __future__ import annotations

import gc
import threading
from itertools import count
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.commands import Command
from limpyd.contrib.cache import InstanceCache, init_cache
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError, UniquenessError
from limpyd.middleware import Middleware


@pytest.fixture
def cache() -> InstanceCache:
    return InstanceCache()


@pytest.fixture
def cached(database: RedisDatabase, cache: InstanceCache) -> RedisDatabase:
    """The test's database, with the cache."""
    return RedisDatabase(connection=database.connection, middleware=[cache])


@pytest.fixture
def example(cached: RedisDatabase) -> Any:
    class Example(model.RedisModel):
        database = cached
        foo = fields.StringField()
        bar = fields.StringField(cacheable=False)
        number = fields.StringField(indexable=True)
        code = fields.StringField(unique=True)
        first = fields.HashableField()
        second = fields.HashableField(indexable=True)
        tags = fields.SetField()
        queue = fields.ListField()
        scores = fields.SortedSetField()
        extra = fields.HashField()

    return Example(foo="FOO", bar="BAR", first="1st", second="2nd", number=1)


def reads(example: Any, *calls: Any) -> list[str]:
    """The requests that some calls send, by name."""
    with example.database.trace() as requests:
        for call in calls:
            call()
    return [request.name for request in requests]


def test_the_documents_example(cached: RedisDatabase) -> None:
    class Example(model.RedisModel):
        database = cached
        a_field = fields.StringField()

    example = Example()
    with cached.trace() as requests:
        example.a_field.set("foo")
        assert example.a_field.get() == "foo"
        assert example.a_field.get() == "foo"
        example.a_field.set("bar")
        assert example.a_field.get() == "bar"
    assert [request.name for request in requests if request.name != "SCRIPT"][-3:] == ["GET", "SET", "GET"]


def test_a_second_read_sends_nothing(example: Any) -> None:
    assert reads(example, example.foo.get, example.foo.get) == ["GET"]


def test_a_missing_value_is_kept_as_well(example: Any) -> None:
    assert reads(example, example.code.get, example.code.get) == ["GET"]


def test_commands_and_arguments_are_kept_apart(example: Any) -> None:
    example.foo.set("hello")
    assert example.foo.get() == "hello"
    assert example.foo.strlen() == 5
    assert example.foo.getrange(0, 1) == "he"
    assert example.foo.getrange(0, 2) == "hel"
    again = [example.foo.get, example.foo.strlen, lambda: example.foo.getrange(0, 2)]
    assert reads(example, *again) == []


def test_a_field_that_is_not_cacheable_is_asked_each_time(example: Any) -> None:
    assert reads(example, example.bar.get, example.bar.get) == ["GET", "GET"]


def test_a_model_that_is_not_cacheable_is_asked_each_time(cached: RedisDatabase) -> None:
    class Example(model.RedisModel):
        database = cached
        cacheable = False
        foo = fields.StringField(cacheable=True)

    example = Example(foo=1)
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]


def test_the_model_of_a_base_class_decides_for_subclasses(cached: RedisDatabase) -> None:
    class Base(model.RedisModel):
        database = cached
        abstract = True
        cacheable = False

    class Example(Base):
        foo = fields.StringField()

    example = Example(foo=1)
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]


@pytest.mark.parametrize(
    "write",
    [
        lambda e: e.foo.set("other"),
        lambda e: e.foo.append("x"),
        lambda e: e.foo.getset("other"),
        lambda e: e.foo.delete(),
    ],
)
def test_a_write_clears_the_field(example: Any, write: Any) -> None:
    example.foo.get()
    write(example)
    assert reads(example, example.foo.get) == ["GET"]
    assert example.foo.get() == example.database.connection.get(example.foo.key)


def test_a_write_leaves_other_fields(example: Any) -> None:
    example.first.hget(), example.second.hget()
    example.first.hset("new")
    assert reads(example, example.second.hget) == []


def test_a_write_with_an_index_clears_the_field(example: Any) -> None:
    example.number.get()
    example.number.incr()
    assert example.number.get() == "2"


def test_a_command_that_reads_and_writes_is_not_kept(example: Any) -> None:
    assert reads(example, *[lambda: example.foo.getset("a")] * 2) == ["GETSET", "GETSET"]


def test_a_refused_write_clears_the_field(cached: RedisDatabase, example: Any) -> None:
    type(example)(code="taken")
    example.code.get()
    with pytest.raises(UniquenessError):
        example.code.set("taken")
    assert reads(example, example.code.get) == ["GET"]


def test_hmget_fills_single_fields_and_is_answered_from_them(example: Any) -> None:
    assert example.hmget("second", "first") == ["2nd", "1st"]
    assert reads(example, example.first.hget, example.second.hget) == []
    assert reads(example, lambda: example.hmget("first", "second")) == []
    assert example.hmget("first", "second") == ["1st", "2nd"]


def test_single_fields_answer_hmget_and_hgetall(example: Any) -> None:
    example.first.hget(), example.second.hget()
    assert reads(example, example.hmget, example.hgetall) == []
    assert example.hgetall() == {"first": "1st", "second": "2nd"}


def test_hgetall_fills_fields_without_a_value_too(example: Any) -> None:
    example.first.hdel()
    assert example.hgetall() == {"second": "2nd"}
    assert reads(example, example.first.hget, example.hgetall, example.hmget) == []
    assert example.hgetall() == {"second": "2nd"}
    assert example.hmget() == [None, "2nd"]


def test_hmget_asks_if_one_field_is_not_known(example: Any) -> None:
    example.first.hget()
    assert reads(example, example.hmget, example.hmget) == ["HMGET"]


def test_hmset_clears_the_fields_that_it_sets(example: Any) -> None:
    example.hmget()
    example.hmset(first="new")
    assert reads(example, example.second.hget) == []
    assert example.first.hget() == "new"


def test_hdel_clears_the_fields_that_it_deletes(example: Any) -> None:
    example.hmget()
    example.hdel("second")
    assert reads(example, example.first.hget) == []
    assert example.second.hget() is None


def test_hmget_with_a_field_that_is_not_cacheable_asks_each_time(cached: RedisDatabase) -> None:
    class Example(model.RedisModel):
        database = cached
        foo = fields.HashableField()
        bar = fields.HashableField(cacheable=False)

    example = Example(foo=1, bar=2)
    assert reads(example, example.hmget, example.hmget, example.foo.hget) == ["HMGET", "HMGET"]


@pytest.mark.parametrize("command", ["hkeys", "hvals", "hlen"])
def test_other_commands_on_several_fields_are_not_kept(example: Any, command: str) -> None:
    assert reads(example, *[getattr(example, command)] * 2) == [command.upper()] * 2


def test_delete_clears_everything(example: Any, cache: InstanceCache) -> None:
    example.foo.get(), example.hmget(), example.tags.smembers()
    example.delete()
    assert cache.stats().entries == 0
    with pytest.raises(DoesNotExist):
        example.foo.get()


def test_replies_that_can_be_changed_are_copies(example: Any) -> None:
    example.tags.sadd("a", "b")
    example.queue.rpush("a", "b")
    example.extra.hset("a", "1")
    example.scores.zadd({"a": 1.5})
    calls: list[tuple[Any, Any]] = [
        (example.tags.smembers, lambda reply: reply.clear()),
        (lambda: example.queue.lrange(0, -1), lambda reply: reply.clear()),
        (example.extra.hgetall, lambda reply: reply.clear()),
        (lambda: example.extra.hmget("a"), lambda reply: reply.clear()),
        (lambda: example.scores.zrange(0, -1, withscores=True), lambda reply: reply.clear()),
        (example.hmget, lambda reply: reply.clear()),
    ]
    for read, spoil in calls:
        first = read()
        spoil(first)
        second = read()
        assert second
        spoil(second)
        assert read()
        assert reads(example, read) == []


def test_a_hash_fields_own_hmget_is_one_entry(example: Any) -> None:
    example.extra.hset("a", "1")
    assert reads(example, *[lambda: example.extra.hmget("a", "b")] * 2) == ["HMGET"]
    assert example.extra.hmget("a", "b") == ["1", None]


@pytest.mark.parametrize(
    ("field", "method", "args"),
    [
        ("foo", "ttl", ()),
        ("foo", "pttl", ()),
        ("foo", "dump", ()),
        ("tags", "srandmember", ()),
        ("extra", "hrandfield", ()),
        ("scores", "zrandmember", ()),
    ],
)
def test_replies_of_a_moment_are_not_kept(example: Any, field: str, method: str, args: Any) -> None:
    read = getattr(getattr(example, field), method)
    assert len(reads(example, read, read)) == 2


def test_a_value_that_this_object_let_expire_is_not_kept(example: Any) -> None:
    example.foo.set("short", ex=1000)
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]
    example.foo.append("er")
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]
    example.foo.set("long")
    assert reads(example, example.foo.get, example.foo.get) == ["GET"]
    example.foo.expire(1000)
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]
    example.foo.persist()
    assert reads(example, example.foo.get, example.foo.get) == ["GET"]


def test_a_first_write_that_lets_a_value_expire_is_noticed(cached: RedisDatabase, example: Any) -> None:
    other = type(example)()
    other.foo.set("short", ex=1000)
    assert reads(other, other.foo.get, other.foo.get, other.bar.get, other.number.get) == ["GET"] * 4
    assert reads(other, other.number.get) == []


def test_the_first_read_of_an_object_creates_it_and_is_right(cached: RedisDatabase) -> None:
    class Example(model.RedisModel):
        database = cached
        foo = fields.StringField(default="x")

    example = Example()
    assert reads(example, *[example.foo.get] * 3) == ["EVALSHA", "GET"]
    assert example.foo.get() == "x"


def test_another_instances_write_is_not_seen_until_init_cache(example: Any) -> None:
    other = type(example).lazy_connect(example.pk.get())
    assert other.foo.get() == "FOO"
    example.foo.set("new")
    assert other.foo.get() == "FOO"
    other.init_cache()
    assert other.foo.get() == "new"


def test_init_cache_of_a_field_leaves_others(example: Any) -> None:
    example.foo.get(), example.first.hget()
    example.foo.init_cache()
    assert reads(example, example.foo.get, example.first.hget) == ["GET"]


def test_init_cache_is_a_function_too(example: Any) -> None:
    example.foo.get(), example.first.hget()
    init_cache(example.foo)
    assert reads(example, example.foo.get, example.first.hget) == ["GET"]
    init_cache(example)
    assert reads(example, example.foo.get, example.first.hget) == ["GET", "HGET"]


def test_without_a_cache_the_word_does_not_exist(database: RedisDatabase) -> None:
    plain = database

    class Example(model.RedisModel):
        database = plain
        foo = fields.StringField()

    example: Any = Example(foo=1)
    assert not hasattr(example, "init_cache")
    with pytest.raises(AttributeError, match="'Example' object has no attribute 'init_cache'"):
        example.init_cache()
    with pytest.raises(AttributeError, match="'StringField' object has no attribute 'init_cache'"):
        example.foo.init_cache()
    init_cache(example)
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]


def test_one_cache_serves_one_database(database: RedisDatabase, cached: RedisDatabase, cache: Any) -> None:
    with pytest.raises(ImplementationError, match="InstanceCache: a cache serves one database"):
        RedisDatabase(connection=database.connection, middleware=[cache])


def test_a_model_that_moves_to_another_database_takes_no_values_along(
    database: RedisDatabase, example: Any
) -> None:
    example.foo.get()
    type(example).use_database(RedisDatabase(connection=database.connection, middleware=[InstanceCache()]))
    assert reads(example, example.foo.get) == ["GET"]


def test_collections_are_never_kept(example: Any) -> None:
    calls = [lambda: list(type(example).collection(number=1))] * 2
    assert reads(example, *calls) == ["SMEMBERS", "SMEMBERS"]


def test_stats_count(example: Any, cache: InstanceCache) -> None:
    example.foo.get(), example.foo.get(), example.foo.get()
    example.hmget()
    example.bar.get()
    example.foo.ttl()
    assert cache.stats() == (2, 2, 3, 0, 0)
    example.first.hset("x")
    assert cache.stats() == (2, 2, 2, 0, 1)
    example.init_cache()
    stats = cache.stats()
    assert (stats.hits, stats.misses, stats.entries, stats.evictions, stats.invalidations) == (2, 2, 0, 0, 3)


def test_entries_leave_with_their_object(example: Any, cache: InstanceCache) -> None:
    other = type(example).lazy_connect(example.pk.get())
    other.foo.get()
    assert cache.stats().entries == 1
    del other
    gc.collect()
    assert cache.stats().entries == 0


def test_objects_that_are_gone_leave_nothing_behind(example: Any, cache: InstanceCache) -> None:
    held = [type(example).lazy_connect("1") for _ in range(10)]
    for one in held:
        one.foo.get()
    for _ in range(3):
        for _ in range(1500):
            type(example).lazy_connect("1").foo.get()
        gc.collect()
        assert cache.stats().entries == len(held)
        assert len(cache._all) < 1500


class Between(Middleware):
    """Runs something between a reply and the cache's hearing of it."""

    def __init__(self) -> None:
        self.run: Any = None

    def after(self, command: Command[Any], value: Any) -> None:
        run, self.run = self.run, None
        if run is not None:
            run()


@pytest.fixture
def between(database: RedisDatabase) -> tuple[Between, Any]:
    hooks = Between()
    hooked = RedisDatabase(connection=database.connection, middleware=[InstanceCache(), hooks])

    class Example(model.RedisModel):
        database = hooked
        foo = fields.StringField()
        first = fields.HashableField()
        second = fields.HashableField()

    return hooks, Example(foo="old", first="old", second="old")


def test_a_reply_that_a_write_overtook_is_not_kept(between: Any) -> None:
    hooks, example = between
    hooks.run = lambda: example.foo.set("new")
    assert example.foo.get() == "old"
    assert example.foo.get() == "new"


def test_a_reply_that_init_cache_overtook_is_not_kept(between: Any) -> None:
    hooks, example = between
    hooks.run = example.init_cache
    with example.database.trace() as requests:
        example.foo.get()
        example.foo.get()
    assert [request.name for request in requests] == ["GET", "GET"]


def test_the_first_reply_of_an_object_that_a_write_overtook_is_not_kept(between: Any) -> None:
    hooks, example = between
    other = type(example).lazy_connect(example.get_pk())
    hooks.run = lambda: other.first.hset("new")
    assert other.first.hget() == "old"
    assert other.first.hget() == "new"


def test_a_reply_that_a_read_of_another_field_overtook_is_right_the_next_time(between: Any) -> None:
    hooks, example = between
    hooks.run = example.first.hget
    assert example.foo.get() == "old"
    assert example.foo.get() == "old"
    assert example.first.hget() == "old"


def test_a_reply_that_an_expiry_overtook_is_not_kept(between: Any) -> None:
    hooks, example = between
    hooks.run = lambda: example.foo.expire(100)
    with example.database.trace() as requests:
        for _ in range(3):
            example.foo.get()
    assert [request.name for request in requests].count("GET") == 3


def test_a_reply_that_a_write_and_another_read_overtook_is_not_kept(between: Any) -> None:
    hooks, example = between

    def overtake() -> None:
        example.foo.set("new")
        assert example.foo.get() == "new"

    hooks.run = overtake
    assert example.foo.get() == "old"
    assert example.foo.get() == "new"


def test_hmget_that_a_write_overtook_keeps_the_other_fields(between: Any) -> None:
    hooks, example = between
    hooks.run = lambda: example.first.hset("new")
    assert example.hmget() == ["old", "old"]
    assert reads(example, example.second.hget) == []
    assert example.first.hget() == "new"


def test_threads_on_one_object_find_nothing_stale_after_their_own_write(example: Any) -> None:
    numbers = count()
    stale: list[tuple[int, int]] = []
    stop = threading.Event()
    example.foo.set(next(numbers))
    lock = threading.Lock()

    def hammer() -> None:
        while not stop.is_set():
            with lock:  # so that a later number is a later write
                mine = next(numbers)
                example.foo.set(mine)
            found = int(example.foo.get())
            if found < mine:
                stale.append((mine, found))

    def read() -> None:
        while not stop.is_set():
            example.foo.get()

    threads = [threading.Thread(target=work) for work in [hammer, hammer, read, read]]
    for thread in threads:
        thread.start()
    stop.wait(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert stale == []


def test_commands_sent_together_are_fresh_and_fill_the_cache(example: Any) -> None:
    commands: list[Command[Any]] = []

    class Catch(Exception):
        pass

    def catch(command: Command[Any]) -> None:
        commands.append(command)
        raise Catch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(example.database, "execute", catch)
        with pytest.raises(Catch):
            example.foo.get()
    assert example.foo.get() == "FOO"
    example.database.connection.set(example.foo.key, "new")
    assert example.database.execute_together(commands) == ["new"]
    assert reads(example, example.foo.get) == []
    assert example.foo.get() == "new"
