"""The connection that tells what changed: what it hears, and how it notices that it hears nothing."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterable

import pytest
import redis
from limpyd.contrib.cache.tracking import Tracking
from limpyd.database import RedisDatabase
from limpyd_testing.server import Server
from limpyd_testing.waiting import wait_for
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry


class Heard:
    """Collects what was told."""

    def __init__(self) -> None:
        self.changes: list[list[str] | None] = []

    def __call__(self, keys: Iterable[str] | None) -> None:
        self.changes.append(None if keys is None else sorted(keys))


def test_changes_under_the_prefixes_are_heard_in_order(database: RedisDatabase) -> None:
    heard = Heard()
    tracking = Tracking(database.connection, ["a:", "b:"], heard)
    tracking.start()
    for key in ("a:1", "c:1", "b:1", b"a:\xff", "ab:1"):
        database.connection.set(key, "x")
    database.connection.eval("redis.call('SET', 'a:2', 1) redis.call('SET', 'a:3', 1)", 0)
    database.connection.flushdb()
    wait_for(lambda: None in heard.changes)
    assert heard.changes == [["a:1"], ["b:1"], ["a:\udcff"], ["a:2", "a:3"], None]
    tracking.close()


def test_it_listens_from_start_to_close(database: RedisDatabase) -> None:
    tracking = Tracking(database.connection, ["a:"], Heard())
    assert not tracking.listening
    tracking.start()
    assert tracking.listening
    tracking.close()
    assert not tracking.listening
    assert not [thread for thread in threading.enumerate() if thread.name == "limpyd-cache"]
    assert not [each for each in database.connection.client_list() if "t" in each["flags"]]


def test_prefixes_that_the_server_refuses_are_an_error(database: RedisDatabase) -> None:
    tracking = Tracking(database.connection, ["a:", "a:b:"], Heard())
    with pytest.raises(ResponseError, match="overlaps"):
        tracking.start()
    assert not tracking.listening


def test_without_a_server_it_does_not_start() -> None:
    tracking = Tracking(redis.Redis(port=1, retry=Retry(NoBackoff(), 0)), ["a:"], Heard())
    with pytest.raises(redis.ConnectionError):
        tracking.start()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process can't be stopped here")
def test_a_server_that_falls_silent_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("limpyd.contrib.cache.tracking.HEARTBEAT", 0.1)
    heard = Heard()
    with Server() as server:
        client = redis.Redis.from_url(server.url)
        tracking = Tracking(client, ["a:"], heard)
        tracking.start()
        time.sleep(0.3)  # some heartbeats that are answered
        assert heard.changes == []
        os.kill(server.pid, signal.SIGSTOP)
        wait_for(lambda: heard.changes == [None])
        assert not tracking.listening
        os.kill(server.pid, signal.SIGCONT)
        wait_for(lambda: tracking.listening)
        client.set("a:1", "x")
        wait_for(lambda: heard.changes[-1:] == [["a:1"]])
        tracking.close()
        client.close()
