"""Many clients at once: each operation happens wholly, once, or not at all."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.models import define

THREADS = 8


class Person(RedisModel):
    abstract = True

    name = fields.HashableField(unique=True)
    mail = fields.StringField(unique=True)
    city = fields.HashableField(indexable=True)


@pytest.fixture
def person(database: RedisDatabase) -> type[Person]:
    return define(Person, database)


def at_once(work: Callable[[int], object]) -> list[object]:
    """Run `work(0)` to `work(7)` in a thread each, all starting together."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> object:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def indexed(database: RedisDatabase, field: str) -> dict[str, set[str]]:
    """What an index has: value -> pks."""
    prefix = f":person:{field}:"
    connection = database.connection
    return {
        key.removeprefix(prefix): {str(pk) for pk in connection.smembers(key)}
        for key in connection.scan_iter(f"{prefix}*")
    }


def scanned(person: type[Person], field: str) -> dict[str, set[str]]:
    """What an index should have: value -> pks, from the data of all objects."""
    found: dict[str, set[str]] = {}
    for one in person.collection().instances():
        value = one.mail.get() if field == "mail" else one.hmget(field)[0]
        if value is not None:
            found.setdefault(value, set()).add(one.get_pk())
    return found


def assert_indexes_match(person: type[Person], database: RedisDatabase) -> None:
    for field in ("name", "mail", "city"):
        assert indexed(database, field) == scanned(person, field)


def test_threads_that_create_the_same_unique_values_make_one_object_of_each(
    person: type[Person], database: RedisDatabase
) -> None:
    def work(number: int) -> int:
        made = 0
        for name in range(50):
            try:
                person(name=name, mail=f"{name}@example.org", city=number)
                made += 1
            except UniquenessError:
                pass
        return made

    made = at_once(work)
    assert sum(int(str(count)) for count in made) == 50
    assert len(person.collection()) == 50
    assert_indexes_match(person, database)


def test_two_callers_of_get_or_connect_never_create_two(
    person: type[Person], database: RedisDatabase
) -> None:
    def work(_number: int) -> list[tuple[str, bool]]:
        found = (person.get_or_connect(city=city, defaults={"name": city}) for city in range(50))
        return [(one.get_pk(), created) for one, created in found]

    results = at_once(work)
    assert len(person.collection()) == 50
    flat = [item for result in results for item in result]  # type: ignore[attr-defined]  # work's lists
    assert sum(created for _, created in flat) == 50
    assert len({pk for pk, _ in flat}) == 50
    assert_indexes_match(person, database)


def change(person: type[Person], pk: int, value: int, choice: int) -> None:
    one = person.lazy_connect(pk)
    operations: list[Callable[[], object]] = [
        lambda: person(name=value, city=value),
        lambda: one.name.hset(value),
        lambda: one.mail.append(value),
        lambda: one.hmset(name=value, city=value),
        one.city.delete,
        one.mail.getdel,
        one.delete,
    ]
    operations[choice]()


def test_random_writes_and_deletions_keep_indexes_and_data_together(
    person: type[Person], database: RedisDatabase
) -> None:
    def work(number: int) -> None:
        rng = random.Random(number)
        for _ in range(100):
            with contextlib.suppress(UniquenessError, DoesNotExist):
                change(person, rng.randint(1, 20), rng.randint(1, 10), rng.randrange(7))

    at_once(work)
    assert_indexes_match(person, database)
    for field in ("name", "mail"):
        assert all(len(pks) == 1 for pks in indexed(database, field).values())
