"""The pool of a database's own client: quick, and as careful as redis-py's own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limpyd.commands import Command
from limpyd.connections import QuickConnectionPool, with_quick_pool
from limpyd.database import RedisDatabase
from limpyd_testing.server import Server
from redis.backoff import NoBackoff
from redis.credentials import UsernamePasswordCredentialProvider
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MaxConnectionsError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry


@pytest.fixture
def make(server_url: str) -> Iterator[Callable[..., RedisDatabase]]:
    """Makes databases on the test server, whose clients are closed afterwards."""
    made: list[RedisDatabase] = []

    def make(**settings: Any) -> RedisDatabase:
        database = RedisDatabase.from_url(server_url, **settings)
        made.append(database)
        return database

    yield make
    for each in made:
        each.connection.close()


@pytest.fixture
def quick(make: Callable[..., RedisDatabase]) -> RedisDatabase:
    return make()


def echo(database: RedisDatabase, text: str) -> str:
    return database.execute(Command("ECHO", (), (text,)))


def client_id(database: RedisDatabase) -> int:
    """The number that the server gave to the connection over which the next request goes."""
    return database.execute(Command("CLIENT ID", (), (), int))


def increment(database: RedisDatabase, key: str) -> int:
    """A write, which is sent at most once."""
    return database.execute(Command("INCR", (key,), (key,), int, is_write=True))


# -- which clients have it


def test_it_has_the_settings_of_the_pool_that_redis_py_would_make() -> None:
    given: dict[str, Any] = {"max_connections": 7, "client_name": "me", "socket_timeout": 2.5}
    with Server() as server:
        for database in (
            RedisDatabase(unix_socket_path=server.socket, db=3, **given),
            RedisDatabase.from_url(f"unix://{server.socket}?db=3", **given),
        ):
            pool = database.connection.connection_pool
            assert type(pool) is QuickConnectionPool
            assert pool.connection_class is redis.UnixDomainSocketConnection
            assert pool.max_connections == 7
            assert database.connection.client_getname() == "me"
            assert database.connection.client_info()["db"] == 3
            assert pool.connection_kwargs["socket_timeout"] == 2.5
            database.connection.close()


def test_over_tcp_and_tls_it_has_the_settings_too() -> None:
    pool = RedisDatabase("example.org", 1234, socket_keepalive=True).connection.connection_pool
    assert type(pool) is QuickConnectionPool
    assert pool.connection_kwargs["host"] == "example.org"
    assert pool.connection_kwargs["socket_keepalive"] is True
    pool = RedisDatabase.from_url("rediss://example.org").connection.connection_pool
    assert type(pool) is QuickConnectionPool
    assert pool.connection_class is redis.SSLConnection


@pytest.mark.parametrize("enabled", [True, False, "auto"])
def test_notifications_of_maintenance_are_on_or_off_as_the_settings_say(enabled: bool | str) -> None:
    settings: dict[str, Any] = {"maint_notifications_config": MaintNotificationsConfig(enabled=enabled)}  # type: ignore[arg-type]  # a Literal
    pool: Any = RedisDatabase(protocol=3, **settings).connection.connection_pool
    assert (pool.maint_notifications_enabled() or False) == enabled


def test_a_client_of_the_user_keeps_its_pool(server_url: str) -> None:
    client = redis.Redis.from_url(server_url)
    pool = client.connection_pool
    assert RedisDatabase(connection=client).connection.connection_pool is pool
    assert type(pool) is redis.ConnectionPool


def test_a_client_that_logs_in_again_when_connections_are_released_keeps_its_pool() -> None:
    provider = UsernamePasswordCredentialProvider("me", "secret")
    database = RedisDatabase(credential_provider=provider)
    assert type(database.connection.connection_pool) is redis.ConnectionPool


def test_a_client_of_one_connection_keeps_it(quick: RedisDatabase, server_url: str) -> None:
    database = RedisDatabase.from_url(server_url, single_connection_client=True)
    assert type(database.connection.connection_pool) is redis.ConnectionPool
    assert {client_id(database) for _ in range(3)} == {database.connection.client_id()}
    database.connection.close()


def test_another_class_of_pool_is_kept(server_url: str) -> None:
    client = redis.Redis(connection_pool=redis.BlockingConnectionPool.from_url(server_url))
    assert type(with_quick_pool(client).connection_pool) is redis.BlockingConnectionPool


# -- handing out and taking back


def test_one_connection_serves_all_that_comes_one_after_another(quick: RedisDatabase) -> None:
    ids = {client_id(quick), quick.connection.client_id(), client_id(quick), quick.connection.client_id()}
    assert len(ids) == 1


def test_a_connection_is_nobody_else_s_until_it_is_released(quick: RedisDatabase) -> None:
    pool = quick.connection.connection_pool
    first, second = pool.get_connection(), pool.get_connection()
    assert first is not second
    pool.release(first)
    assert pool.get_connection() is first


def test_a_connection_that_is_released_twice_has_one_next_user(quick: RedisDatabase) -> None:
    pool = quick.connection.connection_pool
    connection = pool.get_connection()
    pool.release(connection)
    pool.release(connection)
    assert pool.get_connection() is not pool.get_connection()


def test_a_connection_of_another_pool_is_not_taken_in(
    quick: RedisDatabase, make: Callable[..., RedisDatabase]
) -> None:
    foreign = make().connection.connection_pool.get_connection()
    pool = quick.connection.connection_pool
    pool.release(foreign)
    assert pool.get_connection() is not foreign


def test_spares_keep_nobody_from_the_last_connection(make: Callable[..., RedisDatabase]) -> None:
    database = make(max_connections=1)
    for number in range(3):
        assert echo(database, f"limpyd {number}") == f"limpyd {number}"
        assert database.connection.echo(f"by hand {number}") == f"by hand {number}"
    connection = database.connection.connection_pool.get_connection()
    with pytest.raises(MaxConnectionsError):
        echo(database, "one too many")
    database.connection.connection_pool.release(connection)
    assert echo(database, "again") == "again"


def test_a_server_that_is_away_costs_no_connection_of_the_pool() -> None:
    settings: dict[str, Any] = {"max_connections": 2, "retry": Retry(NoBackoff(), 0)}
    with Server() as server:
        database = RedisDatabase.from_url(server.url, **settings)
        echo(database, "up")
        server.stop()
        for _ in range(5):
            with pytest.raises(RedisConnectionError, match=r"connecting|closed"):
                echo(database, "down")
        server.start()
        pool = database.connection.connection_pool
        assert pool.get_connection() is not pool.get_connection()
        database.connection.close()


def test_threads_share_connections_and_get_their_own_replies(make: Callable[..., RedisDatabase]) -> None:
    database = make()
    start = threading.Barrier(16)

    def work(number: int) -> None:
        start.wait()
        for n in range(100):
            assert echo(database, f"{number}:{n}") == f"{number}:{n}"
            assert database.connection.echo(f"{number}/{n}") == f"{number}/{n}"

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    clients = [each for each in database.connection.client_list() if each["cmd"] == "echo"]
    assert len(clients) <= 16


def test_more_threads_than_a_blocking_pool_has_connections_wait_for_each_other(server_url: str) -> None:
    pool = redis.BlockingConnectionPool.from_url(server_url, max_connections=2, decode_responses=True)
    database = RedisDatabase(connection=redis.Redis.from_pool(pool))
    with ThreadPoolExecutor(8) as threads:
        texts = [str(number) for number in range(200)]
        assert list(threads.map(lambda text: echo(database, text), texts)) == texts
    database.connection.close()


# -- connections that are not what they were


def test_a_connection_that_the_server_closed_while_idle_is_replaced_before_a_write(
    quick: RedisDatabase, database: RedisDatabase
) -> None:
    assert increment(quick, "n") == 1
    for n in (2, 3):
        database.connection.client_kill_filter(_id=str(client_id(quick)))
        assert increment(quick, "n") == n


def test_a_restarted_server_is_found_again_by_a_write_without_an_error() -> None:
    with Server() as server:
        database = RedisDatabase.from_url(server.url)
        threads = [database.connection.connection_pool.get_connection() for _ in range(3)]
        for connection in threads:
            database.connection.connection_pool.release(connection)
        for _ in range(2):
            assert increment(database, "n") == 1
            server.stop(kill=True)
            server.start()
        database.connection.close()


def test_a_reply_that_nobody_read_is_not_taken_for_another(quick: RedisDatabase) -> None:
    pool = quick.connection.connection_pool
    connection: Any = pool.get_connection()
    connection.send_command("PING")
    assert connection.can_read(timeout=5)
    pool.release(connection)
    assert echo(quick, "mine") == "mine"


def test_a_connection_with_notifications_alone_is_used_on(
    quick: RedisDatabase, database: RedisDatabase
) -> None:
    before = client_id(quick)
    quick.execute(Command("CLIENT TRACKING", (), ("ON", "BCAST")))
    connection: Any = quick.connection.connection_pool.get_connection()
    database.connection.set("somebody", "else")
    assert connection.can_read(timeout=5)
    quick.connection.connection_pool.release(connection)
    assert client_id(quick) == before
    quick.execute(Command("CLIENT TRACKING", (), ("OFF",)))


def test_a_closed_client_connects_again(quick: RedisDatabase) -> None:
    before = client_id(quick)
    quick.connection.close()
    assert client_id(quick) != before


def test_disconnecting_what_nobody_uses_closes_spares_and_leaves_the_rest(quick: RedisDatabase) -> None:
    pool = quick.connection.connection_pool
    used, spare = pool.get_connection(), pool.get_connection()
    pool.release(spare)
    pool.disconnect(inuse_connections=False)
    assert (used.is_connected, spare.is_connected) == (True, False)
    pool.disconnect()
    assert not used.is_connected
    pool.release(used)
    assert echo(quick, "again") == "again"


def test_a_connection_that_is_to_reconnect_does_so_before_it_is_used_again(quick: RedisDatabase) -> None:
    pool = quick.connection.connection_pool
    before = client_id(quick)
    connection: Any = pool.get_connection()
    pool.release(connection)
    connection.mark_for_reconnect()
    assert client_id(quick) != before


def test_a_held_connection_is_nobody_else_s(quick: RedisDatabase) -> None:
    with quick._runner.transport.hold() as held:
        number = held.send(("CLIENT", "ID"), repeat=False, binary=False)
        assert client_id(quick) != number
        assert quick.connection.client_id() != number
        held.send(("WATCH", "n"), repeat=False, binary=False)
        increment(quick, "n")
        replies = held.send_together([("MULTI",), ("INCR", "n"), ("EXEC",)], repeat=False)
        assert replies[-1] is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_connections_of_its_own(quick: RedisDatabase) -> None:
    before = client_id(quick)
    connection = quick.connection.connection_pool.get_connection()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            quick.connection.connection_pool.release(connection)
            others = {client_id(quick) for _ in range(3)}
            os._exit(0 if len(others) == 1 and before not in others else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    quick.connection.connection_pool.release(connection)
    assert client_id(quick) == before


def test_a_reset_pool_starts_anew(quick: RedisDatabase) -> None:
    pool = quick.connection.connection_pool
    used, spare = pool.get_connection(), pool.get_connection()
    pool.release(spare)
    pool.reset()
    pool.release(used)
    assert pool.get_connection() not in (used, spare)


STEPS = ("take", "release", "release twice", "kill", "pollute", "disconnect", "disconnect idle", "mark")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), max_size=30))
def test_whatever_happens_to_connections_each_taker_gets_its_own_and_its_own_replies(
    make: Callable[..., RedisDatabase], database: RedisDatabase, steps: list[tuple[str, int]]
) -> None:
    pool = make(max_connections=4).connection.connection_pool
    taken: list[Any] = []
    known: list[Any] = []
    for number, (step, which) in enumerate(steps):
        some = known[which % len(known)] if known else None
        if step == "take" and len(taken) < 4:
            connection: Any = pool.get_connection()
            assert connection not in taken
            connection.send_command("ECHO", number)
            assert connection.read_response() == str(number)
            taken.append(connection)
            known = list(dict.fromkeys([*known, connection]))
        elif step.startswith("release") and taken:
            connection = taken.pop(which % len(taken))
            pool.release(connection)
            if step == "release twice":
                pool.release(connection)
        elif step == "kill" and some is not None and some.is_connected:
            with suppress(RedisError):
                some.send_command("CLIENT", "ID", check_health=False)
                database.connection.client_kill_filter(_id=some.read_response())
        elif step == "pollute" and some is not None and some.is_connected:
            with suppress(RedisError):
                some.send_command("PING", check_health=False)
                some.can_read(timeout=5)
        elif step == "mark" and some is not None:
            some.mark_for_reconnect()
        elif step.startswith("disconnect"):
            pool.disconnect(inuse_connections=step == "disconnect")
    pool.disconnect()


# -- requests that don't get their reply


def test_after_a_timeout_the_late_reply_is_nobody_s(
    make: Callable[..., RedisDatabase], database: RedisDatabase
) -> None:
    hasty = make(socket_timeout=0.05)
    wait: Command[Any] = Command("BLPOP", ("queue",), ("queue", 0), is_write=True)
    with pytest.raises(RedisTimeoutError):
        hasty.execute(wait)
    database.connection.rpush("queue", "late")
    assert [echo(hasty, str(n)) for n in range(3)] == ["0", "1", "2"]


@pytest.mark.parametrize("together", [False, True])
def test_after_an_interrupt_the_unread_reply_is_nobody_s(
    make: Callable[..., RedisDatabase], monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    database = make()
    echo(database, "connected")

    def interrupted(*_args: Any, **_options: Any) -> Any:
        raise KeyboardInterrupt

    command: Command[str] = Command("ECHO", (), ("late",))
    with monkeypatch.context() as patched:
        connections: Any = database.connection.connection_pool.connection_class
        patched.setattr(connections, "read_response", interrupted)
        with pytest.raises(KeyboardInterrupt):
            database.execute_together([command, command]) if together else database.execute(command)
    assert [echo(database, str(n)) for n in range(3)] == ["0", "1", "2"]


def test_an_argument_that_can_t_be_sent_leaves_the_connection_as_it_is(quick: RedisDatabase) -> None:
    before = client_id(quick)
    nothing: Any = None
    for send in (quick.execute, lambda command: quick.execute_together([command])):
        with pytest.raises((TypeError, redis.DataError)):
            send(Command("ECHO", (), (nothing,)))
    assert client_id(quick) == before
