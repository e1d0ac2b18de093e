"""Writes on indexed fields of each type, beside scripts by hand and the plain commands; and how they grow.

The floor of a write is a script for this one field, which does not look whether the object exists and takes
nothing back if it fails. `unindexed` is the same method on a field without an index: the native command.

A write at a size is one of a member, at a value that has so many of them. Its cost must not depend on that.
"""

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
from limpyd_testing.server import Server
from pytest_benchmark.fixture import BenchmarkFixture

CALLS = 100
ROUNDS = 50


class Thing(RedisModel):
    """A field of each type, once with an index and once without."""

    abstract = True

    text = fields.StringField(indexable=True)
    entry = fields.HashableField(indexable=True)
    tags = fields.SetField(indexable=True)
    log = fields.ListField(indexable=True)
    scores = fields.SortedSetField(indexable=True)
    data = fields.HashField(indexable=True)
    plain_text = fields.StringField()
    plain_entry = fields.HashableField()
    plain_tags = fields.SetField()
    plain_log = fields.ListField()
    plain_scores = fields.SortedSetField()
    plain_data = fields.HashField()


SINGLE = """
local old = redis.call({get})
local reply = redis.call({set})
if old ~= ARGV[1] then
  if old then
    redis.call('SREM', ':thing:{name}:' .. old, '1')
  end
  redis.call('SADD', ':thing:{name}:' .. ARGV[1], '1')
end
return reply
"""
MEMBER = """
local reply = redis.call({set})
redis.call('SADD', ':thing:{name}:' .. ARGV[1], '1')
return reply
"""
ENTRY = """
local old = redis.call('HGET', ':thing:1:data', 'entry')
local reply = redis.call('HSET', ':thing:1:data', 'entry', ARGV[1])
if old ~= ARGV[1] then
  if old then
    redis.call('SREM', ':thing:data:entry:' .. old, '1')
  end
  redis.call('SADD', ':thing:data:entry:' .. ARGV[1], '1')
end
return reply
"""


def single(name: str, get: str, set_: str) -> str:
    return SINGLE.format(name=name, get=get, set=set_)


BY_HAND = {
    "text": single("text", "'GET', ':thing:1:text'", "'SET', ':thing:1:text', ARGV[1]"),
    "entry": single("entry", "'HGET', ':thing:1:hash', 'entry'", "'HSET', ':thing:1:hash', 'entry', ARGV[1]"),
    "tags": MEMBER.format(name="tags", set="'SADD', ':thing:1:tags', ARGV[1]"),
    "log": MEMBER.format(name="log", set="'RPUSH', ':thing:1:log', ARGV[1]"),
    "scores": MEMBER.format(name="scores", set="'ZADD', ':thing:1:scores', '1', ARGV[1]"),
    "data": ENTRY,
}
WRITES: dict[str, Callable[[Any, str], object]] = {
    "text": lambda field, value: field.set(value),
    "entry": lambda field, value: field.hset(value),
    "tags": lambda field, value: field.sadd(value),
    "log": lambda field, value: field.rpush(value),
    "scores": lambda field, value: field.zadd({value: 1}),
    "data": lambda field, value: field.hset("entry", value),
}
NAMES = {
    "text": "StringField.set",
    "entry": "HashableField.hset",
    "tags": "SetField.sadd",
    "log": "ListField.rpush",
    "scores": "SortedSetField.zadd",
    "data": "HashField.hset",
}
Rounds = Callable[[str, Callable[[str], object]], None]


@pytest.fixture
def thing(database: RedisDatabase) -> Any:
    """The one object, whose pk is 1."""
    one = define(Thing, database)()
    assert one.get_pk() == "1"
    return one


@pytest.fixture
def measure(benchmark: BenchmarkFixture) -> Rounds:
    """Time `work(value)` for one new value a call, many calls a round."""

    def run(group: str, work: Callable[[str], object]) -> None:
        numbers = count()
        benchmark.group = group
        benchmark.pedantic(  # type: ignore[no-untyped-call]  # pytest-benchmark has no types for it
            lambda batch: [work(value) for value in batch],
            setup=lambda: (([f"value {next(numbers)}" for _ in range(CALLS)],), {}),
            rounds=ROUNDS,
            warmup_rounds=2,
        )

    return run


