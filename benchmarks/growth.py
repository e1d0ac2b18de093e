"""Measures how limpyd's operations and their memory grow with the number of objects: `hatch run growth`.

The objects are created in bulk, and the next size adds to those that are there. In each size a name belongs
to ten people, a city to one of a hundred people and a country to one of twenty: what an operation answers is
of one length at all sizes, or grows with them, as `OPERATIONS` says.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "testing"))

import redis
from limpyd_testing.server import Server

from benchmarks.machine import machine
from benchmarks.peers.contenders import by_hand, limpyd
from benchmarks.peers.people import Row
from benchmarks.results import write

SIZES = [1_000, 10_000, 100_000, 1_000_000]
QUICK_SIZES = [100, 1_000]
CHUNK = 20_000
GROUPS = 1_000
BULK = 1_000
SECONDS = 0.4
ROUNDS = 20


class Operation(NamedTuple):
    """An operation: its method, its arguments by a person's number and pk, and whether its answer grows."""

    method: str
    arguments: Callable[[int, str], tuple[Any, ...]]
    grows: bool = False


def person(number: int) -> Row:
    """The values of one person."""
    return {
        "name": f"name {number // 10}",
        "email": f"person{number:09}@example.com",
        "city": f"city {number % 100}",
        "country": f"country {number % 20}",
        "note": f"what is known of number {number}",
    }


def in_city(number: int, _pk: str) -> tuple[str, str]:
    """The city and the country of a person: whoever lives in the city lives in the country."""
    row = person(number)
    return row["city"], row["country"]


def page_of_city(number: int, _pk: str) -> tuple[str, int, int]:
    """The first ten of a person's city."""
    return person(number)["city"], 0, 10


OPERATIONS = {
    "create": Operation("create", lambda *_: ()),
    "read all fields": Operation("read_all", lambda _, pk: (pk,)),
    "read one field": Operation("read_one", lambda _, pk: (pk,)),
    "update an indexed field": Operation("update_indexed", lambda n, pk: (pk, f"city {(n + 7) % 100}")),
    "delete": Operation("delete", lambda *_: ()),
    "filter to the 10 of a name": Operation("filter_name", lambda n, _: (person(n)["name"],)),
    "count of a city": Operation("count_city", lambda n, _: (person(n)["city"],)),
    "reverse relation of 1,000": Operation("reverse_relation", lambda *_: ("1",)),
    "cached read": Operation("cached_read", lambda _, pk: (pk,)),
    "create 1,000 in bulk": Operation("bulk_create", lambda *_: ()),
    "filter to the pks of a city": Operation("filter_city", lambda n, _: (person(n)["city"],), grows=True),
    "filter by two, to pks": Operation("filter_pks", in_city, grows=True),
    "filter by two, to objects": Operation("filter_objects", in_city, grows=True),
    "count by two": Operation("count", in_city, grows=True),
    "sorted page of 10 of a city": Operation("sorted_page", page_of_city, grows=True),
}
"""What is measured, in the order of the report. A filter of a city finds a hundredth of all people."""


class Adapter(limpyd.Adapter):
    """The contender, and the shapes of its operations that only stand here."""

    def filter_name(self, name: str) -> list[str]:
        """The pks of the ten people of a name."""
        return list(self.person.collection(name=name))

    def filter_city(self, city: str) -> list[str]:
        """The pks of the people of a city."""
        return list(self.person.collection(city=city))

    def count_city(self, city: str) -> int:
        """How many people are in a city."""
        return len(self.person.collection(city=city))


