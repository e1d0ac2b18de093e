"""A contender's process, in its environment, that is asked by lines of JSON: see `run`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

__all__ = ["Process"]


class Process:
    """One contender. `environment` is hatch's name of it, or None for the one of this process.

    hatch has to be on the PATH, or the environment's `HATCH` says where it is.
    """

    def __init__(self, name: str, environment: str | None, socket: str, db: int) -> None:
        self.name = name
        self.db = db
        self.pace: dict[str, float] = {}
        """About how many seconds a call takes, by operation."""
        hatch = os.environ.get("HATCH", "hatch")
        if environment is None:
            start = [sys.executable, "-m", "benchmarks.peers.run"]
        else:
            start = [hatch, "run", f"{environment}:measure"]
        self._command = [*start, name, "--server", socket, "--db", str(db)]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, Any]:
        """Start it; who it is."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self._answer()

    def ask(self, task: dict[str, Any]) -> dict[str, Any]:
        """Let it do a task; its answer."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended without an answer; its own words are above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End it, which the end of its input tells it to do."""
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.wait(10)
            self._process.stdout.close()
