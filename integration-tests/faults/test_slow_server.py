"""The server is slower than the socket's timeout: it is stopped for a while, and goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd_testing.connection import protocol
from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import LOST, check
from limpyd_testing.load.load import Load
from limpyd_testing.load.opener import opener
from limpyd_testing.report import Report
from limpyd_testing.server import Server
from redis.exceptions import TimeoutError as RedisTimeoutError

TIMEOUT = 0.3


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def page(server: Server) -> Iterator[Any]:
    """An object over one connection, which waits for so long."""
    where = RedisDatabase.from_url(server.url, protocol=protocol(), socket_timeout=TIMEOUT, max_connections=1)

    class Page(RedisModel):
        database = where
        url = fields.HashableField(indexable=True)
        hits = fields.StringField(default=0)
        log = fields.ListField(indexable=True)

    yield Page(url="a")
    where.connection.flushdb()
    where.connection.close()


def test_a_write_that_takes_too_long_raises_and_is_done_once(server: Server, page: Any) -> None:
    with page.database.trace() as requests, server.frozen(), pytest.raises(RedisTimeoutError):
        page.hits.incr()
    assert len(requests) == 1
    assert page.hits.get() == "1"


def test_an_indexed_write_that_takes_too_long_raises_and_is_done_once(server: Server, page: Any) -> None:
    page.log.rpush("a")
    with server.frozen(), pytest.raises(RedisTimeoutError):
        page.log.rpush("b")
    assert page.log.lrange(0, -1) == ["a", "b"]
    assert list(type(page).collection(log="b")) == [page.pk.get()]


def test_no_reply_that_comes_too_late_is_taken_for_another_one(server: Server, page: Any) -> None:
    page.hits.set(41)
    with server.frozen(), pytest.raises(RedisTimeoutError):
        page.hits.incr()
    assert page.url.hget() == "a"
    assert page.log.rpush("x", "y", "z") == 3
    assert page.hits.get() == "42"


def test_a_read_that_takes_too_long_is_repeated(server: Server, page: Any) -> None:
    frozen = server.frozen()
    frozen.__enter__()
    thaw = threading.Timer(TIMEOUT * 1.5, frozen.__exit__, (None, None, None))
    thaw.start()
    assert page.url.hget() == "a"
    thaw.join()


@quick_and_deep("times", 2, 40)
def test_a_load_on_a_server_that_stops_at_times_leaves_whole_data(times: int, report: Report) -> None:
    random = Random(times)
    with Server() as server:
        impatient = opener(server.url, socket_timeout=0.1)
        with Load(server.url, 4, open_database=impatient) as load:
            for _ in range(times):
                with server.frozen():
                    time.sleep(random.uniform(0.15, 0.4))
                load.wait_for_progress(10)
            verdict = check(load, server.url, allowed=LOST)
    assert verdict.errors["TimeoutError"]
    report.add("server stopped for longer than the socket's timeout", times, verdict)
