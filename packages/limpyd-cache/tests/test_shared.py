"""The cache of a process: it is shared, bounded, and kept honest by the server."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import redis
from limpyd import fields, model
from limpyd.commands import Command
from limpyd.contrib.cache import InstanceCache, SharedCache, init_cache
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.middleware import Middleware
from limpyd_testing.server import Server
from limpyd_testing.waiting import eventually, wait_for


class Between(Middleware):
    """Runs something between a reply and the cache's hearing of it."""

    def __init__(self) -> None:
        self.run: Any = None

    def after(self, command: Command[Any], value: Any) -> None:
        run, self.run = self.run, None
        if run is not None:
            run()


@pytest.fixture
def between() -> Between:
    return Between()


@pytest.fixture
def cache() -> Iterator[SharedCache]:
    cache = SharedCache()
    yield cache
    cache.close()


def models_on(cached: RedisDatabase) -> Any:
    class Example(model.RedisModel):
        database = cached
        foo = fields.StringField()
        bar = fields.StringField(cacheable=False)
        number = fields.StringField(indexable=True)
        first = fields.HashableField()
        second = fields.HashableField(indexable=True)
        tags = fields.SetField()

    return Example


@pytest.fixture
def example(database: RedisDatabase, cache: SharedCache, between: Between) -> Any:
    cached = RedisDatabase(connection=database.connection, middleware=[cache, between])
    return models_on(cached)(foo="FOO", bar="BAR", first="1st", second="2nd", number=1)


def reads(example: Any, *calls: Any) -> list[str]:
    """The requests that some calls send, by name."""
    with example.database.trace() as requests:
        for call in calls:
            call()
    return [request.name for request in requests]


def settle(example: Any, cache: SharedCache) -> None:
    """Wait until the server has told of all writes so far: it tells of one more, and tells in order."""
    probe = type(example).lazy_connect("probe")
    probe.foo.get()
    example.database.connection.set(probe.foo.key, "x")
    wait_for(lambda: probe.foo.key not in cache._groups)


def test_a_second_read_sends_nothing_whatever_the_object(example: Any, cache: SharedCache) -> None:
    settle(example, cache)
    other = type(example).lazy_connect(example.pk.get())
    assert reads(example, example.foo.get, other.foo.get, example.foo.get) == ["GET"]


def test_an_own_write_is_seen_at_once_by_every_object(example: Any) -> None:
    other = type(example).lazy_connect(example.pk.get())
    for value in map(str, range(100)):
        assert other.foo.get() == example.foo.get()
        example.foo.set(value)
        assert other.foo.get() == value


def test_an_own_write_with_an_index_is_seen_at_once(example: Any) -> None:
    other = type(example).lazy_connect(example.pk.get())
    for value in map(str, range(20)):
        assert other.number.get() != value or value == "1"
        example.number.set(value)
        assert other.number.get() == value


def test_anybodys_write_is_seen(example: Any) -> None:
    assert example.foo.get() == "FOO"
    example.database.connection.set(example.foo.key, "new")
    wait_for(lambda: example.foo.get() == "new")


def test_a_script_of_another_program_is_seen(example: Any) -> None:
    assert example.foo.get() == "FOO"
    example.database.connection.eval("redis.call('SET', KEYS[1], 'new')", 1, example.foo.key)
    wait_for(lambda: example.foo.get() == "new")


def test_a_value_that_expires_is_seen_to_go(example: Any) -> None:
    example.foo.set("short", px=50)
    wait_for(lambda: example.foo.get() is None)


def test_flushing_the_database_empties_the_cache(example: Any) -> None:
    assert example.foo.get() == "FOO"
    assert example.hmget() == ["1st", "2nd"]
    example.database.connection.flushdb()
    wait_for(lambda: example.foo.get() is None)
    assert example.hmget() == [None, None]


def test_two_processes(example: Any, server_url: str) -> None:
    program = """
import sys, redis
client = redis.Redis.from_url(sys.argv[1])
for line in sys.stdin:
    client.set(sys.argv[2], line.strip())
    print("done", flush=True)
"""
    arguments = [sys.executable, "-c", program, server_url, example.foo.key]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for value in map(str, range(50)):
            assert example.foo.get() != value
            other.stdin.write(f"{value}\n")
            other.stdin.flush()
            assert other.stdout.readline() == "done\n"
            wait_for(lambda value=value: example.foo.get() == value)  # type: ignore[misc]  # a default binds it
        other.stdin.close()


