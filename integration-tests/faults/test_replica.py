"""A replica, which is read and not written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from limpyd.database import RedisDatabase
from limpyd_testing.connection import connect
from limpyd_testing.consistency import snapshot
from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import assert_whole, check
from limpyd_testing.load.found import stories_in_redis
from limpyd_testing.load.load import Load
from limpyd_testing.load.models import Models, define_models
from limpyd_testing.report import Report
from limpyd_testing.sentinel import follow
from limpyd_testing.server import Server
from limpyd_testing.waiting import wait_for
from redis.exceptions import ReadOnlyError


@pytest.fixture(scope="module")
def replica() -> Iterator[RedisDatabase]:
    """The replica of a server on which there are an author, two books and a reader."""
    with Server(tcp=True) as first, Server(tcp=True) as second:
        master = connect(first.url)
        models = define_models(master)
        models.author(name="Verne", born="1828")
        for isbn, title in (("1", "Sea"), ("2", "Moon")):
            models.book(isbn=isbn, title=title, author="Verne", genres=["novel"], details={"pages": isbn})
        models.reader(name="Ann", email="ann@example.com", favourites=["1"])
        follow(second, first)
        master.connection.close()
        database = connect(second.url)
        yield database
        database.connection.close()


@pytest.fixture(scope="module")
def models(replica: RedisDatabase) -> Models:
    return define_models(replica)


WRITES: dict[str, Callable[[Models], Any]] = {
    "create": lambda models: models.author(name="Wells"),
    "create_many": lambda models: models.author.create_many([{"name": "Wells"}]),
    "get_or_connect": lambda models: models.author.get_or_connect(born="1866", defaults={"name": "Wells"}),
    "plain": lambda models: models.book(1).copies.incr(),
    "string": lambda models: models.book(1).year.set("1866"),
    "hashable": lambda models: models.book(1).title.hset("Time"),
    "hmset": lambda models: models.book(1).hmset(title="Time", isbn="3"),
    "set": lambda models: models.book(1).genres.sadd("space"),
    "list": lambda models: models.book(1).chapters.rpush("end"),
    "sorted set": lambda models: models.book(1).ratings.zadd({"good": 1}),
    "hash": lambda models: models.book(1).details.hset("pages", "300"),
    "delete": lambda models: models.book(1).delete(),
    "cascade": lambda models: models.author("Verne").delete(),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_on_a_replica_is_refused_and_changes_nothing(
    replica: RedisDatabase, models: Models, write: str
) -> None:
    before = snapshot(replica)
    with pytest.raises(ReadOnlyError):
        WRITES[write](models)
    assert snapshot(replica) == before


READS: dict[str, tuple[Callable[[Models], Any], Any]] = {
    "value": (lambda models: models.book(1).title.hget(), "Sea"),
    "exists": (lambda models: models.book.exists(isbn="2"), True),
    "get": (lambda models: models.book.get(isbn="2").pk.get(), "2"),
    "filtered": (lambda models: list(models.book.collection(title="Moon", genres="novel")), ["2"]),
    "counted": (lambda models: len(models.book.collection(title="Moon", genres="novel")), 1),
    "sorted": (lambda models: list(models.book.collection().sort(by="title", alpha=True)), ["2", "1"]),
    "sorted by an entry": (
        lambda models: list(models.book.collection().sort(by="-details__pages")),
        ["2", "1"],
    ),
    "filtered and sorted": (
        lambda models: list(
            models.book.collection(genres="novel", author="Verne").sort(by="-title", alpha=True)
        ),
        ["1", "2"],
    ),
    "sliced": (lambda models: list(models.book.collection(genres="novel").sort(by="isbn")[1:]), ["2"]),
    "related": (
        lambda models: [book.pk.get() for book in models.author("Verne").book_set().sort().instances()],
        ["1", "2"],
    ),
    "related of many": (lambda models: list(models.book(1).fans()), ["Ann"]),
    "found": (lambda models: models.book.get_or_connect(isbn="2")[1], False),
}


@pytest.mark.parametrize("read", READS)
def test_a_replica_answers_every_kind_of_read(models: Models, read: str) -> None:
    call, wanted = READS[read]
    assert call(models) == wanted


@quick_and_deep("operations", 30, 5000)
def test_a_replica_of_a_server_under_load_has_whole_data(operations: int, report: Report) -> None:
    with Server(tcp=True) as master, Server(tcp=True) as replica, Load(master.url, 4) as load:
        follow(replica, master)
        load.wait_for_progress(operations)
        verdict = check(load, master.url)
        with connect(master.url).connection as source, connect(replica.url).connection as target:
            wait_for(lambda: stories_in_redis(source) == stories_in_redis(target))
        database = connect(replica.url)
        assert_whole(database)
        database.connection.close()
    report.add("replica follows during the load", 1, verdict)