@pytest.mark.parametrize("name", WRITES)
def test_by_hand(by_hand: redis.Redis, thing: Any, measure: Rounds, name: str) -> None:
    script = by_hand.register_script(BY_HAND[name])
    measure(NAMES[name], lambda value: script(args=[value]))


@pytest.mark.parametrize("name", WRITES)
def test_limpyd(thing: Any, measure: Rounds, name: str) -> None:
    field = getattr(thing, name)
    measure(NAMES[name], lambda value: WRITES[name](field, value))


@pytest.mark.parametrize("name", WRITES)
def test_unindexed(thing: Any, measure: Rounds, name: str) -> None:
    field = getattr(thing, f"plain_{name}")
    measure(NAMES[name], lambda value: WRITES[name](field, value))


SIZES = [1_000, 10_000, 100_000, 1_000_000]
CHUNK = 2_000
LOADS: dict[str, Callable[[Any, str, int], Any]] = {
    "tags": lambda pipe, member, _: pipe.sadd(":thing:1:tags", member),
    "log": lambda pipe, member, _: pipe.rpush(":thing:1:log", member),
    "scores": lambda pipe, member, number: pipe.zadd(":thing:1:scores", {member: number}),
    "data": lambda pipe, member, _: pipe.hset(":thing:1:data", member, "x"),
}
GROWTH: dict[str, tuple[str, Callable[[Any, int], object]]] = {
    "sadd": ("tags", lambda one, number: one.tags.sadd(f"new {number}")),
    "srem": ("tags", lambda one, number: one.tags.srem(f"member {number}")),
    "zadd": ("scores", lambda one, number: one.scores.zadd({f"new {number}": number})),
    "hset": ("data", lambda one, number: one.data.hset(f"new {number}", "x")),
    "rpush": ("log", lambda one, number: one.log.rpush(f"new {number}")),
    "lpop": ("log", lambda one, _: one.log.lpop()),
}
LOAD = """
local from, upto, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local key = ':thing:1:' .. name
for number = from, upto - 1 do
  local member = 'member ' .. string.format('%d', number)
  if name == 'tags' then
    redis.call('SADD', key, member)
  elseif name == 'log' then
    redis.call('RPUSH', key, member)
  elseif name == 'scores' then
    redis.call('ZADD', key, number, member)
  else
    redis.call('HSET', key, member, 'x')
    member = member .. ':x'
  end
  redis.call('SADD', ':thing:' .. name .. ':' .. member, '1')
end
"""


@pytest.fixture(scope="module")
def large_server() -> Iterator[Server]:
    """A server of their own for the large values, which stay there from one measurement to the next."""
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def large(large_server: Server) -> Callable[[str, int], Any]:
    """Gives the object, with so many members in one field, and with their index."""
    database = RedisDatabase.from_url(large_server.url)
    one = define(Thing, database)()
    one.get_pk()
    loaded: dict[str, int] = {}

    def load(name: str, size: int) -> Any:
        script = database.connection.register_script(LOAD)
        for start in range(loaded.get(name, 0), size, CHUNK):
            script(args=[start, min(start + CHUNK, size), name])
        loaded[name] = max(size, loaded.get(name, 0))
        return one

    return load


@pytest.mark.parametrize("operation", GROWTH)
@pytest.mark.parametrize("size", SIZES)
def test_growth(
    large: Callable[[str, int], Any], benchmark: BenchmarkFixture, operation: str, size: int
) -> None:
    """Must not depend on the size; the members are added in steps, so the smallest size comes first.

    What the server itself spent on a call is in the benchmark's `extra_info`: it is less disturbed by others.
    """
    name, work = GROWTH[operation]
    one = large(name, size)
    numbers = count(size // 2 if operation == "srem" else size * 10)
    if operation == "lpop":
        one.log.rpush("uncounted")
    benchmark.group = f"{operation} at a value with so many members"
    connection: Any = one.database.connection
    work(one, next(numbers))
    connection.config_resetstat()
    benchmark.pedantic(  # type: ignore[no-untyped-call]  # pytest-benchmark has no types for it
        lambda: [work(one, next(numbers)) for _ in range(CALLS)], rounds=40
    )
    spent = connection.info("commandstats")["cmdstat_evalsha"]["usec_per_call"]
    benchmark.extra_info["microseconds in the server"] = spent
