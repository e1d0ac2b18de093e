"""The work that is timed: what each operation is asked, and whether the answers are right.

The arguments come from seeds, so that all contenders get the same ones. Every answer is compared, outside of
the time, with what the people should be by then: a number stands for work that was done.
"""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import CITIES, COUNTRIES, Row, people

__all__ = ["Work"]

_PAGE_START, _PAGE_LENGTH = 5, 10
_PAGE = slice(_PAGE_START, _PAGE_START + _PAGE_LENGTH)
_CACHED = 100
_PARTS, _PART = 5, 20

Arguments = list[tuple[Any, ...]]


class Work:
    """A contender's people, as they should be by now, and the work on them.

    `before` and `after` are called around the time of a measurement.
    """

    def __init__(
        self, contender: Contender, before: Callable[[], object], after: Callable[[], object]
    ) -> None:
        self.contender = contender
        self._before, self._after = before, after
        self._rows: dict[str, Row] = {}
        self._pks: list[str] = []
        self._made = 0
        self._spare: list[str] = []
        self._groups = 0

    def load(self, number: int) -> float:
        """Create the people, in a database that is empty; the seconds that it took."""
        self.contender.forget()
        rows = people(number)
        pks, seconds = self._time(self.contender.bulk_create, [(rows,)])
        self._pks, self._made, self._spare = pks[0], number, []
        self._rows = dict(zip(self._pks, map(dict, rows), strict=True))
        self._expect("bulk_create", len(self._rows) == number, pks)
        for pk in (self._pks[0], self._pks[-1]):
            self._expect("bulk_create", self.contender.read_all(pk) == self._rows[pk], pk)
        return seconds

    def relate(self, number: int) -> None:
        """Create the groups that belong to the first one of the people."""
        if "reverse_relation" not in self.contender.cant:
            self.contender.load_relation(self._pks[0], number)
            self._groups = number

    def measure(self, operation: str, calls: int, seed: int) -> float:
        """The seconds of a call, of so many, each with arguments of its own."""
        self.contender.forget()
        arguments = self._arguments(operation, calls, Random(f"{operation} {seed}"))
        answers, seconds = self._time(getattr(self.contender, operation), arguments)
        self._check(operation, arguments, answers)
        return seconds

    def _time(self, act: Callable[..., Any], arguments: Arguments) -> tuple[list[Any], float]:
        """The answers, and the seconds of a call: those of the fastest part, which is the least disturbed."""
        answers: list[Any] = []
        seconds = []
        size = max(_PART, -(-len(arguments) // _PARTS))
        gc.collect()
        self._before()
        for start in range(0, len(arguments), size):
            part = arguments[start : start + size]
            started = time.perf_counter()
            for each in part:
                answers.append(act(*each))  # noqa: PERF401  # a comprehension would be timed as well
            seconds.append((time.perf_counter() - started) / len(part))
        self._after()
        return answers, min(seconds)

    def _arguments(self, operation: str, calls: int, chance: Random) -> Arguments:
        match operation:
            case "create":
                return [(row,) for row in people(calls, self._made)]
            case "delete":
                self._spare += [self._create(row) for row in people(calls - len(self._spare), self._made)]
                return [(self._spare.pop(),) for _ in range(calls)]
            case "read_all" | "read_one":
                return [(chance.choice(self._pks),) for _ in range(calls)]
            case "update_indexed":
                return [(chance.choice(self._pks), chance.choice(CITIES)) for _ in range(calls)]
            case "cached_read":
                known = [chance.choice(self._pks) for _ in range(_CACHED)]
                for pk in known:
                    self.contender.cached_read(pk)
                return [(chance.choice(known),) for _ in range(calls)]
            case "sorted_page":
                return [(chance.choice(CITIES), _PAGE_START, _PAGE_LENGTH) for _ in range(calls)]
            case "reverse_relation":
                return [(self._pks[0],)] * calls
        return [(chance.choice(CITIES), chance.choice(COUNTRIES)) for _ in range(calls)]

    def _create(self, row: Row) -> str:
        pk = self.contender.create(row)
        self._made += 1
        self._rows[pk] = row
        return pk

    def _check(self, operation: str, arguments: Arguments, answers: list[Any]) -> None:
        """Compare the answers with what they have to be, and remember what has changed."""
        contender, rows = self.contender, self._rows
        match operation:
            case "create":
                self._made += len(arguments)
                self._spare += answers
                for (row,), pk in zip(arguments, answers, strict=True):
                    self._expect(operation, pk not in rows and contender.read_all(pk) == row, pk)
                    rows[pk] = row
            case "delete":
                gone = [rows.pop(pk) for (pk,) in arguments]
                self._check_filter(operation, gone[:5])
            case "update_indexed":
                for pk, city in arguments:
                    rows[pk] = {**rows[pk], "city": city}
                for pk, _ in arguments[:5]:
                    self._expect(operation, contender.read_all(pk) == rows[pk], pk)
                self._check_filter(operation, [rows[pk] for pk, _ in arguments[:5]])
            case "reverse_relation":
                self._expect(operation, all(len(set(found)) == self._groups for found in answers), answers)
            case _:
                expected = self._expectation(operation)
                for each, answer in zip(arguments, answers, strict=True):
                    self._expect(operation, _comparable(operation, answer) == expected(*each), each)

    def _expectation(self, operation: str) -> Callable[..., Any]:
        """What an operation that only reads has to answer."""
        rows = self._rows
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for pk, row in rows.items():
            found[row["city"], row["country"]].append(pk)
            found[row["city"],].append(pk)
        expectations: dict[str, Callable[..., Any]] = {
            "read_all": lambda pk: rows[pk],
            "read_one": lambda pk: rows[pk]["email"],
            "cached_read": lambda pk: rows[pk]["email"],
            "filter_pks": lambda *values: sorted(found[values]),
            "filter_objects": lambda *values: _by_email(rows[pk] for pk in found[values]),
            "count": lambda *values: len(found[values]),
            "sorted_page": lambda city, *_: _by_email(rows[pk] for pk in found[city,])[_PAGE],
        }
        return expectations[operation]

    def _check_filter(self, operation: str, samples: list[Row]) -> None:
        """The indexes have to know of the change, too."""
        if "filter_pks" not in self.contender.cant:
            expected = self._expectation("filter_pks")
            for row in samples:
                values = row["city"], row["country"]
                found = sorted(self.contender.filter_pks(*values))
                self._expect(operation, found == expected(*values), values)

    def _expect(self, operation: str, right: bool, about: object) -> None:
        if not right:
            raise ValueError(f"{self.contender.title}: {operation} is wrong about {about!r}")


def _by_email(rows: Any) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["email"]))


def _comparable(operation: str, answer: Any) -> Any:
    """An answer whose order is left open, in one order."""
    if operation == "filter_pks":
        return sorted(answer)
    return _by_email(answer) if operation == "filter_objects" else answer
