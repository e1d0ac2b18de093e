"""The data of all contenders: people of five fields, the same in every process.

Three fields are indexed (name, city, country), one is unique (email), one is neither. The libraries that are
measured are not known here, and nothing but the standard library is needed.
"""

from __future__ import annotations

import random
from typing import TypeAlias

__all__ = ["CITIES", "COUNTRIES", "FIELDS", "PEOPLE", "Row", "people"]

Row: TypeAlias = dict[str, str]
"""The values of one person, by field."""

FIELDS = ("name", "email", "city", "country", "note")
PEOPLE = 10_000
CITIES = tuple(f"city {number}" for number in range(40))
COUNTRIES = tuple(f"country {number}" for number in range(20))

_SEED = 8
_FIRST = ("Ada", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "John", "Niklaus")
_LAST = tuple(start + end for start in ("Ber", "Kle", "Lan", "Mor", "Tur") for end in ("ger", "in", "ton"))


def people(number: int, start: int = 0) -> list[Row]:
    """So many people; `start` counts those that were made before, so that no two have one email."""
    chance = random.Random(_SEED + start)
    return [
        {
            "name": f"{chance.choice(_FIRST)} {chance.choice(_LAST)} {chance.randrange(10)}",
            "email": f"person{n:07}@example.com",
            "city": chance.choice(CITIES),
            "country": chance.choice(COUNTRIES),
            "note": f"what is known of number {n}",
        }
        for n in range(start, start + number)
    ]
