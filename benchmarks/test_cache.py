"""What the caches gain and cost.

`pytest benchmarks/test_cache.py` prints pytest-benchmark's table. `python benchmarks/test_cache.py` measures
hits and misses beside the plain read in turns, in one run, then memory, and a Zipf-distributed read of
100,000 objects.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import accumulate, cycle
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "testing"))

from limpyd import fields, model
from limpyd.contrib.cache import Cache, InstanceCache, SharedCache
from limpyd.database import RedisDatabase
from limpyd_testing.server import Server

OBJECTS = 100_000
READS = 50_000


def person_on(where: RedisDatabase) -> Any:
    class Person(model.RedisModel):
        database = where
        name = fields.StringField()
        city = fields.HashableField()

    return Person


class Bench:
    """The same model on a database without a cache, and on one with each cache."""

    def __init__(self, url: str, **limits: int) -> None:
        self.caches: dict[str, Cache | None] = {
            "plain": None,
            "InstanceCache": InstanceCache(),
            "SharedCache": SharedCache(**limits),
        }
        self.models = {
            name: person_on(RedisDatabase.from_url(url, middleware=[cache] if cache else []))
            for name, cache in self.caches.items()
        }

    def close(self) -> None:
        for cache in self.caches.values():
            if isinstance(cache, SharedCache):
                cache.close()
        for each in self.models.values():
            each.database.connection.close()

    def read(self, name: str) -> Callable[[], Any]:
        """One read of one field, always the same: with a cache it is a hit."""
        return self.models[name].lazy_connect("1").name.get  # type: ignore[no-any-return]  # made by type()

    def miss(self, name: str) -> Callable[[], Any]:
        """A read of a field that nothing is kept of, by an object that was just made."""
        lazy = self.models[name].lazy_connect
        numbers = iter(range(10**9))

        def read() -> Any:
            return lazy(str(next(numbers))).name.get()

        return read

    def miss_of_held(self, name: str, number: int = 200) -> Callable[[], Any]:
        """A read of a field whose value was dropped, by one of the objects that the program holds."""
        cache = self.caches[name]
        held = [self.models[name].lazy_connect(f"held {n}") for n in range(number)]
        turns = cycle(held)

        def read() -> Any:
            return next(turns).name.get()

        def drop() -> None:
            for each in held:
                if cache is not None:
                    cache.forget(each, ("name",))

        read.prepare = drop  # type: ignore[attr-defined]  # see in_turns
        return read

    def zipf(self, name: str, held: int) -> tuple[float, float]:
        """Seconds of `READS` reads, and the share that was answered by the cache.

        `held`: how many objects the program holds on to, the hottest ones: a cache on objects lives by them.
        """
        lazy = self.models[name].lazy_connect
        hot = {str(number): lazy(str(number)) for number in range(held)}
        picked = [str(number) for number in zipf_numbers()]
        started = time.perf_counter()
        for pk in picked:
            (hot.get(pk) or lazy(pk)).name.get()
        seconds = time.perf_counter() - started
        cache = self.caches[name]
        return seconds, 0.0 if cache is None else cache.stats().hits / READS


def zipf_numbers() -> list[int]:
    """Numbers of objects, of which number n is picked in proportion to 1 / (n + 1)."""
    weights = list(accumulate(1 / number for number in range(1, OBJECTS + 1)))
    return random.Random(1).choices(range(OBJECTS), cum_weights=weights, k=READS)


@pytest.fixture
def bench(server: Server) -> Iterator[Bench]:
    bench = Bench(server.url)
    bench.models["plain"].database.connection.set(":person:1:name", "a name of twenty c.")
    yield bench
    bench.close()


@pytest.mark.benchmark(group="cached read")
@pytest.mark.parametrize("name", ["plain", "InstanceCache", "SharedCache"])
def test_hit(benchmark: Any, bench: Bench, name: str) -> None:
    benchmark(bench.read(name))


@pytest.mark.benchmark(group="read that is not in the cache")
@pytest.mark.parametrize("name", ["plain", "InstanceCache", "SharedCache"])
def test_miss(benchmark: Any, bench: Bench, name: str) -> None:
    benchmark(bench.miss(name))


def in_turns(
    calls: dict[str, Callable[[], Any]], number: int = 200, rounds: int = 150
) -> dict[str, tuple[float, float]]:
    """Of each call the microseconds of one, and how many times that the first one takes.

    Both are medians over rounds, of which each measures all calls, so that what else the machine does
    disturbs all of them alike. A call's `prepare` is called before it is measured.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            getattr(call, "prepare", bool)()
            started = time.perf_counter()
            for _ in range(number):
                call()
            times[name].append((time.perf_counter() - started) / number * 1e6)
    first = next(iter(times.values()))
    return {
        name: (
            statistics.median(each),
            statistics.median(mine / other for mine, other in zip(each, first, strict=True)),
        )
        for name, each in times.items()
    }


def memory(url: str, name: str, number: int = 20_000) -> float:
    """Bytes for each cached value of twenty characters, one an object, less the objects themselves."""

    def grown(kind: str) -> int:
        bench = Bench(url, max_entries=10**6)
        held = [bench.models[kind].lazy_connect(str(n)) for n in range(number)]
        for each in held:
            each.name  # noqa: B018  # binds the field
        tracemalloc.start()
        for each in held:
            each.name.get()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        bench.close()
        return size

    return (grown(name) - grown("plain")) / number


def main() -> None:
    with Server(tcp=True) as server:
        client = RedisDatabase.from_url(server.url).connection
        pipe = client.pipeline(transaction=False)
        for number in range(OBJECTS):
            pipe.set(f":person:{number}:name", f"a name of 20 c.{number % 10_000:05}")
        pipe.execute()
        for place, url in (("unix socket", server.url), ("TCP", f"redis://127.0.0.1:{server.port}")):
            bench = Bench(url)
            for what, make in (
                ("hit", bench.read),
                ("miss of a new object", bench.miss),
                ("miss of one that is there", bench.miss_of_held),
            ):
                found = in_turns({name: make(name) for name in bench.caches})
                print(f"{place}, {what}: plain {found['plain'][0]:.1f} us", end="")
                for name in ("InstanceCache", "SharedCache"):
                    print(f"; {name} {found[name][0]:.2f} us, {found[name][1]:.3f} times that", end="")
                print()
            bench.close()
        for name in ("InstanceCache", "SharedCache"):
            print(f"memory, {name}: {memory(server.url, name):.0f} bytes for each entry")
        for entries in (1_000, 10_000):
            for name in ("plain", "InstanceCache", "SharedCache"):
                bench = Bench(server.url, max_entries=entries)
                seconds, rate = bench.zipf(name, entries)
                print(f"Zipf, {entries} entries, {name}: {READS / seconds:,.0f} reads/s, {rate:.0%} hits")
                bench.close()


if __name__ == "__main__":
    main()
