"""What relations cost beside the same work written by hand: deletions with their references, and both sides.

The floor of a deletion is a script for this one model, which knows the one field that refers, does not look
whether the object exists, and takes nothing back if it fails. `pipeline` is what one would write without
Lua: it reads who refers, and clears that in a second round trip; what is written in between is left over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis
from limpyd import fields
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd_testing.models import define
from pytest_benchmark.fixture import BenchmarkFixture

DELETE = {
    "owner": """
for _, pk in ipairs(redis.call('SMEMBERS', ':group:owner:' .. ARGV[1])) do
  redis.call('HDEL', ':group:' .. pk .. ':hash', 'owner')
end
redis.call('SREM', ':person:collection', ARGV[1])
redis.call('DEL', ':group:owner:' .. ARGV[1], ':person:' .. ARGV[1] .. ':hash')
""",
    "leader": """
for _, pk in ipairs(redis.call('SMEMBERS', ':group:leader:' .. ARGV[1])) do
  redis.call('DEL', ':group:' .. pk .. ':leader')
end
redis.call('SREM', ':person:collection', ARGV[1])
redis.call('DEL', ':group:leader:' .. ARGV[1], ':person:' .. ARGV[1] .. ':hash')
""",
    "members": """
for _, pk in ipairs(redis.call('SMEMBERS', ':group:members:' .. ARGV[1])) do
  redis.call('SREM', ':group:' .. pk .. ':members', ARGV[1])
end
redis.call('SREM', ':person:collection', ARGV[1])
redis.call('DEL', ':group:members:' .. ARGV[1], ':person:' .. ARGV[1] .. ':hash')
""",
    "queue": """
for _, pk in ipairs(redis.call('SMEMBERS', ':group:queue:' .. ARGV[1])) do
  redis.call('LREM', ':group:' .. pk .. ':queue', 0, ARGV[1])
end
redis.call('SREM', ':person:collection', ARGV[1])
redis.call('DEL', ':group:queue:' .. ARGV[1], ':person:' .. ARGV[1] .. ':hash')
""",
    "ranks": """
for _, pk in ipairs(redis.call('SMEMBERS', ':group:ranks:' .. ARGV[1])) do
  redis.call('ZREM', ':group:' .. pk .. ':ranks', ARGV[1])
end
redis.call('SREM', ':person:collection', ARGV[1])
redis.call('DEL', ':group:ranks:' .. ARGV[1], ':person:' .. ARGV[1] .. ':hash')
""",
    "house": """
for _, pk in ipairs(redis.call('SMEMBERS', ':house:owner:' .. ARGV[1])) do
  redis.call('SREM', ':house:color:' .. redis.call('HGET', ':house:' .. pk .. ':hash', 'color'), pk)
  redis.call('DEL', ':house:' .. pk .. ':hash')
  redis.call('SREM', ':house:collection', pk)
end
redis.call('SREM', ':person:collection', ARGV[1])
redis.call('DEL', ':house:owner:' .. ARGV[1], ':person:' .. ARGV[1] .. ':hash')
""",
}
ADD = """
local added = redis.call('SADD', KEYS[1], unpack(ARGV, 2))
for i = 2, #ARGV do
  redis.call('SADD', ':group:members:' .. ARGV[i], ARGV[1])
end
return added
"""
SET = """
local old = redis.call('HGET', KEYS[1], 'owner')
if old then
  redis.call('SREM', ':group:owner:' .. old, ARGV[1])
