"""Iterates once over the pks of all people, in a process of its own, and prints what memory that took.

`python -m benchmarks.iterate WAY SOCKET`; a line of JSON says how many pks there were, how many seconds it
took, and how many bytes the process grew by at the most, as the system sees it (resident memory).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import redis

from benchmarks.peers.contenders.by_hand import Adapter as ByHand
from benchmarks.peers.contenders.limpyd import Adapter as Limpyd

__all__ = ["main"]


def pks(way: str, socket: str) -> Iterable[str]:
    """All pks; nothing is read yet."""
    if way == "limpyd":
        person: Any = Limpyd(socket, 0).person
        person.database.connection.ping()
        found: Iterable[str] = person.collection()
        return found
    client: redis.Redis = ByHand(socket, 0).client
    if way == "by hand, SMEMBERS":
        return _members(client)
    return client.sscan_iter(":person:collection", count=1000)


def _members(client: redis.Redis) -> Iterator[str]:
    members: Any = client.smembers(":person:collection")
    yield from members


def peak() -> int:
    """The most resident memory that the process had so far, in bytes. Linux only."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise LookupError("the system does not tell how much memory a process had")


def main() -> None:
    """Iterate and print."""
    way, socket = sys.argv[1:]
    found = pks(way, socket)
    before, started = peak(), time.perf_counter()
    number = sum(1 for _ in found)
    seconds = time.perf_counter() - started
    print(json.dumps({"pks": number, "seconds": seconds, "bytes": peak() - before}))


if __name__ == "__main__":
    main()
