"""The client's part of a request: one `GET` of a short text, sent in ever barer ways, and what a pool takes.

The floor of the requests is redis-py's `client.get`, that of the pools redis-py's own.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import hiredis
import pytest
import redis
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd_testing.models import define
from limpyd_testing.server import Server
from pytest_benchmark.fixture import BenchmarkFixture

CALLS = 200
ROUNDS = 500
VALUE = "x" * 20

Measure = Callable[[str, Callable[[], object]], None]


class Thing(RedisModel):
    """An object with one text."""

    abstract = True

    text = fields.StringField()


@pytest.fixture
def measure(benchmark: BenchmarkFixture) -> Measure:
    """Time many calls a round."""

    def run(group: str, call: Callable[[], object]) -> None:
        benchmark.group = group
        benchmark.pedantic(  # type: ignore[no-untyped-call]  # pytest-benchmark has no types for it
            lambda: [call() for _ in range(CALLS)], rounds=ROUNDS, warmup_rounds=2
        )

    return run


@pytest.fixture
def thing(database: RedisDatabase) -> Any:
    """The object."""
    return define(Thing, database)(text=VALUE)


@pytest.fixture
def get(thing: Any, measure: Measure) -> Callable[[Callable[[], object]], None]:
    """Time a way to get the text, once it is seen to get it."""

    def run(call: Callable[[], object]) -> None:
        assert call() == VALUE
        measure(f"a GET of {len(VALUE)} characters", call)

    return run


@pytest.fixture
def bare_socket(server: Server) -> Iterator[socket.socket]:
    """A socket that nobody looks after."""
    with socket.socket(socket.AF_UNIX) as bare:
        bare.connect(str(server.socket))
        yield bare


def test_get_by_hand(by_hand: redis.Redis, thing: Any, get: Any) -> None:
    key = thing.text.key
    get(lambda: by_hand.get(key))


def test_get_limpyd(thing: Any, get: Any) -> None:
    text = thing.text
    get(text.get)


def test_get_limpyd_with_a_client_of_ones_own(by_hand: redis.Redis, thing: Any, get: Any) -> None:
    model = define(Thing, RedisDatabase(connection=by_hand))
    text = model.lazy_connect(thing.pk.get()).text
    get(text.get)


def test_get_transport(database: RedisDatabase, thing: Any, get: Any) -> None:
    transport, request = database._runner.transport, ("GET", thing.text.key)
    get(lambda: transport.send(request, repeat=True, binary=False))


def test_get_connection(by_hand: redis.Redis, thing: Any, get: Any) -> None:
    connection: Any = by_hand.connection_pool.get_connection()
    request: Any = ("GET", thing.text.key)

    def call() -> object:
        connection.send_packed_command([hiredis.pack_command(request)])
        return connection.read_response()

    get(call)
    by_hand.connection_pool.release(connection)


def test_get_socket(bare_socket: socket.socket, thing: Any, get: Any) -> None:
    reader = hiredis.Reader(encoding="utf-8")
    request: Any = ("GET", thing.text.key)

    def call() -> object:
        bare_socket.sendall(hiredis.pack_command(request))
        reader.feed(bare_socket.recv(65536))
        return reader.gets()

    get(call)


def take_and_give_back(pool: Any) -> Callable[[], object]:
    return lambda: pool.release(pool.get_connection())


def test_pool_by_hand(by_hand: redis.Redis, measure: Measure) -> None:
    measure("a connection from its pool and back", take_and_give_back(by_hand.connection_pool))


def test_pool_limpyd(database: RedisDatabase, measure: Measure) -> None:
    measure("a connection from its pool and back", take_and_give_back(database.connection.connection_pool))
