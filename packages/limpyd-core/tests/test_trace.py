"""A trace shows what a block of code sent, as sent, and nothing else."""

from __future__ import annotations

import threading

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd.trace import Request
from limpyd_testing.models import define
from redis.exceptions import ConnectionError as RedisConnectionError


class Example(RedisModel):
    abstract = True

    foo = fields.StringField()
    bar = fields.StringField(indexable=True)


def test_a_trace_shows_requests_as_sent_with_their_time(database: RedisDatabase) -> None:
    one = define(Example, database).lazy_connect(1)
    with database.trace() as requests:
        one.foo.set("x y")
        one.foo.get()
    assert [request.args for request in requests] == [
        ("SET", ":example:1:foo", "x y"),
        ("GET", ":example:1:foo"),
    ]
    assert [str(request) for request in requests] == ['SET :example:1:foo "x y"', "GET :example:1:foo"]
    assert all(request.seconds is not None and request.seconds > 0 for request in requests)


def test_a_trace_names_the_script(database: RedisDatabase) -> None:
    with database.trace() as requests:
        define(Example, database)(bar="x")
    assert {request.script for request in requests} == {"create"}
    assert requests[-1].name == "EVALSHA"


def test_traces_nest(database: RedisDatabase) -> None:
    one = define(Example, database).lazy_connect(1)
    with database.trace() as outer:
        one.foo.get()
        with database.trace() as inner:
            one.foo.strlen()
        one.foo.get()
    assert [request.name for request in outer] == ["GET", "STRLEN", "GET"]
    assert [request.name for request in inner] == ["STRLEN"]
    one.foo.get()
    assert len(outer) == 3


def test_a_trace_leaves_out_other_threads_and_other_databases(database: RedisDatabase) -> None:
    one = define(Example, database).lazy_connect(1)
    other = define(Example, RedisDatabase(connection=database.connection)).lazy_connect(1)
    with database.trace() as requests:
        thread = threading.Thread(target=one.foo.get)
        thread.start()
        thread.join()
        other.foo.get()
    assert requests == []


def test_a_request_that_failed_is_shown_without_a_time() -> None:
    database = RedisDatabase(unix_socket_path="/nonexistent.sock")
    with database.trace() as requests, pytest.raises(RedisConnectionError, match="nonexistent"):
        define(Example, database).lazy_connect(1).foo.get()
    assert [(request.name, request.seconds) for request in requests] == [("GET", None)]


def test_a_request_is_written_as_one_would_type_it() -> None:
    assert str(Request(("SET", "k", ""))) == 'SET k ""'
    assert str(Request(("SET", "k", 'say "hi" \\'))) == 'SET k "say \\"hi\\" \\\\"'
    assert str(Request(("SET", b"k", "a\nb", 5, 1.5))) == 'SET k "a\\x0ab" 5 1.5'
