"""An object of five hashable fields, three indexed and one of these unique, beside the same by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import redis
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd_testing.models import define
from pytest_benchmark.fixture import BenchmarkFixture

OBJECTS = 2000

CREATE = """
if redis.call('EXISTS', ':person:name:' .. ARGV[1]) == 1 then
  return redis.error_reply('name is taken')
end
local pk = redis.call('INCR', ':person:max_pk')
redis.call('SADD', ':person:collection', pk)
redis.call('HSET', ':person:' .. pk .. ':hash', 'name', ARGV[1], 'city', ARGV[2], 'year', ARGV[3],
  'phone', ARGV[4], 'motto', ARGV[5])
redis.call('SADD', ':person:name:' .. ARGV[1], pk)
redis.call('SADD', ':person:city:' .. ARGV[2], pk)
redis.call('SADD', ':person:year:' .. ARGV[3], pk)
return pk
"""

MOVE = """
local key = ':person:' .. ARGV[1] .. ':hash'
local old = redis.call('HGET', key, 'city')
local reply = redis.call('HSET', key, 'city', ARGV[2])
if old ~= ARGV[2] then
  if old then
    redis.call('SREM', ':person:city:' .. old, ARGV[1])
  end
  redis.call('SADD', ':person:city:' .. ARGV[2], ARGV[1])
end
return reply
"""

DELETE = """
local key = ':person:' .. ARGV[1] .. ':hash'
local values = redis.call('HMGET', key, 'name', 'city', 'year')
for i, name in ipairs({'name', 'city', 'year'}) do
  if values[i] then
    redis.call('SREM', ':person:' .. name .. ':' .. values[i], ARGV[1])
  end
end
redis.call('DEL', key)
return redis.call('SREM', ':person:collection', ARGV[1])
"""


class Person(RedisModel):
    """What is measured."""

    abstract = True

    name = fields.HashableField(unique=True)
    city = fields.HashableField(indexable=True)
    year = fields.HashableField(indexable=True)
    phone = fields.HashableField()
    motto = fields.HashableField()


def values(number: int) -> dict[str, str]:
    """The values of one person."""
    return {
        "name": f"name {number}",
        "city": f"city {number % 50}",
        "year": str(1950 + number % 40),
        "phone": f"+{number}",
        "motto": "Redis stays visible",
    }


@pytest.fixture
def person(database: RedisDatabase) -> type[Person]:
    """The model, with 2,000 objects."""
    model = define(Person, database)
    model.create_many(values(number) for number in range(OBJECTS))
    return model


Rounds = Callable[..., Any]


@pytest.fixture
def measure(benchmark: BenchmarkFixture) -> Rounds:
    """Time `work(argument)` for one new argument a call, many calls a round."""

    def run(group: str, work: Callable[[Any], object], arguments: Iterator[Any]) -> None:
        benchmark.group = group
        benchmark.pedantic(  # type: ignore[no-untyped-call]  # pytest-benchmark has no types for it
            lambda batch: [work(argument) for argument in batch],
            setup=lambda: (([next(arguments) for _ in range(100)],), {}),
            rounds=50,
            warmup_rounds=2,
        )

    return run


def test_create_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    script = by_hand.register_script(CREATE)
    measure("create", lambda row: script(args=row), (list(values(n).values()) for n in count(OBJECTS)))


def test_create_limpyd(person: type[Person], measure: Rounds) -> None:
    measure("create", lambda row: person(**row), map(values, count(OBJECTS)))


def test_update_indexed_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    script = by_hand.register_script(MOVE)
    rows = ([n % OBJECTS + 1, f"city {n % 47}"] for n in count())
    measure("update of an indexed field", lambda row: script(args=row), rows)


def test_update_indexed_limpyd(person: type[Person], measure: Rounds) -> None:
    rows = ((person.lazy_connect(n % OBJECTS + 1), f"city {n % 47}") for n in count())
    measure("update of an indexed field", lambda row: row[0].city.hset(row[1]), rows)


def test_read_one_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    keys = (f":person:{n % OBJECTS + 1}:hash" for n in count())
    measure("read one field", lambda key: by_hand.hget(key, "phone"), keys)


def test_read_one_limpyd(person: type[Person], measure: Rounds) -> None:
    objects = (person.lazy_connect(n % OBJECTS + 1) for n in count())
    measure("read one field", lambda one: one.phone.hget(), objects)


def test_read_all_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    keys = (f":person:{n % OBJECTS + 1}:hash" for n in count())
    measure("read all fields", by_hand.hgetall, keys)


def test_read_all_limpyd(person: type[Person], measure: Rounds) -> None:
    objects = (person.lazy_connect(n % OBJECTS + 1) for n in count())
    measure("read all fields", lambda one: one.hgetall(), objects)


def test_filter_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    keys = ([f":person:city:city {n % 50}", f":person:year:{1950 + n % 40}"] for n in count())
    measure("filter by two fields to pks", lambda pair: list(by_hand.sinter(pair)), keys)


def test_filter_limpyd(person: type[Person], measure: Rounds) -> None:
    rows = ({"city": f"city {n % 50}", "year": 1950 + n % 40} for n in count())
    measure("filter by two fields to pks", lambda row: list(person.collection(**row)), rows)


def test_filter_to_instances_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    def read(pair: list[str]) -> list[Any]:
        return [by_hand.hget(f":person:{pk!s}:hash", "phone") for pk in by_hand.sinter(pair)]

    keys = ([f":person:city:city {n % 50}", f":person:year:{1950 + n % 40}"] for n in count())
    measure("filter to instances, one field each", read, keys)


def test_filter_to_instances_limpyd(person: type[Person], measure: Rounds) -> None:
    def read(row: dict[str, Any]) -> list[str | None]:
        return [one.phone.hget() for one in person.collection(**row).instances()]

    rows = ({"city": f"city {n % 50}", "year": 1950 + n % 40} for n in count())
    measure("filter to instances, one field each", read, rows)


def test_sorted_page_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    def read(key: str) -> Any:
        return by_hand.sort(key, by=":person:*:hash->name", alpha=True, start=20, num=10)

    measure("page of ten, sorted", read, (f":person:year:{1950 + n % 40}" for n in count()))


def test_sorted_page_limpyd(person: type[Person], measure: Rounds) -> None:
    def read(year: int) -> list[str]:
        return list(person.collection(year=year).sort(by="name", alpha=True)[20:30])

    measure("page of ten, sorted", read, (1950 + n % 40 for n in count()))


def test_delete_by_hand(by_hand: redis.Redis, person: type[Person], measure: Rounds) -> None:
    script = by_hand.register_script(DELETE)
    person.create_many(values(number) for number in range(OBJECTS, 6 * OBJECTS))
    measure("delete", lambda pk: script(args=[pk]), count(1))


def test_delete_limpyd(person: type[Person], measure: Rounds) -> None:
    person.create_many(values(number) for number in range(OBJECTS, 6 * OBJECTS))
    measure("delete", lambda one: one.delete(), map(person.lazy_connect, count(1)))


@pytest.mark.parametrize("number", [1, 10, 50])
def test_lazy_connect(database: RedisDatabase, benchmark: BenchmarkFixture, number: int) -> None:
    """Must not depend on the number of fields."""
    members = {f"field{n}": fields.HashableField(indexable=True) for n in range(number)}
    model = define(RedisModel, database, "Wide", **members)
    benchmark.group = "lazy_connect by number of fields"
    benchmark(model.lazy_connect, "12345")