class Growth:
    """The people on one server, by limpyd, and what was found of them."""

    def __init__(self, server: Server) -> None:
        self.client = redis.Redis(unix_socket_path=server.socket)
        self.adapter = Adapter(server.socket, 0)
        self.pks: list[str] = []
        self.new = count(10**8)
        """The numbers of people who are deleted at once."""

    def grow(self, size: int) -> float:
        """Create people until there are so many; how many a second."""
        started, before = time.perf_counter(), len(self.pks)
        self.pks += load(self.adapter, before, size)
        rate = (size - before) / (time.perf_counter() - started)
        if before == 0:
            self.adapter.load_relation(self.pks[0], GROUPS)
        return rate

    def measure(self, name: str, seconds: float) -> float:
        """Seconds of a call, the fastest of many rounds, which take about so long together."""
        method, arguments, _ = OPERATIONS[name]
        act = getattr(self.adapter, method)
        chance = Random(name)
        rounds: list[float] = []
        calls, spent = 3, 0.0
        while len(rounds) < 3 or (spent < seconds and len(rounds) < ROUNDS):
            each, after = self._prepare(method, calls, lambda: self._about_one(arguments, chance))
            started = time.perf_counter()
            answers = [act(*one) for one in each]
            taken = time.perf_counter() - started
            after(answers)
            spent += taken
            rounds.append(taken / len(each))
            calls = max(1, min(500, int(seconds / ROUNDS / min(rounds))))
        return min(rounds)

    def _about_one(self, arguments: Callable[[int, str], tuple[Any, ...]], chance: Random) -> tuple[Any, ...]:
        number = chance.randrange(len(self.pks))
        return arguments(number, self.pks[number])

    def _prepare(
        self, method: str, calls: int, arguments: Callable[[], tuple[Any, ...]]
    ) -> tuple[list[tuple[Any, ...]], Callable[[list[Any]], None]]:
        """The arguments of the calls, and what takes back afterwards that there are more objects or fewer."""
        if method == "create":
            return [(person(next(self.new)),) for _ in range(calls)], self._delete
        if method == "bulk_create":
            rows = [[person(next(self.new)) for _ in range(BULK)] for _ in range(min(calls, 3))]
            return [(each,) for each in rows], lambda answers: self._delete(
                [pk for pks in answers for pk in pks]
            )
        if method == "delete":
            return [(self.adapter.create(person(next(self.new))),) for _ in range(calls)], _nothing
        each = [arguments() for _ in range(calls)]
        if method == "cached_read":
            for one in each:
                self.adapter.cached_read(*one)
        return each, _nothing

    def _delete(self, pks: list[str]) -> None:
        for pk in pks:
            self.adapter.delete(pk)


def _nothing(_answers: list[Any]) -> None:
    pass


def load(adapter: limpyd.Adapter | by_hand.Adapter, start: int, stop: int) -> list[str]:
    """Create the people of these numbers; their pks."""
    pks: list[str] = []
    for first in range(start, stop, CHUNK):
        pks += adapter.bulk_create([person(n) for n in range(first, min(first + CHUNK, stop))])
    return pks


def used(client: redis.Redis) -> int:
    """Bytes that the server has in use."""
    memory: Any = client.info("memory")
    return int(memory["used_memory"])


def server_bytes(sizes: list[int]) -> dict[str, list[float]]:
    """Bytes of the server's memory for each object, at each size, by limpyd and by hand."""
    found: dict[str, list[float]] = {}
    for title, make in (("limpyd", limpyd.Adapter), ("by hand", by_hand.Adapter)):
        with Server() as server:
            client = redis.Redis(unix_socket_path=server.socket)
            adapter = make(server.socket, 0)
            adapter.delete(adapter.create(person(0)))  # the scripts are there now
            empty = used(client)
            for before, size in zip([0, *sizes], sizes, strict=False):
                load(adapter, before, size)
                found.setdefault(title, []).append((used(client) - empty) / size)
                print(f"{title}: {found[title][-1]:.0f} bytes an object at {size:,}", file=sys.stderr)
    return found


def client_memory(socket: str) -> list[dict[str, Any]]:
    """What iterating over all pks takes, each way in a process of its own: see `benchmarks.iterate`."""
    found = []
    for way in ("limpyd", "by hand, SMEMBERS", "by hand, SSCAN"):
        start = [sys.executable, "-m", "benchmarks.iterate", way, socket]
        done = subprocess.run(start, stdout=subprocess.PIPE, check=True, text=True)
        found.append({"way": way, **json.loads(done.stdout)})
        print(found[-1], file=sys.stderr)
    return found


def main() -> None:
    """Measure, print, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, which are not kept")
    parser.add_argument("--json", type=Path, help="the file to write, if not the one in the docs")
    options = parser.parse_args()
    sizes = QUICK_SIZES if options.quick else SIZES
    seconds = SECONDS / 10 if options.quick else SECONDS
    taken: dict[str, list[float]] = {name: [] for name in OPERATIONS}
    with Server() as server:
        growth = Growth(server)
        rates = []
        for size in sizes:
            rates.append(growth.grow(size))
            print(f"{size:,} people, created at {rates[-1]:,.0f} a second", file=sys.stderr)
            for name in OPERATIONS:
                taken[name].append(growth.measure(name, seconds))
        result = {
            "machine": machine(growth.client),
            "sizes": sizes,
            "grows": [name for name, operation in OPERATIONS.items() if operation.grows],
            "seconds": taken,
            "created_a_second": rates,
            "client_memory": client_memory(server.socket),
        }
    result["server_bytes"] = server_bytes(sizes)
    for name, each in taken.items():
        print(f"{name:30}" + "".join(f"{seconds * 1e6:12,.1f}" for seconds in each))
    write(result, "growth", options.json, quick=options.quick)


if __name__ == "__main__":
    main()
