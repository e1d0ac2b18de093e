"""Transactions read, then write, and start anew if what they watch has changed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.commands import Command
from limpyd.contrib.database import Pipeline, PipelineDatabase
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError, UniquenessError
from limpyd.middleware import Middleware
from limpyd_testing.proxy import Proxy
from limpyd_testing.server import Server
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import WatchError


class Base(model.RedisModel):
    abstract = True
    url = fields.StringField(indexable=True)
    hits = fields.StringField()
    name = fields.HashableField(unique=True)

    def incr_hits(self) -> Any:
        """Increment the number of hits without race condition."""

        def do_incr(pipeline: Pipeline) -> None:
            # transaction not started, we can read values
            previous_value = self.hits.get()

            # start the transaction (MANDATORY CALL)
            pipeline.multi()

            # set the new value
            self.hits.set(int(previous_value or 0) + 1)

        # run `do_incr` in a transaction, watching for the hits field
        return self.database.transaction(do_incr, *[self.hits])  # type: ignore[attr-defined]


@pytest.fixture
def page(pipelines: PipelineDatabase) -> Any:
    return type("Page", (Base,), {"database": pipelines})(url="/", hits=0)


@pytest.fixture
def other_hits(database: RedisDatabase, page: Any) -> Any:
    """The field `hits` of the same page, over another connection."""
    return type("Page", (Base,), {"database": database}).lazy_connect(1).hits  # type: ignore[attr-defined]


def test_it_returns_what_execute_returns(page: Any) -> None:
    assert page.incr_hits() == [True]
    assert page.hits.get() == "1"


def test_sixteen_threads_count_exactly(page: Any) -> None:
    def count() -> None:
        for _ in range(10):
            page.incr_hits()

    threads = [threading.Thread(target=count) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert page.hits.get() == "160"


def test_it_starts_anew_when_a_watched_field_changes(
    pipelines: PipelineDatabase, page: Any, other_hits: Any
) -> None:
    seen = []

    def double(pipe: Pipeline) -> None:
        seen.append(page.hits.get())
        if len(seen) < 3:
            other_hits.set(10 * len(seen))
        pipe.multi()
        page.hits.set(int(seen[-1]) * 2)

    assert pipelines.transaction(double, page.hits) == [True]
    assert seen == ["0", "10", "20"]
    assert page.hits.get() == "40"


def test_keys_are_watched_too(pipelines: PipelineDatabase, page: Any) -> None:
    tries = []

    def write(pipe: Pipeline) -> None:
        tries.append(pipe.execute_command("GET", "flag"))
        if len(tries) == 1:
            pipelines.connection.set("flag", "up")
        pipe.multi()
        page.hits.incr()

    assert pipelines.transaction(write, "flag") == [1]
    assert tries == [None, "up"]


def test_max_attempts_ends_it(pipelines: PipelineDatabase, page: Any, other_hits: Any) -> None:
    tries = []

    def write(pipe: Pipeline) -> None:
        tries.append(other_hits.incr())
        pipe.multi()
        page.hits.set("never")

    with pytest.raises(WatchError, match=r"Watched variable changed\. \(attempt 3 of 3\)"):
        pipelines.transaction(write, page.hits, max_attempts=3, watch_delay=0.001)
    assert tries == [1, 2, 3]
    assert page.hits.get() == "3"


@pytest.mark.parametrize(("number", "error"), [(0, ValueError), ("3", TypeError), (True, TypeError)])
def test_max_attempts_is_checked(pipelines: PipelineDatabase, number: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="max_attempts must be"):
        pipelines.transaction(lambda pipe: None, max_attempts=number)


def test_the_function_s_value_can_be_had_instead(pipelines: PipelineDatabase, page: Any) -> None:
    def read(pipe: Pipeline) -> str:
        hits: str = page.hits.get()
        pipe.multi()
        page.hits.incr()
        return hits

    assert pipelines.transaction(read, page.hits, value_from_callable=True) == "0"
    assert page.hits.get() == "1"


def test_an_exception_ends_it_and_sends_nothing(pipelines: PipelineDatabase, page: Any) -> None:
    def fail(pipe: Pipeline) -> None:
        pipe.multi()
        page.hits.set(7)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pipelines.transaction(fail, page.hits)
    assert page.hits.get() == "0"
    assert page.incr_hits() == [True]


def test_indexed_fields_objects_and_collections_work_inside(pipelines: PipelineDatabase, page: Any) -> None:
    def move(pipe: Pipeline) -> Any:
        found = list(type(page).collection(url="/"))
        assert type(page).get(url="/") == page
        pipe.multi()
        page.url.set("/new")
        return found, type(page)(url="/", name=f"after {found[0]}")

    [_, other] = pipelines.transaction(move, page.url, value_from_callable=True)
    assert list(type(page).collection(url="/new")) == ["1"]
    assert list(type(page).collection(url="/", name="after 1")) == [other.pk.get()]


def test_objects_of_an_attempt_that_failed_are_created_by_the_next(
    pipelines: PipelineDatabase, page: Any, other_hits: Any
) -> None:
    made: list[Any] = []

    def create(pipe: Pipeline) -> None:
        if not made:
            other_hits.incr()
        pipe.multi()
        made.append(type(page)(name="one"))

    pipelines.transaction(create, page.hits)
    assert [repr(one) for one in made] == ["<Page (not created yet)>", "<Page 2>"]


def test_without_watches_all_is_queued(pipelines: PipelineDatabase, page: Any) -> None:
    with pipelines.trace() as requests:
        assert pipelines.transaction(lambda pipe: page.hits.incr()) == [1]
    assert len(requests) == 1


def test_the_requests_are_the_watch_the_reads_and_one_for_the_rest(
    pipelines: PipelineDatabase, page: Any
) -> None:
    with pipelines.trace() as requests:
        page.incr_hits()
    assert [str(request).splitlines() for request in requests] == [
        ["WATCH :page:1:hits"],
        ["GET :page:1:hits"],
        ["MULTI", "SET :page:1:hits 1", "EXEC"],
    ]


# -- watch, multi and unwatch of a pipeline


def test_writes_before_multi_are_done_at_once(pipelines: PipelineDatabase, page: Any) -> None:
    with pipelines.pipeline() as pipe:
        assert pipe.watch(page.hits)
        assert page.name.hset("a") == 1
        assert type(page)(name="b").pk.get() == "2"
        with pytest.raises(UniquenessError):
            type(page)(name="b")
        assert type(page).create_many([{"name": "c"}]) == ["3"]
        pipe.multi()
        page.hits.incr()
        assert pipe.execute() == [1]


def test_a_write_of_its_own_breaks_the_watch(pipelines: PipelineDatabase, page: Any) -> None:
    with pipelines.pipeline() as pipe:
        pipe.watch(page.hits)
        page.hits.incr()
        pipe.multi()
        page.hits.incr()
        with pytest.raises(WatchError):
            pipe.execute()
    assert page.hits.get() == "1"


def test_scripts_are_loaded_while_watching(pipelines: PipelineDatabase, page: Any) -> None:
    with pipelines.pipeline() as pipe:
        pipe.watch(page.hits)
        pipelines.connection.script_flush()
        page.name.hset("a")
        pipelines.connection.script_flush()
        pipe.multi()
        page.name.hset("b")
        assert pipe.execute() == [0]


def test_after_unwatch_all_is_queued_and_nothing_watched(
    pipelines: PipelineDatabase, page: Any, other_hits: Any
) -> None:
    with pipelines.pipeline() as pipe:
        pipe.watch(page.hits)
        assert pipe.unwatch()
        other_hits.incr()
        page.hits.incr()
        assert pipe.execute() == [2]


def test_without_multi_execute_tells_whether_what_was_read_is_still_true(
    pipelines: PipelineDatabase, page: Any, other_hits: Any
) -> None:
    with pipelines.pipeline() as pipe:
        pipe.watch(page.hits)
        page.hits.get()
        assert pipe.execute() == []
        pipe.watch(page.hits)
        page.hits.get()
        other_hits.incr()
        with pytest.raises(WatchError):
            pipe.execute()


@pytest.mark.parametrize("leave", ["reset", "exit", "execute", "WatchError"])
def test_the_connection_is_given_back_without_a_watch(
    pipelines: PipelineDatabase, page: Any, other_hits: Any, leave: str
) -> None:
    only_connection = pipelines.connection.client_id()
    with pipelines.pipeline() as pipe:
        pipe.watch(page.hits)
        if leave == "reset":
            pipe.reset()
        elif leave == "execute":
            pipe.execute()
        elif leave == "WatchError":
            other_hits.incr()
            with pytest.raises(WatchError):
                pipe.execute()
    other_hits.incr()
    with pipelines.pipeline() as pipe:
        page.url.get()
        assert pipe.execute() == ["/"]
    assert pipelines.connection.client_id() == only_connection


def test_watch_after_multi_is_refused(pipelines: PipelineDatabase, page: Any) -> None:
    with pipelines.pipeline() as pipe:
        pipe.watch(page.hits)
        pipe.multi()
        with pytest.raises(ImplementationError, match=r"watch\(\) comes before multi\(\)"):
            pipe.watch(page.url)
        with pytest.raises(ImplementationError, match=r"unwatch\(\) comes before multi\(\)"):
            pipe.unwatch()
        with pytest.raises(ImplementationError, match=r"multi\(\) was called already"):
            pipe.multi()


def test_multi_after_queued_commands_is_refused(pipelines: PipelineDatabase, page: Any) -> None:
    with pipelines.pipeline() as pipe:
        page.hits.get()
        with pytest.raises(ImplementationError, match=r"multi\(\) comes before the first command"):
            pipe.multi()


@pytest.mark.parametrize("method", ["watch", "unwatch", "multi", "execute_command"])
def test_outside_of_the_block_all_is_refused(pipelines: PipelineDatabase, method: str) -> None:
    with pytest.raises(ImplementationError, match=rf"{method}.* works inside of the pipeline's block"):
        getattr(pipelines.pipeline(), method)()


def test_what_can_t_be_watched_is_refused(pipelines: PipelineDatabase, page: Any, other_hits: Any) -> None:
    deleted = type(page)()
    deleted.hits.set(1)
    deleted.delete()
    with pipelines.pipeline() as pipe:
        for watch, error, text in [
            (type(page).hits, ImplementationError, "is a field of the class"),
            (other_hits, ImplementationError, "can't be watched by a pipeline on"),
            (page.pk, ImplementationError, "a primary key has no value in Redis"),
            (type(page)().hits, ImplementationError, "has no pk yet"),
            (deleted.hits, DoesNotExist, "Page with pk 2 does not exist"),
            (page, ImplementationError, r"watch\(\) takes keys and fields of objects, not Page"),
            (5, ImplementationError, "not int"),
        ]:
            with pytest.raises(error, match=text):
                pipe.watch(page.hits, watch)
            assert not pipe.is_watching
        with pytest.raises(ImplementationError, match="needs a key or the field"):
            pipe.watch()


# -- lost connections


def test_a_transaction_that_writes_is_not_repeated_when_its_answer_is_lost() -> None:
    with Server() as server, Proxy(server.socket) as proxy:
        pipelines = PipelineDatabase("127.0.0.1", proxy.port)
        page: Any = type("Page", (Base,), {"database": pipelines})(hits=0)
        tries = []

        def write(pipe: Pipeline) -> None:
            tries.append(page.hits.get())
            pipe.multi()
            page.hits.incr()
            proxy.lose_replies(1)

        with pytest.raises(RedisConnectionError):
            pipelines.transaction(write, page.hits)
        assert tries == ["0"]
        assert page.hits.get() == "1"
        pipelines.connection.close()


def test_a_connection_lost_while_watching_is_a_watch_error() -> None:
    with Server() as server, Proxy(server.socket) as proxy:
        pipelines = PipelineDatabase("127.0.0.1", proxy.port)
        page: Any = type("Page", (Base,), {"database": pipelines})(hits=0)
        with pipelines.pipeline() as pipe:
            pipe.watch(page.hits)
            proxy.lose_replies(1)
            with pytest.raises(WatchError, match="connection was lost while watching"):
                page.hits.get()
            with pytest.raises(WatchError, match="nothing was sent"):
                page.hits.incr()
        tries: list[int] = []

        def write(pipe: Pipeline) -> None:
            if not tries:
                proxy.lose_replies(1)
            tries.append(1)
            hits = page.hits.get()
            pipe.multi()
            page.hits.set(int(hits) + 1)

        assert pipelines.transaction(write, page.hits) == [True]
        assert len(tries) == 2
        assert page.hits.get() == "1"
        pipelines.connection.close()


class Stale(Middleware):
    """A cache that is always wrong."""

    def before(self, command: Command[Any]) -> object:
        return "stale"


def test_reads_after_watch_are_fresh_whatever_a_middleware_says(server_url: str, page: Any) -> None:
    pipelines = PipelineDatabase.from_url(server_url, middleware=[Stale()])
    mine: Any = type("Page", (Base,), {"database": pipelines}).lazy_connect(1)  # type: ignore[attr-defined]
    assert mine.hits.get() == "stale"
    with pipelines.pipeline() as pipe:
        pipe.watch(mine.hits)
        assert mine.hits.get() == "0"
    pipelines.connection.close()
