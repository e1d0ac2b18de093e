"""The objects that everybody creates: five fields, of which three are indexed and one is unique."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping

__all__ = ["measure", "person_rows"]


def person_rows(number: int) -> Iterator[dict[str, str]]:
    """The values of so many persons."""
    for n in range(number):
        yield {
            "name": f"name {n % 977}",
            "email": f"person{n}@example.com",
            "city": f"city {n % 401}",
            "country": f"country {n % 97}",
            "note": f"the note of person {n}",
        }


def measure(create: Callable[[Mapping[str, str]], object]) -> None:
    """Create as many objects as the command line says, one by one, and print the outcome."""
    number = int(sys.argv[2])
    started = time.perf_counter()
    for row in person_rows(number):
        create(row)
    print(json.dumps({"objects": number, "seconds": time.perf_counter() - started}))
