"""Prints how fast limpyd and its peers create the same objects, on one server, in turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "testing"))

from limpyd import fields, model
from limpyd.database import RedisDatabase
from limpyd_testing.server import Server

from benchmarks.peers.rows import person_rows

PEERS = ("redis-limpyd", "walrus")
ROUNDS = 3


def person_on(where: RedisDatabase) -> type[model.RedisModel]:
    class Person(model.RedisModel):
        database = where
        name = fields.HashableField(indexable=True)
        email = fields.HashableField(unique=True)
        city = fields.HashableField(indexable=True)
        country = fields.HashableField(indexable=True)
        note = fields.HashableField()

    return Person


def in_bulk(url: str, number: int) -> float:
    """limpyd's objects a second, by `create_many`."""
    person = person_on(RedisDatabase.from_url(url))
    started = time.perf_counter()
    person.create_many(person_rows(number))
    return number / (time.perf_counter() - started)


def one_by_one(url: str, number: int) -> float:
    """limpyd's objects a second, by a request for each."""
    person = person_on(RedisDatabase.from_url(url))
    started = time.perf_counter()
    for row in person_rows(number):
        person(**row)
    return number / (time.perf_counter() - started)


def by_peer(peer: str, url: str, number: int) -> float:
    """A peer's objects a second. `PEER_WALRUS=/path/to/python` takes its environment from elsewhere."""
    python = os.environ.get("PEER_" + peer.replace("-", "_").upper())
    module = f"benchmarks.peers.{'walrus_orm' if peer == 'walrus' else 'redis_limpyd'}"
    start = [python, "-m", module] if python else ["hatch", "run", f"peer-{peer}:measure"]
    done = subprocess.run([*start, url, str(number)], stdout=subprocess.PIPE, check=True, text=True)
    found = json.loads(done.stdout)
    return float(found["objects"] / found["seconds"])


def main() -> None:
    """Print the medians."""
    rates: dict[str, list[float]] = {}
    with Server() as server:
        client = RedisDatabase.from_url(server.url).connection
        for _ in range(ROUNDS):
            for name, run, number in (
                ("limpyd, create_many", in_bulk, 20_000),
                ("limpyd, one by one", one_by_one, 2_000),
                *((peer, lambda url, n, peer=peer: by_peer(peer, url, n), 2_000) for peer in PEERS),
            ):
                client.flushall()
                rates.setdefault(name, []).append(run(server.url, number))
    for name, each in rates.items():
        print(f"{name:<24}{statistics.median(each):>10,.0f} objects/s")


if __name__ == "__main__":
    main()
