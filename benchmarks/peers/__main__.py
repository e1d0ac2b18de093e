"""Measures all contenders on one server, and writes what it found as JSON: `hatch run peers`.

Each contender is a process of its own, in its own environment, with a database of its own on the server. They
wait while another one works. In each round, each operation is done by all of them, one after the other, so
that what else the machine does hits all alike.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "testing"))

import redis
from limpyd_testing.server import Server

from benchmarks.machine import machine
from benchmarks.peers.adapter import OPERATIONS
from benchmarks.peers.monitor import Monitor
from benchmarks.peers.process import Process
from benchmarks.results import write

ENVIRONMENTS = {
    "by_hand": None,
    "limpyd": None,
    "redis_limpyd": "peer-redis-limpyd",
    "walrus": "peer-walrus",
    "popoto": "peer-popoto",
    "rom": "peer-rom",
    "redis_om": "peer-redis-om",
    "rapyer": "peer-rapyer",
}
"""The hatch environment of each contender; without one it runs in this process's own."""
WHOLE = {"people": 10_000, "counted": 1_000, "groups": 1_000, "rounds": 15, "load_rounds": 5, "seconds": 0.2}
QUICK = {"people": 500, "counted": 100, "groups": 50, "rounds": 3, "load_rounds": 1, "seconds": 0.01}
COUNTED_CALLS = 10
SLOW = 4.0
"""How many seconds bulk creation takes where one round of it has to do."""


class Run:
    """All contenders, and what is known of them."""

    def __init__(self, server: Server, names: list[str], settings: dict[str, Any]) -> None:
        self.server = server
        self.settings = settings
        self.processes = [
            Process(name, ENVIRONMENTS[name], server.socket, db) for db, name in enumerate(names)
        ]
        self.found: list[dict[str, Any]] = []
        for process in self.processes:
            self.found.append(
                {"name": process.name, **process.start()} | {"requests": {}, "round_trips": {}, "seconds": {}}
            )

    def measure(self) -> list[dict[str, Any]]:
        """Everything: first bulk creation, which leaves the people there, then all else."""
        self._each("count bulk creation", self._count_loading)
        for number in range(self.settings["load_rounds"]):
            self._each(f"load {number + 1}", self._load)
        self._each("count", self._count)
        for number in range(self.settings["rounds"]):
            print(f"round {number + 1} of {self.settings['rounds']}", file=sys.stderr)
            for operation in OPERATIONS:
                if operation != "bulk_create":
                    self._measure(operation, number)
        return self.found

    def _each(self, what: str, act: Any) -> None:
        for process, found in zip(self.processes, self.found, strict=True):
            if len(found["cant"]) < len(OPERATIONS):
                print(f"{what}: {found['title']}", file=sys.stderr)
                act(process, found)

    def _count_loading(self, process: Process, found: dict[str, Any]) -> None:
        """What bulk creation sends, by the creation of a part, which is done for the second time."""
        part = self.settings["counted"]
        process.ask({"do": "load", "number": part, "count": False})
        self._note(process, found, "bulk_create", 1, {"do": "load", "number": part})
        for counts in (found["requests"], found["round_trips"]):
            counts["bulk_create"] *= self.settings["people"] / part

    def _count(self, process: Process, found: dict[str, Any]) -> None:
        """What each operation sends, when it is done for the second time; and how long that took, about."""
        process.ask({"do": "relate", "number": self.settings["groups"]})
        for operation in OPERATIONS:
            if operation in found["cant"] or operation == "bulk_create":
                continue
            task = {"do": "measure", "operation": operation, "calls": COUNTED_CALLS}
            process.ask({**task, "seed": -1, "count": False})
            self._note(process, found, operation, COUNTED_CALLS, {**task, "seed": -2})

    def _note(
        self, process: Process, found: dict[str, Any], operation: str, calls: int, task: dict[str, Any]
    ) -> None:
        with Monitor(self.server.socket, process.db) as monitor:
            answer = process.ask({**task, "count": True})
        found["requests"][operation] = monitor.requests / calls
        found["round_trips"][operation] = answer["round_trips"] / calls
        process.pace[operation] = answer["seconds"]

    def _load(self, process: Process, found: dict[str, Any]) -> None:
        seconds = found["seconds"].setdefault("bulk_create", [])
        if not seconds or seconds[0] < SLOW:
            answer = process.ask({"do": "load", "number": self.settings["people"], "count": False})
            seconds.append(answer["seconds"])

    def _measure(self, operation: str, number: int) -> None:
        """One round of one operation: each contender's seconds of a call. Who begins changes by round."""
        contenders = list(zip(self.processes, self.found, strict=True))
        turn = number % len(contenders)
        for process, found in contenders[turn:] + contenders[:turn]:
            if operation not in found["cant"]:
                calls = max(3, min(500, int(self.settings["seconds"] / process.pace[operation])))
                calls = calls // 20 * 20 or calls  # parts of one length, see `Work`
                task = {"do": "measure", "operation": operation, "calls": calls, "seed": number}
                answer = process.ask({**task, "count": False})
                found["seconds"].setdefault(operation, []).append(answer["seconds"])

    def close(self) -> None:
        """End the processes."""
        for process in self.processes:
            process.close()


def show(found: list[dict[str, Any]]) -> None:
    """Print microseconds and requests of each operation, by contender."""
    lines: dict[str, list[str]] = defaultdict(list)
    for each in found:
        for operation in OPERATIONS:
            seconds = each["seconds"].get(operation)
            text = f"{min(seconds) * 1e6:.0f} ({each['requests'][operation]:g})" if seconds else "-"
            lines[operation].append(text)
    print(f"{'us (requests)':18}" + "".join(f"{each['title']:>16}" for each in found))
    for operation, texts in lines.items():
        print(f"{operation:18}" + "".join(f"{text:>16}" for text in texts))


def main() -> None:
    """Measure, print, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small run, which is not kept")
    parser.add_argument("--json", type=Path, help="the file to write, if not the one in the docs")
    parser.add_argument("contenders", nargs="*", help="some of " + ", ".join(ENVIRONMENTS))
    options = parser.parse_args()
    settings = QUICK if options.quick else WHOLE
    with Server() as server:
        run = Run(server, options.contenders or list(ENVIRONMENTS), settings)
        try:
            found = run.measure()
        finally:
            run.close()
        client = redis.Redis(unix_socket_path=server.socket)
        result = {"machine": machine(client), "settings": settings, "contenders": found}
    show(found)
    write(result, "peers", options.json, quick=options.quick)


if __name__ == "__main__":
    main()
