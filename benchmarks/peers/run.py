"""Runs one contender in its environment: `python -m benchmarks.peers.run NAME --server SOCKET --db NUMBER`.

It reads what to do from its input and writes what it found to its output, each as a line of JSON, until its
input ends. The first line tells who it is. What a library prints goes to the standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import redis
from redis.connection import AbstractConnection

from benchmarks.peers.adapter import Contender
from benchmarks.peers.monitor import BEGIN, END
from benchmarks.peers.work import Work

__all__ = ["main"]


class Sends:
    """How often the process has sent something to Redis and waited for an answer, over any connection."""

    def __init__(self) -> None:
        self.number = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count in the block, by redis-py's one method through which all requests go."""
        send: Any = AbstractConnection.send_packed_command

        def counted(connection: Any, command: Any, check_health: bool = True) -> Any:
            self.number += 1
            return send(connection, command, check_health)

        setattr(AbstractConnection, "send_packed_command", counted)  # noqa: B010  # mypy forbids the assignment
        try:
            yield
        finally:
            setattr(AbstractConnection, "send_packed_command", send)  # noqa: B010


class Runner:
    """Does what the lines say."""

    def __init__(self, contender: Contender, client: redis.Redis) -> None:
        self.contender = contender
        self.client = client
        self.sends = Sends()
        self.counted = 0
        self.work = Work(contender, self._begin, self._end)

    def _begin(self) -> None:
        self.client.echo(BEGIN)
        self.counted = self.sends.number

    def _end(self) -> None:
        self.counted = self.sends.number - self.counted
        self.client.echo(END)

    def do(self, task: dict[str, Any]) -> dict[str, Any]:
        """One task, and what it found."""
        if task["do"] == "relate":
            self.work.relate(task["number"])
            return {}
        if task["do"] == "load":
            self.client.flushdb()
        if not task["count"]:
            return {"seconds": self._run(task)}
        with self.sends.counting():
            return {"seconds": self._run(task), "round_trips": self.counted}

    def _run(self, task: dict[str, Any]) -> float:
        if task["do"] == "load":
            return self.work.load(task["number"])
        return self.work.measure(task["operation"], task["calls"], task["seed"])

    def introduction(self) -> dict[str, Any]:
        """Who this is."""
        return {
            "title": self.contender.title,
            "versions": self.contender.versions(),
            "python": platform.python_version(),
            "cant": dict(self.contender.cant),
            "less": dict(self.contender.less),
            "notes": dict(self.contender.notes),
        }


def main() -> None:
    """Do one task a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contender")
    parser.add_argument("--server", required=True)
    parser.add_argument("--db", type=int, required=True)
    options = parser.parse_args()
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    client = redis.Redis(unix_socket_path=options.server, db=options.db)
    client.flushdb()
    module = import_module(f"benchmarks.peers.contenders.{options.contender}")
    runner = Runner(module.Adapter(options.server, options.db), client)
    print(json.dumps(runner.introduction()), file=replies, flush=True)
    for line in sys.stdin:
        print(json.dumps(runner.do(json.loads(line))), file=replies, flush=True)


if __name__ == "__main__":
    main()
