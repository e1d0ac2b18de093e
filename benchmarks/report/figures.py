"""What is computed from a run of all contenders: ratios within rounds, and who is ahead of limpyd where."""

from __future__ import annotations

from statistics import median
from typing import Any

__all__ = ["FLOOR", "OURS", "Contender", "Figures"]

FLOOR = "by_hand"
OURS = "limpyd"
_NOISE = 1.02
"""How many times as fast is not told from as fast."""


class Contender:
    """One contender's part of the results."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.name: str = found["name"]
        self.title: str = found["title"]
        self.python: str = found["python"]
        self.versions: dict[str, str] = found["versions"]
        self.cant: dict[str, str] = found["cant"]
        self.less: dict[str, str] = found["less"]
        self.notes: dict[str, str] = found["notes"]
        self.requests: dict[str, float] = found["requests"]
        self.round_trips: dict[str, float] = found["round_trips"]
        self.seconds: dict[str, list[float]] = found["seconds"]

    @property
    def version(self) -> str:
        """Its own version."""
        return next(iter(self.versions.values()))

    @property
    def runs(self) -> bool:
        """Whether it did anything at all."""
        return bool(self.seconds)


class Figures:
    """The results of one run."""

    def __init__(self, result: dict[str, Any]) -> None:
        self.machine: dict[str, Any] = result["machine"]
        self.settings: dict[str, Any] = result["settings"]
        self.contenders = [Contender(each) for each in result["contenders"]]
        self._by_name = {each.name: each for each in self.contenders}

    @property
    def ours(self) -> Contender:
        """limpyd."""
        return self._by_name[OURS]

    def microseconds(self, contender: Contender, operation: str) -> float:
        """Of one call, the median of the rounds."""
        return median(contender.seconds[operation]) * 1e6

    def rate(self, contender: Contender, operation: str, other: str = FLOOR) -> float | None:
        """How many times as fast a contender is as another one: the median of the ratios within rounds."""
        floor = self._by_name[other].seconds.get(operation)
        taken = contender.seconds.get(operation)
        if not floor or not taken:
            return None
        return median(theirs / own for theirs, own in zip(floor, taken, strict=False))

    def mappers(self, operation: str) -> list[Contender]:
        """Those who do all of an operation, beside by hand."""
        return [
            each
            for each in self.contenders
            if each.name != FLOOR and operation in each.seconds and operation not in each.less
        ]

    def best(self, operation: str) -> Contender:
        """The fastest one of them."""
        return max(self.mappers(operation), key=lambda each: self.rate(each, operation) or 0)

    def ahead(self, operation: str) -> list[tuple[Contender, float]]:
        """Who is faster than limpyd, and how many times as fast; the fastest first."""
        found = []
        for each in self.contenders:
            rate = self.rate(each, operation, OURS)
            if rate is not None and rate > _NOISE and each.name != OURS:
                found.append((each, rate))
        return sorted(found, key=lambda pair: -pair[1])
