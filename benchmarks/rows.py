"""Any number of people, made as they are asked for, with five fields: three are indexed, one is unique."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["person_rows"]


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
