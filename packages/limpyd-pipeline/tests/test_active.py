"""A pipeline is its thread's and its asyncio task's alone, unless it is shared."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.database import Deferred, PipelineDatabase


@pytest.fixture
def counter(pipelines: PipelineDatabase) -> Any:
    class Counter(model.RedisModel):
        database = pipelines
        hits = fields.StringField()

    return Counter(hits=0)


def in_thread(function: Callable[[], Any]) -> Any:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def test_another_thread_is_not_affected(pipelines: PipelineDatabase, counter: Any) -> None:
    with pipelines.pipeline() as pipe:
        assert in_thread(counter.hits.incr) == 1
        assert len(pipe) == 0


def test_a_thread_with_this_one_s_context_is_not_affected(pipelines: PipelineDatabase, counter: Any) -> None:
    async def main() -> None:
        with pipelines.pipeline() as pipe:
            assert await asyncio.to_thread(counter.hits.incr) == 1
            assert len(pipe) == 0

    asyncio.run(main())


def test_a_shared_pipeline_takes_the_operations_of_all_threads(
    pipelines: PipelineDatabase, counter: Any
) -> None:
    with pipelines.pipeline(share_in_threads=True) as pipe:
        assert isinstance(in_thread(counter.hits.incr), Deferred)
        assert isinstance(counter.hits.incr(), Deferred)
        assert pipe.execute() == [1, 2]
    assert in_thread(counter.hits.incr) == 3


def test_many_threads_share_a_pipeline_and_nothing_is_lost(pipelines: PipelineDatabase, counter: Any) -> None:
    def increment() -> None:
        for _ in range(200):
            counter.hits.incr()

    done = 0
    with pipelines.pipeline(share_in_threads=True) as pipe:
        threads = [threading.Thread(target=increment) for _ in range(8)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            done += len(pipe.execute())
        done += len(pipe.execute())
    assert done == 1600
    assert counter.hits.get() == "1600"


def test_a_thread_s_own_pipeline_comes_before_a_shared_one(pipelines: PipelineDatabase, counter: Any) -> None:
    def own() -> list[Any]:
        with pipelines.pipeline() as pipe:
            counter.hits.incr()
            return pipe.execute()

    with pipelines.pipeline(share_in_threads=True) as pipe:
        assert in_thread(own) == [1]
        assert len(pipe) == 0


def test_a_task_does_not_see_the_pipeline_of_another(pipelines: PipelineDatabase, counter: Any) -> None:
    async def main() -> None:
        opened, looked = asyncio.Event(), asyncio.Event()

        async def opens() -> list[Any]:
            with pipelines.pipeline() as pipe:
                counter.hits.incr()
                opened.set()
                await looked.wait()
                counter.hits.incr()
                return pipe.execute()

        async def looks() -> Any:
            await opened.wait()
            hits = counter.hits.incr()
            looked.set()
            return hits

        assert await asyncio.gather(opens(), looks()) == [[2, 3], 1]

    asyncio.run(main())


def test_a_task_started_inside_of_the_block_does_not_see_the_pipeline(
    pipelines: PipelineDatabase, counter: Any
) -> None:
    async def increment() -> Any:
        return counter.hits.incr()

    async def main() -> None:
        with pipelines.pipeline() as pipe:
            assert await asyncio.create_task(increment()) == 1
            assert isinstance(await increment(), Deferred)
            assert len(pipe) == 1

    asyncio.run(main())


def test_a_task_that_outlives_the_block_is_not_affected(pipelines: PipelineDatabase, counter: Any) -> None:
    async def main() -> None:
        async def later() -> Any:
            await asyncio.sleep(0)
            return counter.hits.incr()

        with pipelines.pipeline(share_in_threads=True):
            task = asyncio.create_task(later())
        assert await task == 1

    asyncio.run(main())
