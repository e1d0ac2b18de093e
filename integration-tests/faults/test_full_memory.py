"""The server has no memory left, and may not evict anything (`maxmemory-policy noeviction`)."""

from __future__ import annotations

import contextlib
import time

import pytest
from limpyd.database import RedisDatabase
from limpyd_testing.connection import connect
from limpyd_testing.consistency import snapshot
from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import assert_whole, check
from limpyd_testing.load.load import Load
from limpyd_testing.load.models import define_models
from limpyd_testing.report import Report
from limpyd_testing.server import Server
from redis.exceptions import OutOfMemoryError

REFUSALS = ("OutOfMemoryError", "ExecAbortError")
"""The second one is of a transaction that Redis had queued when memory ended, and refused at its EXEC."""


def set_memory(database: RedisDatabase, size: int) -> None:
    database.connection.config_set("maxmemory", size)


@quick_and_deep("times", 2, 40)
def test_writes_that_find_no_memory_change_nothing_and_go_on_when_there_is_some(
    times: int, report: Report
) -> None:
    with Server(maxmemory_policy="noeviction") as server, Load(server.url, 4) as load:
        database = connect(server.url)
        for _ in range(times):
            set_memory(database, 1)
            time.sleep(0.2)
            set_memory(database, 0)
            load.wait_for_progress(10)
        database.connection.close()
        verdict = check(load, server.url, allowed=REFUSALS)
    assert verdict.errors["OutOfMemoryError"]
    report.add("no memory left (`maxmemory`, `noeviction`)", times, verdict)


def test_without_memory_left_objects_are_read_found_and_deleted() -> None:
    with Server(maxmemory_policy="noeviction") as server:
        database = connect(server.url)
        models = define_models(database)
        author = models.author(name="a", born="1828")
        book = models.book(isbn="b", title="Moon", author=author, genres=["novel"])
        reader = models.reader(name="r", email="e", favourites=[book])
        set_memory(database, 1)
        before = snapshot(database)

        for write in (lambda: models.author(name="b"), book.copies.incr):
            with pytest.raises(OutOfMemoryError):
                write()
        assert snapshot(database) == before
        with contextlib.suppress(OutOfMemoryError):  # Redis 6.2 has let the script write before
            book.genres.sadd("space")
        assert_whole(database)
        assert book.title.hget() == "Moon"
        assert list(models.book.collection(genres="novel").sort(by="title", alpha=True).instances()) == [book]
        author.delete()
        assert list(models.book.collection()) == []
        assert reader.favourites.smembers() == set()
        assert_whole(database)

        set_memory(database, 0)
        assert models.author(name="b").born.set("1866")
        database.connection.close()