def test_hmget_fills_single_fields_and_is_answered_from_them(example: Any, cache: SharedCache) -> None:
    settle(example, cache)
    assert example.hmget("second", "first") == ["2nd", "1st"]
    assert reads(example, example.first.hget, example.hgetall, example.hmget) == []
    assert example.hgetall() == {"first": "1st", "second": "2nd"}


def test_hmset_is_seen_at_once(example: Any) -> None:
    example.hmget()
    example.hmset(first="new")
    assert example.hmget() == ["new", "2nd"]


def test_a_value_of_an_object_that_is_created_later_is_seen(database: RedisDatabase, cache: Any) -> None:
    cached = RedisDatabase(connection=database.connection, middleware=[cache])

    class Example(model.RedisModel):
        database = cached
        id = fields.PKField()
        foo = fields.StringField()

    early = Example.lazy_connect("a")
    assert early.foo.get() is None
    Example(id="a", foo="FOO")
    assert early.foo.get() == "FOO"
    assert Example.lazy_connect("b").foo.get() is None
    Example.create_many([{"id": "b", "foo": "FOO"}])
    assert Example.lazy_connect("b").foo.get() == "FOO"


def test_deleting_an_object_is_seen_at_once(example: Any) -> None:
    other = type(example).lazy_connect(example.pk.get())
    assert (other.foo.get(), other.first.hget()) == ("FOO", "1st")
    example.delete()
    assert (other.foo.get(), other.first.hget()) == (None, None)


def test_a_field_that_is_not_cacheable_is_asked_each_time(example: Any) -> None:
    assert reads(example, example.bar.get, example.bar.get) == ["GET", "GET"]


def test_replies_that_can_be_changed_are_copies(example: Any, cache: SharedCache) -> None:
    example.tags.sadd("a", "b")
    settle(example, cache)
    example.tags.smembers().clear()
    example.tags.smembers().clear()
    assert example.tags.smembers() == {"a", "b"}
    assert reads(example, example.tags.smembers) == []


def test_a_reply_that_a_write_overtook_is_not_kept(example: Any, between: Between) -> None:
    between.run = lambda: example.foo.set("new")
    assert example.foo.get() == "FOO"
    assert example.foo.get() == "new"


def test_a_reply_that_a_foreign_write_overtook_is_not_kept(
    example: Any, cache: SharedCache, between: Between
) -> None:
    settle(example, cache)
    example.foo.strlen()  # which tells when the server's message is here

    def overtake() -> None:
        before = cache.stats().invalidations
        example.database.connection.set(example.foo.key, "new")
        wait_for(lambda: cache.stats().invalidations > before)

    between.run = overtake
    assert example.foo.get() == "FOO"
    assert example.foo.get() == "new"


def test_a_reply_that_a_write_and_another_read_overtook_is_not_kept(example: Any, between: Between) -> None:
    def overtake() -> None:
        example.foo.set("new")
        assert example.foo.get() == "new"

    between.run = overtake
    assert example.foo.get() == "FOO"
    assert example.foo.get() == "new"


def test_the_least_recently_used_go_first(database: RedisDatabase) -> None:
    cache = SharedCache(max_entries=3)
    example = models_on(RedisDatabase(connection=database.connection, middleware=[cache]))
    a, b, c, d = (example.lazy_connect(pk) for pk in "abcd")
    for each in (a, b, c, a, d):
        each.foo.get()
    assert cache.stats() == (1, 4, 3, 1, 0)
    assert reads(a, a.foo.get, c.foo.get, d.foo.get) == []
    assert reads(b, b.foo.get) == ["GET"]
    cache.close()


def test_a_value_is_read_again_when_its_time_is_over(database: RedisDatabase, monkeypatch: Any) -> None:
    cache = SharedCache(ttl=10)
    now = 100.0
    monkeypatch.setattr("limpyd.contrib.cache.shared.time", lambda: now)
    example = models_on(RedisDatabase(connection=database.connection, middleware=[cache])).lazy_connect("a")
    assert reads(example, example.foo.get, example.foo.get) == ["GET"]
    now += 9
    assert reads(example, example.foo.get) == []
    now += 1
    assert reads(example, example.foo.get, example.foo.get) == ["GET"]
    assert cache.stats() == (3, 2, 1, 1, 0)
    cache.close()


