"""What goes wrong inside a pipeline: operations that fail, servers that forget, connections that break."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd.commands import Command
from limpyd.contrib.database import PipelineDatabase
from limpyd.exceptions import UniquenessError
from limpyd.middleware import Middleware
from limpyd_testing.models import Visitor, define
from limpyd_testing.proxy import Proxy
from limpyd_testing.server import Server
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ExecAbortError, NoPermissionError, ResponseError

# -- errors


def test_the_first_error_is_raised_and_says_which_operation_it_was(
    pipelines: PipelineDatabase, person: Any
) -> None:
    one, two = person(email="e", city="c"), person(email="f")
    with pipelines.pipeline() as pipe:
        before = one.city.get()
        taken = two.email.hset("e")
        wrong = two.city.incr()
        after = two.city.set("d")
        with pytest.raises(UniquenessError) as caught:
            pipe.execute()
    assert str(caught.value) == (
        "Key :person:email:e already exists (for instance 1) (operation 2 of 4: HSET Person(2).email)"
    )
    assert (caught.value.key, caught.value.value, caught.value.pk) == (":person:email:e", "e", "1")
    assert (before.value, after.value) == ("c", True)
    assert taken.error is caught.value
    assert wrong == 1


def test_errors_stand_in_the_list_if_asked_to(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(city="c", visits="many")
    for transaction in (True, False):
        with pipelines.pipeline(transaction=transaction) as pipe:
            one.city.get()
            one.visits.incr()
            text, error = pipe.execute(raise_on_error=False)
        assert text == "c"
        assert isinstance(error, ResponseError)
        assert "not an integer" in str(error)
        assert "(operation 2 of 2: INCRBY Person(1).visits)" in str(error)


def test_what_redis_refuses_to_queue_keeps_all_from_being_done(
    pipelines: PipelineDatabase, person: Any, server_url: str
) -> None:
    one = person(name="a", visits=1)
    pipelines.connection.acl_setuser(
        "limited", enabled=True, nopass=True, commands=["+@all", "-append"], keys=["*"]
    )
    limited = PipelineDatabase.from_url(server_url, username="limited", password="")
    try:
        mine: Any = define(Visitor, limited, "Person")
        with limited.pipeline() as pipe:
            mine.lazy_connect(1).visits.incr()
            mine.lazy_connect(1).visits.append("x")
            with pytest.raises(NoPermissionError, match=r"operation 2 of 2: APPEND Person\(1\)\.visits"):
                pipe.execute()
            mine.lazy_connect(1).visits.incr()
            mine.lazy_connect(1).visits.append("x")
            outcomes = pipe.execute(raise_on_error=False)
        assert [type(outcome) for outcome in outcomes] == [ExecAbortError, NoPermissionError]
    finally:
        limited.connection.close()
        pipelines.connection.acl_deluser("limited")
    assert one.visits.get() == "1"


# -- servers and connections


def test_scripts_survive_a_flush_between_two_executes(pipelines: PipelineDatabase, person: Any) -> None:
    for transaction in (True, False):
        with pipelines.pipeline(transaction=transaction) as pipe:
            for city in "ab":
                pipelines.connection.script_flush()
                one = person(city=city)
                person.collection(city=city, name="x").fetch()
                assert pipe.execute() == [True, []]
                one.city.set(city + city)
                pipelines.connection.script_flush()
                assert pipe.execute() == [True]
    assert person.collection(city="aa").count() == 2


def test_scripts_survive_a_restart_between_two_executes() -> None:
    with Server() as server:
        pipelines = PipelineDatabase.from_url(server.url)
        person: Any = define(Visitor, pipelines, "Person")
        with pipelines.pipeline() as pipe:
            person(name="a")
            pipe.execute()
            server.stop()
            server.start()
            person(name="b")
            assert pipe.execute() == [True]
        assert list(person.collection(name="b")) == ["1"]
        pipelines.connection.close()


def test_a_pipeline_that_writes_is_never_sent_twice() -> None:
    with Server() as server, Proxy(server.socket) as proxy:
        pipelines = PipelineDatabase("127.0.0.1", proxy.port)
        person: Any = define(Visitor, pipelines, "Person")
        one = person(name="a")
        for transaction in (True, False):
            with pipelines.pipeline(transaction=transaction) as pipe:
                one.name.hget()
                one.visits.incr()
                two = person(name="b")
                proxy.lose_replies(1)
                with pytest.raises(RedisConnectionError):
                    pipe.execute()
                assert "not created yet" in repr(two)
        assert int(one.visits.get() or 0) <= 2  # whether Redis got all of it is unknown
        assert len(person.collection(name="b")) <= 2
        pipelines.connection.close()


def test_a_pipeline_that_only_reads_is_repeated_once() -> None:
    with Server() as server, Proxy(server.socket) as proxy:
        pipelines = PipelineDatabase("127.0.0.1", proxy.port)
        one: Any = define(Visitor, pipelines, "Person")(name="a")
        with pipelines.pipeline() as pipe:
            one.name.hget()
            proxy.lose_replies(1)
            assert pipe.execute() == ["a"]
        pipelines.connection.close()


def test_commands_with_a_fallback_are_sent_natively_once_they_are_known_to_work(
    pipelines: PipelineDatabase, person: Any
) -> None:
    person(name="a")
    found = person.collection(name="a").sort()

    def names() -> list[str]:
        with pipelines.trace() as requests, pipelines.pipeline() as pipe:
            found.fetch()
            assert pipe.execute() == [["1"]]
        return [part.name for part in requests[0].parts[1:-1]]

    assert names() == ["SCRIPT", "EVALSHA"]
    found.fetch()
    assert names() in (["SORT_RO"], ["SCRIPT", "EVALSHA"])


class Recorder(Middleware):
    """Notes what it sees, and has a hit for every GET."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, ...]] = []

    def before(self, command: Command[Any]) -> object:
        self.seen.append(("before", command.name))
        return "a hit"

    def after(self, command: Command[Any], value: Any) -> None:
        self.seen.append(("after", command.name, value))


def test_middleware_sees_the_commands_at_execute_but_can_t_answer(server_url: str, database: Any) -> None:
    recorder = Recorder()
    pipelines = PipelineDatabase.from_url(server_url, middleware=[recorder])
    one: Any = define(Visitor, pipelines, "Person").lazy_connect(1)
    with pipelines.pipeline() as pipe:
        one.visits.incr()
        one.visits.get()
        one.visits.setrange(0, "x")
        one.visits.incr()
        assert recorder.seen == []
        outcomes = pipe.execute(raise_on_error=False)
    assert outcomes[:3] == [1, "1", 1]
    assert recorder.seen == [
        *(("before", name) for name in ("INCRBY", "GET", "SETRANGE", "INCRBY")),
        ("after", "INCRBY", 1),
        ("after", "GET", "1"),
        ("after", "SETRANGE", 1),
    ]
    pipelines.connection.close()
