"""How fast a worker was, and how much memory it had."""

from __future__ import annotations

import json
import math
import os
import resource
from collections import Counter
from pathlib import Path
from typing import NamedTuple, Self

__all__ = ["Figures", "Latencies", "memory_now", "read_figures"]

_PER_OCTAVE = 8


class Latencies(Counter[int]):
    """How many operations took how long, each counted for a span of time that is 9 % wide."""

    def add(self, seconds: float) -> None:
        """Count one."""
        self[round(math.log2(seconds * 1e6) * _PER_OCTAVE)] += 1

    def percentile(self, percent: float) -> float:
        """The microseconds within which so many of a hundred were done."""
        wanted = self.total() * percent / 100
        for span in sorted(self):
            wanted -= self[span]
            if wanted <= 0:
                return float(2 ** (span / _PER_OCTAVE))
        return 0.0


class Figures(NamedTuple):
    """What a worker measured of itself; memory in bytes."""

    latencies: Latencies
    memory_at_start: int
    memory_at_end: int

    def write(self, folder: Path, number: int) -> None:
        """Leave them for `read_figures`."""
        (folder / f"{number}.figures").write_text(json.dumps(self))

    @classmethod
    def read(cls, path: Path) -> Self:
        """What a worker has left."""
        counts, *memory = json.loads(path.read_text())
        return cls(Latencies({int(span): number for span, number in counts.items()}), *memory)


def read_figures(folder: Path) -> list[Figures]:
    """The figures of all workers that have ended by themselves."""
    return [Figures.read(path) for path in sorted(folder.glob("*.figures"))]


def memory_now() -> int:
    """The memory of this process in bytes: now, where the system tells that, else at its height."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