@pytest.mark.parametrize("settings", [{"max_entries": 0}, {"ttl": 0}, {"ttl": -1.0}])
def test_limits_that_make_no_sense_are_refused(settings: Any) -> None:
    with pytest.raises(ImplementationError, match=f"SharedCache: {next(iter(settings))} must be"):
        SharedCache(**settings)


def test_init_cache_forgets_for_all_objects(example: Any, cache: SharedCache) -> None:
    settle(example, cache)
    other = type(example).lazy_connect(example.pk.get())
    other.foo.get(), other.first.hget()
    example.foo.init_cache()
    assert reads(example, other.foo.get, other.first.hget) == ["GET"]
    init_cache(example)
    assert reads(example, other.foo.get, other.first.hget) == ["GET", "HGET"]


def test_init_cache_of_an_object_that_is_not_created_yet_does_nothing(example: Any) -> None:
    type(example)().init_cache()


def test_both_caches_work_together(database: RedisDatabase, cache: SharedCache) -> None:
    near = InstanceCache()
    cached = RedisDatabase(connection=database.connection, middleware=[near, cache])
    example = models_on(cached)(foo="FOO")
    settle(example, cache)
    assert reads(example, example.foo.get, example.foo.get) == ["GET"]
    assert (near.stats().hits, cache.stats().hits) == (1, 0)
    other = type(example).lazy_connect(example.pk.get())
    assert reads(example, other.foo.get, other.foo.get) == []
    assert (near.stats().hits, cache.stats().hits) == (2, 1)
    example.init_cache()
    assert reads(example, example.foo.get) == ["GET"]


def test_a_model_that_is_defined_later_is_heard_of_too(example: Any) -> None:
    assert example.foo.get() == "FOO"
    cached = example.database

    class Later(model.RedisModel):
        database = cached
        foo = fields.StringField()

    later = Later(foo="old")
    assert later.foo.get() == "old"
    later.database.connection.set(later.foo.key, "new")
    wait_for(lambda: later.foo.get() == "new")
    example.database.connection.set(example.foo.key, "new")
    wait_for(lambda: bool(example.foo.get() == "new"))


def test_keys_of_other_models_and_programs_are_not_heard_of(example: Any, cache: SharedCache) -> None:
    settle(example, cache)
    example.foo.get()
    before = cache.stats().invalidations
    example.database.connection.set("elsewhere", "x")
    example.database.connection.set(":examples:1:foo", "x")
    assert reads(example, example.foo.get) == []
    settle(example, cache)
    assert cache.stats().invalidations == before + 1
    assert reads(example, example.foo.get) == []


def test_a_lost_connection_empties_the_cache_until_it_is_back(example: Any, cache: SharedCache) -> None:
    settle(example, cache)
    example.foo.get()
    client = example.database.connection
    assert cache._tracking is not None
    lost = cache._tracking
    numbers = [each["id"] for each in client.client_list() if "t" in each["flags"]]
    for number in numbers:
        client.client_kill_filter(_id=number)
    assert numbers
    wait_for(lambda: not lost.listening)
    wait_for(lambda: cache.stats().entries == 0)
    wait_for(lambda: lost.listening)
    settle(example, cache)
    assert reads(example, example.foo.get, example.foo.get) == ["GET"]
    client.set(example.foo.key, "new")
    wait_for(lambda: bool(example.foo.get() == "new"))


def test_while_the_connection_is_lost_nothing_is_kept(example: Any, cache: SharedCache) -> None:
    example.foo.get()
    assert cache._tracking is not None
    cache._tracking.listening = False
    cache._on_change(None)
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]
    assert cache.stats().entries == 0