end
redis.call('HSET', KEYS[1], 'owner', ARGV[2])
redis.call('SADD', ':group:owner:' .. ARGV[2], ARGV[1])
"""
VALUES: dict[str, Any] = {"members": ["p", "q"], "queue": ["p", "q"], "ranks": {"p": 1, "q": 2}}


class Person(related.RelatedModel):
    """What is referred to."""

    abstract = True

    name = fields.PKField()
    city = fields.HashableField()


class Group(related.RelatedModel):
    """What refers."""

    abstract = True

    owner = related.FKHashableField("Person", related_name="owned")
    leader = related.FKStringField("Person", related_name="led")
    members = related.M2MSetField("Person", related_name="membership")
    queue = related.M2MListField("Person", related_name="queued")
    ranks = related.M2MSortedSetField("Person", related_name="ranked")


class House(related.RelatedModel):
    """What is deleted with what it refers to."""

    abstract = True

    owner = related.FKHashableField("Person", on_delete="cascade")
    color = fields.HashableField(indexable=True)


class Models:
    """The models on one database."""

    def __init__(self, database: RedisDatabase) -> None:
        self.database = database
        self.person: Any = define(Person, database)
        self.group: Any = define(Group, database)
        self.house: Any = define(House, database)

    def refer(self, name: str, number: int) -> Any:
        """A new person to whom so many new objects refer by one field."""
        self.database.connection.flushdb()
        if name == "house":
            self.house.create_many([{"owner": "p", "color": number % 10} for number in range(number)])
        else:
            self.group.create_many([{name: VALUES.get(name, "p")}] * number)
        return self.person(name="p", city="Paris")


@pytest.fixture
def models(database: RedisDatabase) -> Models:
    """The models on the database of the benchmark."""
    return Models(database)


CASES = [("owner", 1), ("owner", 100), ("owner", 10_000)]
CASES += [(name, 10_000) for name in ("leader", "members", "queue", "ranks", "house")]


def repeat(benchmark: Any, work: Callable[..., Any], setup: Callable[[], Any], rounds: int) -> None:
    """Time `work` once a round, on what `setup` gives."""
    benchmark.pedantic(work, setup=setup, rounds=rounds)


def measure(
    benchmark: BenchmarkFixture, models: Models, case: tuple[str, int], delete: Callable[[Any], Any]
) -> None:
    """Time deletions, each of which is of a new object to which new ones refer."""
    name, number = case
    benchmark.group = f"delete, {number} referring by {name}"
    delete(models.refer(name, 1))
    rounds = 10 if number > 1000 else 100
    repeat(benchmark, delete, lambda: ((models.refer(name, number),), {}), rounds)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_delete_by_hand(
    benchmark: BenchmarkFixture, models: Models, by_hand: redis.Redis, case: tuple[str, int]
) -> None:
    script = by_hand.register_script(DELETE[case[0]])
    measure(benchmark, models, case, lambda one: script(args=[one._pk]))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_delete_limpyd(benchmark: BenchmarkFixture, models: Models, case: tuple[str, int]) -> None:
    measure(benchmark, models, case, lambda one: one.delete())


@pytest.mark.parametrize("case", CASES[:3], ids=str)
def test_delete_pipeline(
    benchmark: BenchmarkFixture, models: Models, by_hand: redis.Redis, case: tuple[str, int]
) -> None:
    def delete(one: Any) -> None:
        pks = by_hand.smembers(f":group:owner:{one._pk}")
        with by_hand.pipeline() as pipeline:
            for pk in pks:
                pipeline.hdel(f":group:{pk!s}:hash", "owner")
            pipeline.srem(":person:collection", one._pk)
            pipeline.delete(f":group:owner:{one._pk}", f":person:{one._pk}:hash")
            pipeline.execute()

    measure(benchmark, models, case, delete)


def test_related_collection_by_hand(
    benchmark: BenchmarkFixture, models: Models, by_hand: redis.Redis
) -> None:
    models.refer("owner", 1000)
    benchmark.group = "related collection of 1,000"
    assert len(benchmark(lambda: list(by_hand.smembers(":group:owner:p")))) == 1000


def test_related_collection_limpyd(benchmark: BenchmarkFixture, models: Models) -> None:
    person = models.refer("owner", 1000)
    benchmark.group = "related collection of 1,000"
    assert len(benchmark(lambda: list(person.owned()))) == 1000


def test_set_foreign_key_by_hand(benchmark: BenchmarkFixture, models: Models, by_hand: redis.Redis) -> None:
    models.refer("owner", 1)
    script = by_hand.register_script(SET)
    names = iter(range(10**9))
    benchmark.group = "set a foreign key"
    benchmark(lambda: script(keys=[":group:1:hash"], args=["1", f"p{next(names) % 7}"]))


def test_set_foreign_key_limpyd(benchmark: BenchmarkFixture, models: Models) -> None:
    models.refer("owner", 1)
    people = [models.person.lazy_connect(f"p{number}") for number in range(7)]
    names = iter(range(10**9))
    benchmark.group = "set a foreign key"
    benchmark(lambda: models.group.lazy_connect("1").owner.hset(people[next(names) % 7]))


def test_add_members_by_hand(benchmark: BenchmarkFixture, models: Models, by_hand: redis.Redis) -> None:
    group = models.group(owner="p")
    script = by_hand.register_script(ADD)
    names = [f"p{number}" for number in range(1000)]
    benchmark.group = "add 1,000 members in one call"
    repeat(
        benchmark,
        lambda: script(keys=[":group:1:members"], args=["1", *names]),
        lambda: group.members.delete() and None,
        rounds=50,
    )


def test_add_members_limpyd(benchmark: BenchmarkFixture, models: Models) -> None:
    group = models.group(owner="p")
    people = [models.person.lazy_connect(f"p{number}") for number in range(1000)]
    benchmark.group = "add 1,000 members in one call"
    repeat(benchmark, lambda: group.members.sadd(*people), lambda: group.members.delete() and None, rounds=50)


def test_instance_by_hand(benchmark: BenchmarkFixture, models: Models, by_hand: redis.Redis) -> None:
    models.refer("owner", 1)
    benchmark.group = "the object of a foreign key"
    benchmark(lambda: by_hand.sismember(":person:collection", str(by_hand.hget(":group:1:hash", "owner"))))


def test_instance_limpyd(benchmark: BenchmarkFixture, models: Models) -> None:
    models.refer("owner", 1)
    group = models.group.lazy_connect("1")
    benchmark.group = "the object of a foreign key"
    benchmark(group.owner.instance)
