"""What pipelines and bulk creation cost beside the same work put together by hand with redis-py.

`pytest benchmarks/test_pipeline.py` prints pytest-benchmark's table; each group holds limpyd's way and the
way by hand. `python benchmarks/test_pipeline.py` measures them in turns, in one run, and prints the ratios,
and what memory bulk creation takes. `hatch run peers` compares it with other libraries.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "testing"))

from limpyd import fields, model
from limpyd.contrib.database import PipelineDatabase
from limpyd_testing.server import Server

from benchmarks.rows import person_rows

CREATE = """
local base = KEYS[1]
local email = base .. ':email:' .. ARGV[2]
if redis.call('SCARD', email) > 0 then
  return redis.error_reply('taken ' .. email)
end
local pk = tostring(redis.call('INCR', base .. ':max_pk'))
redis.call('SADD', base .. ':collection', pk)
redis.call('HSET', base .. ':' .. pk .. ':hash', 'name', ARGV[1], 'email', ARGV[2], 'city', ARGV[3],
  'country', ARGV[4], 'note', ARGV[5])
redis.call('SADD', base .. ':name:' .. ARGV[1], pk)
redis.call('SADD', email, pk)
redis.call('SADD', base .. ':city:' .. ARGV[3], pk)
redis.call('SADD', base .. ':country:' .. ARGV[4], pk)
return pk
"""
"""What limpyd does for a creation, as one would write it for this one model."""


class Bench:
    """One database, a model with five fields (three indexed, one unique), and both ways of each task."""

    def __init__(self, url: str) -> None:
        self.database = PipelineDatabase.from_url(url)
        self.client = self.database.connection

        class Person(model.RedisModel):
            database = self.database
            name = fields.HashableField(indexable=True)
            email = fields.HashableField(unique=True)
            city = fields.HashableField(indexable=True)
            country = fields.HashableField(indexable=True)
            note = fields.HashableField()

        self.model = Person
        self.script = self.client.register_script(CREATE)

    def empty(self) -> None:
        self.client.flushall()
        self.client.script_load(CREATE)

    def create(self, number: int) -> None:
        self.model.create_many(person_rows(number))

    def create_by_hand(self, number: int) -> None:
        pks: list[Any] = []
        sha = self.script.sha
        rows = person_rows(number)
        while chunk := list(islice(rows, 1000)):
            pipe = self.client.pipeline(transaction=False)
            for row in chunk:
                values = (row["name"], row["email"], row["city"], row["country"], row["note"])
                pipe.evalsha(sha, 1, ":person", *values)
            pks += pipe.execute()

    def create_in_pipeline(self, number: int) -> None:
        rows = person_rows(number)
        with self.database.pipeline(transaction=False) as pipe:
            while chunk := list(islice(rows, 1000)):
                for row in chunk:
                    self.model(**row)
                pipe.execute()

    def read(self, number: int) -> list[Any]:
        persons = [self.model.lazy_connect(pk) for pk in range(1, number + 1)]
        with self.database.pipeline(transaction=False) as pipe:
            for person in persons:
                person.name.hget()
            return pipe.execute()

    def read_by_hand(self, number: int) -> list[Any]:
        pipe = self.client.pipeline(transaction=False)
        for pk in range(1, number + 1):
            pipe.hget(f":person:{pk}:hash", "name")
        return list(pipe.execute())


TASKS: dict[str, tuple[str, str, int]] = {
    "read one field of 1,000 objects": ("read", "read_by_hand", 1_000),
    "read one field of 10,000 objects": ("read", "read_by_hand", 10_000),
    "create 10,000 objects by create_many": ("create", "create_by_hand", 10_000),
    "create 10,000 objects in pipelines": ("create_in_pipeline", "create_by_hand", 10_000),
    "create 100,000 objects by create_many": ("create", "create_by_hand", 100_000),
}
"""What is done, by limpyd's way and by hand, for how many objects."""


@pytest.fixture
def bench(server_url: str) -> Iterator[Bench]:
    bench = Bench(server_url)
    bench.empty()
    yield bench
    bench.client.flushall()
    bench.client.close()


@pytest.mark.parametrize("way", [0, 1], ids=["limpyd", "by-hand"])
@pytest.mark.parametrize("task", [task for task in TASKS if "100,000" not in task])
def test_pipeline(benchmark: Any, bench: Bench, task: str, way: int) -> None:
    number = TASKS[task][2]
    benchmark.group = task
    run: Callable[[int], Any] = getattr(bench, TASKS[task][:2][way])
    if task.startswith("read"):
        bench.create(number)
        benchmark.pedantic(run, (number,), rounds=5, warmup_rounds=1)
    else:
        benchmark.pedantic(run, (number,), setup=bench.empty, rounds=3, warmup_rounds=1)


def measure(bench: Bench, task: str, rounds: int) -> tuple[float, float]:
    """The median seconds of a task, by limpyd and by hand, which take turns."""
    ours, by_hand, number = TASKS[task]
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for way, taken in zip((ours, by_hand), seconds, strict=True):
            if task.startswith("create"):
                bench.empty()
            started = time.perf_counter()
            getattr(bench, way)(number)
            taken.append(time.perf_counter() - started)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def memory(bench: Bench, number: int) -> float:
    """The most memory that bulk creation takes at a time, less the pks that it returns, in MB."""
    bench.empty()
    tracemalloc.start()
    pks = bench.model.create_many(person_rows(number))
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(pks) == number
    return (peak - held) / 1e6


def main() -> None:
    """Print the table of ratios."""
    with Server() as server:
        bench = Bench(server.url)
        bench.empty()
        bench.create(10_000)
        print(f"{'task':<42}{'limpyd/s':>12}{'by hand/s':>12}{'ratio':>8}")
        for task, (_, _, number) in TASKS.items():
            ours, by_hand = measure(bench, task, 3 if number > 10_000 else 5)
            print(f"{task:<42}{number / ours:>12,.0f}{number / by_hand:>12,.0f}{by_hand / ours:>8.2f}")
        for number in (10_000, 100_000):
            print(f"memory while {number:,} objects are created: {memory(bench, number):.1f} MB")


if __name__ == "__main__":
    main()