def test_a_server_that_refuses_tracking_is_told_apart(server_url: str, database: RedisDatabase) -> None:
    database.connection.acl_setuser(
        "blind", enabled=True, nopass=True, keys=["*"], categories=["+@all"], commands=["-client"]
    )
    try:
        cache = SharedCache()
        options: dict[str, Any] = {"username": "blind", "password": "any"}
        options |= (
            {"driver_info": None} if hasattr(redis, "DriverInfo") else {"lib_name": None, "lib_version": None}
        )
        cached = RedisDatabase.from_url(server_url, middleware=[cache], **options)
        example = models_on(cached).lazy_connect("a")
        with pytest.raises(ImplementationError, match=r"does not tell what changes .*use InstanceCache"):
            example.foo.get()
        cached.connection.close()
    finally:
        database.connection.acl_deluser("blind")


def test_a_closed_cache_keeps_nothing_and_has_no_thread(example: Any, cache: SharedCache) -> None:
    example.foo.get()
    cache.close()
    assert cache.stats().entries == 0
    assert reads(example, example.foo.get, example.foo.get) == ["GET", "GET"]
    assert not [thread for thread in threading.enumerate() if thread.name == "limpyd-cache"]


def test_a_cache_that_is_let_go_takes_its_thread_along(database: RedisDatabase) -> None:
    cache = SharedCache()
    cache.join(database)
    cache._track(models_on(database))
    del cache
    gc.collect()
    wait_for(lambda: not [thread for thread in threading.enumerate() if thread.name == "limpyd-cache"])


def test_without_a_database_the_cache_says_so(example: Any) -> None:
    lost = SharedCache()
    commands: list[Any] = []
    example.database._runner.run = commands.append
    example.foo.get()
    with pytest.raises(ImplementationError, match="give the cache to a database"):
        lost.before(commands[0])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_begins_with_an_empty_cache(example: Any, cache: SharedCache) -> None:
    settle(example, cache)
    assert example.foo.get() == "FOO"
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        result = b"failed"
        try:
            empty = cache.stats().entries == 0
            example.database.connection.set(example.foo.key, "new")
            fresh = eventually(lambda: bool(example.foo.get() == "new"))
            again = eventually(lambda: reads(example, example.foo.get) == [])
            result = f"{empty} {fresh} {again}".encode()
        finally:
            os.write(writing, result)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        assert answer.read() == "True True True"
    os.waitpid(child, 0)
    wait_for(lambda: bool(example.foo.get() == "new"))


def test_a_server_that_restarts(tmp_path: Any) -> None:
    cache = SharedCache()
    with Server() as server:
        cached = RedisDatabase.from_url(server.url, middleware=[cache])
        example = models_on(cached)(foo="FOO")
        assert example.foo.get() == "FOO"
        server.stop()
        wait_for(lambda: cache.stats().entries == 0)
        server.start()
        assert example.foo.get() is None
        wait_for(lambda: cache._tracking is not None and cache._tracking.listening)
        example.foo.set("new")
        settle(example, cache)
        assert reads(example, example.foo.get, example.foo.get) == ["GET"]
        cache.close()
        cached.connection.close()


def test_threads_find_nothing_stale_after_their_own_write(example: Any) -> None:
    numbers = count()
    stale: list[tuple[int, int]] = []
    stop = threading.Event()
    lock = threading.Lock()
    pk = example.pk.get()
    example.foo.set(next(numbers))

    def hammer() -> None:
        mine = type(example).lazy_connect(pk)
        while not stop.is_set():
            with lock:  # so that a later number is a later write
                number = next(numbers)
                mine.foo.set(number)
            found = int(mine.foo.get())
            if found < number:
                stale.append((number, found))

    def read() -> None:
        mine = type(example).lazy_connect(pk)
        while not stop.is_set():
            mine.foo.get()

    threads = [threading.Thread(target=work) for work in [hammer, hammer, read, read]]
    for thread in threads:
        thread.start()
    stop.wait(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert stale == []


def test_entries_are_counted_right_after_all_of_this(example: Any, cache: SharedCache) -> None:
    settle(example, cache)
    for _ in range(3):
        example.foo.get(), example.hmget(), example.tags.smembers(), example.foo.strlen()
    assert cache.stats().entries == sum(len(group) for group in cache._groups.values())
    example.hmset(first="x")
    example.foo.set("y")
    settle(example, cache)
    assert cache.stats().entries == sum(len(group) for group in cache._groups.values())
