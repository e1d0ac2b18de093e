"""The only door to Redis: settings, scripts, fallbacks, middleware, and at most one sending of a write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from limpyd import fields
from limpyd.commands import Command
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError, UniquenessError
from limpyd.middleware import MISS, Middleware
from limpyd.model import RedisModel
from limpyd.scripts import Script
from limpyd_testing.models import define
from limpyd_testing.plugin import load_scripts
from limpyd_testing.proxy import Proxy
from limpyd_testing.server import Server
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import DataError, NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry


class Page(RedisModel):
    abstract = True

    url = fields.HashableField(unique=True)
    hits = fields.StringField(default=0)


@pytest.fixture
def page(database: RedisDatabase) -> type[Page]:
    return define(Page, database)


# -- settings


def test_the_default_is_localhost_6379_db_0() -> None:
    settings = RedisDatabase().connection.connection_pool.connection_kwargs
    assert (settings["host"], settings["port"], settings["db"]) == ("localhost", 6379, 0)


def test_settings_are_those_of_redis_py() -> None:
    database = RedisDatabase("example.org", 1234, 5, password="secret", socket_timeout=3)
    settings = database.connection.connection_pool.connection_kwargs
    assert (settings["host"], settings["port"], settings["db"]) == ("example.org", 1234, 5)
    assert (settings["password"], settings["socket_timeout"]) == ("secret", 3)
    assert repr(database) == "<RedisDatabase example.org:1234 db 5>"


def test_a_url_is_taken(server_url: str) -> None:
    database = RedisDatabase.from_url(server_url, client_name="limpyd-test")
    assert database.connection.client_getname() == "limpyd-test"


def test_a_client_is_taken_as_it_is(server_url: str) -> None:
    client = redis.Redis.from_url(server_url, decode_responses=True)
    assert RedisDatabase(connection=client).connection is client


def test_a_client_and_settings_together_are_refused() -> None:
    with pytest.raises(ImplementationError, match="either a `connection` or the settings of one"):
        RedisDatabase(connection=redis.Redis(), password="secret")
    with pytest.raises(ImplementationError, match="not both"):
        RedisDatabase("example.org", connection=redis.Redis())


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("single", [True, False])
def test_replies_are_text_whatever_the_client_makes_of_them(
    database: RedisDatabase, server_url: str, protocol: int, single: bool
) -> None:
    client = redis.Redis.from_url(server_url, protocol=protocol, single_connection_client=single)
    model = define(Page, RedisDatabase(connection=client))
    one = model(url="é")
    assert one.hgetall() == {"url": "é"}
    assert one.url.hget() == "é"
    assert list(model.collection(url="é")) == ["1"]


def test_bytes_that_are_no_text_come_back_as_they_were(page: type[Page]) -> None:
    one = page(url=b"\xff\xfe")
    value = one.url.hget()
    assert value == "\udcff\udcfe"
    other = page(url="x")
    other.hits.set(value)
    assert other.hits.strlen() == 2
    assert list(page.collection(url=value)) == ["1"]


# -- scripts and fallbacks


@pytest.mark.parametrize("has_hiredis", [True, False])
@pytest.mark.parametrize("value", ["\ud800", "a\udfff"])
def test_a_text_that_has_no_bytes_is_redis_py_s_data_error(
    page: type[Page], monkeypatch: pytest.MonkeyPatch, value: str, has_hiredis: bool
) -> None:
    one = page(url="a")
    if not has_hiredis:
        monkeypatch.setattr(page.database._runner.transport, "_packs", False)
    calls: list[Callable[[], object]] = [
        lambda: one.url.hset(value),
        lambda: one.hits.set(value),
        lambda: page(url=value),
        lambda: page(value),
        lambda: page.create_many([{"url": "b"}, {"url": value}]),
        lambda: page.get_or_connect(url=value),
    ]
    for call in calls:
        with pytest.raises(DataError, match="surrogates not allowed"):
            call()
    assert list(page.collection()) == ["1"]
    assert one.url.hget() == "a"


def test_a_number_of_too_many_digits_is_redis_py_s_data_error(page: type[Page]) -> None:
    with pytest.raises(DataError, match="more than 1024 bits"):
        page().hits.incrby(10**5000)
    assert list(page.collection()) == []


def test_scripts_that_the_server_forgot_are_loaded_again(page: type[Page], database: RedisDatabase) -> None:
    one = page(url="a")
    for operation in (
        lambda: page(url="b"),
        lambda: one.url.hset("c"),
        lambda: page.get_or_connect(url="d"),
        lambda: list(page.collection(pk=1, url="c").sort()),
        one.delete,
    ):
        database.connection.script_flush()
        with database.trace() as requests:
            operation()
        assert [request.name for request in requests] == ["EVALSHA", "SCRIPT", "EVALSHA"]
    assert sorted(obj.url.hget() or "" for obj in page.collection().instances()) == ["b", "d"]


def test_a_script_that_is_flushed_whenever_it_is_loaded_is_sent_along_with_its_command(
    page: type[Page], database: RedisDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = database._runner.transport
    send = transport.send

    def send_and_flush(args: Any, **options: Any) -> Any:
        reply = send(args, **options)
        database.connection.script_flush()
        return reply

    database.connection.script_flush()
    monkeypatch.setattr(transport, "send", send_and_flush)
    with database.trace() as requests:
        one = page(url="a")
    assert [request.name for request in requests] == [*["EVALSHA", "SCRIPT"] * 3, "SCRIPT"]
    assert [request.name for request in requests[-1].parts] == ["SCRIPT", "EVALSHA"]
    with pytest.raises(UniquenessError):
        page(url="a")
    assert list(page.collection(url="a").sort().instances()) == [one]


def test_a_plain_command_s_noscript_error_passes_through(database: RedisDatabase) -> None:
    command: Command[Any] = Command("EVALSHA", (), ("0" * 40, 0))
    with pytest.raises(NoScriptError):
        database.execute(command)


def test_a_command_that_the_server_has_not_falls_back_and_is_remembered(database: RedisDatabase) -> None:
    command: Command[str] = Command("NOSUCHCOMMAND", (), (), fallback=Command("PING", (), ()))
    with database.trace() as requests:
        assert database.execute(command) == "PONG"
        assert database.execute(command) == "PONG"
    assert [request.name for request in requests] == ["NOSUCHCOMMAND", "PING", "PING"]


def test_a_command_that_fails_falls_back_and_is_tried_again(
    page: type[Page], database: RedisDatabase
) -> None:
    key = page(hits="x").hits.key
    command: Command[Any] = Command("INCR", (key,), (key,), fallback=Command("PING", (), ()))
    with database.trace() as requests:
        assert database.execute(command) == "PONG"
        database.connection.set(key, "1")
        assert database.execute(command) == 2
    assert [request.name for request in requests] == ["INCR", "PING", "INCR"]


def test_an_unknown_command_without_a_fallback_is_redis_s_own_error(database: RedisDatabase) -> None:
    with pytest.raises(ResponseError, match="unknown command"):
        database.execute(Command("NOSUCHCOMMAND", (), ()))


def test_every_script_is_loadable_and_starts_with_the_flags_for_dragonfly(database: RedisDatabase) -> None:
    for name in ("create", "connect", "write", "delete", "collect"):
        script = Script(name)
        assert script.source.startswith("--!df flags=allow-undeclared-keys\n")
        assert database.connection.script_load(script.source) == script.sha


# -- middleware


class Recorder(Middleware):
    def __init__(self, name: str, log: list[Any], hit: Any = MISS) -> None:
        self.name, self.log, self.hit = name, log, hit

    def before(self, command: Command[Any]) -> object:
        self.log.append((self.name, "before", command.name))
        return self.hit

    def after(self, command: Command[Any], value: Any) -> None:
        self.log.append((self.name, "after", value))


def with_middleware(database: RedisDatabase, *middleware: Middleware) -> type[Page]:
    client = RedisDatabase(connection=database.connection, middleware=middleware)
    return define(Page, client)


def test_middleware_sees_the_command_going_in_and_the_value_coming_out(database: RedisDatabase) -> None:
    log: list[Any] = []
    model = with_middleware(database, Recorder("one", log), Recorder("two", log))
    model.lazy_connect(1).hits.incr()
    assert log == [
        ("one", "before", "INCRBY"),
        ("two", "before", "INCRBY"),
        ("two", "after", 1),
        ("one", "after", 1),
    ]


def test_a_hit_answers_without_a_request(database: RedisDatabase) -> None:
    log: list[Any] = []
    model = with_middleware(
        database, Recorder("one", log), Recorder("two", log, None), Recorder("three", log)
    )
    with model.database.trace() as requests:
        assert model.lazy_connect(1).hits.get() is None
    assert requests == []
    assert log == [("one", "before", "GET"), ("two", "before", "GET"), ("one", "after", None)]


def test_a_command_says_where_it_comes_from(database: RedisDatabase) -> None:
    seen: list[Command[Any]] = []

    class Watcher(Middleware):
        def before(self, command: Command[Any]) -> object:
            seen.append(command)
            return MISS

    model = with_middleware(database, Watcher())
    one = model(url="a")
    one.url.hset("b")
    one.hits.get()
    list(model.collection())
    create, write, read, collect = seen
    assert (create.name, create.is_write, create.writes) == ("create", True, ("pk", "url", "hits"))
    assert (write.name, write.is_write, write.writes) == ("write_value", True, ("url",))
    assert (read.name, read.is_write, read.reads, read.writes) == ("GET", False, ("hits",), ())
    assert {command.model for command in seen} == {model}
    assert [command.instance for command in (create, write, read, collect)] == [one, one, one, None]


# -- connections that break


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with Proxy(server.socket) as proxy:
        yield proxy


@pytest.fixture
def direct(server: Server) -> Iterator[type[Page]]:
    """The model on the server behind the proxy."""
    database = RedisDatabase.from_url(server.url)
    load_scripts(database.connection)
    yield define(Page, database)
    database.connection.close()


def through(proxy: Proxy, **settings: Any) -> type[Page]:
    return define(Page, RedisDatabase(port=proxy.port, **settings))


def test_a_create_whose_answer_was_lost_raises_and_leaves_one_object(
    direct: type[Page], proxy: Proxy
) -> None:
    remote = through(proxy)
    proxy.lose_replies(1)
    with pytest.raises((RedisConnectionError, RedisTimeoutError)):
        remote(url="once")
    assert proxy.connections == 1
    assert len(direct.collection()) == 1
    assert len(direct.collection(url="once")) == 1


def test_an_increment_whose_answer_was_lost_counts_once(direct: type[Page], proxy: Proxy) -> None:
    one = direct(url="a")
    remote = through(proxy).lazy_connect(one.get_pk())
    remote.hits.incr()
    proxy.lose_replies(1)
    with pytest.raises((RedisConnectionError, RedisTimeoutError)):
        remote.hits.incr()
    assert one.hits.get() == "2"
    assert remote.hits.incr() == 3


def test_writes_are_repeated_where_that_is_asked_for(direct: type[Page], proxy: Proxy) -> None:
    one = direct(url="a")
    remote = through(proxy, retry_writes=True).lazy_connect(one.get_pk())
    proxy.lose_replies(1)
    assert remote.hits.incr() == 2


def test_a_read_whose_answer_was_lost_is_repeated(direct: type[Page], proxy: Proxy) -> None:
    one = direct(url="a")
    remote = through(proxy).lazy_connect(one.get_pk())
    proxy.lose_replies(1)
    assert remote.hits.get() == "0"
    assert proxy.connections == 2


def test_a_connection_that_was_closed_while_idle_is_replaced_before_a_write(
    direct: type[Page], proxy: Proxy
) -> None:
    remote = through(proxy)
    remote(url="a")
    proxy.cut()
    remote(url="b")
    assert len(direct.collection()) == 2


def test_a_server_that_is_away_is_redis_py_s_error_and_soon() -> None:
    model = define(Page, RedisDatabase(unix_socket_path="/nonexistent.sock"))
    attempts: list[Exception] = []

    class Counting(Retry):
        def call_with_retry(self, do: Any, fail: Any, *args: Any, **options: Any) -> Any:
            def counted() -> Any:
                try:
                    return do()
                except Exception as error:
                    attempts.append(error)
                    raise

            return super().call_with_retry(counted, fail, *args, **options)

    for operation in (lambda: model(url="a"), lambda: list(model.collection()), lambda: model(1)):
        with pytest.raises(RedisConnectionError, match="nonexistent"):
            operation()
    retry = model.database.connection.connection_pool.connection_kwargs["retry"]
    assert retry.get_retries() == 1


def test_a_restarted_server_is_found_again() -> None:
    with Server() as server:
        model = define(Page, RedisDatabase.from_url(server.url))
        model(url="a")
        server.stop()
        with pytest.raises(RedisConnectionError):
            model(url="b")
        server.start()
        assert model(url="c").get_pk() == "1"
