"""Every write command under an index: the index follows, the reply is Redis's, and one request does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, outcome, snapshot

TYPES: dict[str, type[fields.Field]] = {
    "string": fields.StringField,
    "hashable": fields.HashableField,
    "set": fields.SetField,
    "list": fields.ListField,
    "zset": fields.SortedSetField,
    "hash": fields.HashField,
}


class Case(NamedTuple):
    """A write: the type of the field, its value before, and the call."""

    kind: str
    start: Any
    call: Callable[[Any], Any]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}"


def cases(kind: str, start: Any, **calls: Callable[[Any], Any]) -> list[Case]:
    return [Case(kind, start, call, name) for name, call in calls.items()]


def in_order(call: Callable[[Any], list[str] | None]) -> Callable[[Any], list[str]]:
    """The same call, for replies in any order."""
    return lambda field: sorted(call(field) or [])


MISSING: Any = object()

STRING_WRITES: dict[str, Callable[[Any], Any]] = {
    "set": lambda f: f.set("B"),
    "set_nx": lambda f: f.set("B", nx=True),
    "set_xx": lambda f: f.set("B", xx=True),
    "set_get": lambda f: f.set("B", get=True),
    "set_keepttl": lambda f: f.set("B", keepttl=True),
    "set_ifeq": lambda f: f.set("B", ifeq="A"),
    "setnx": lambda f: f.setnx("B"),
    "getset": lambda f: f.getset("B"),
    "getdel": lambda f: f.getdel(),
    "getex": lambda f: f.getex(persist=True),
    "delex": lambda f: f.delex(ifeq="A"),
    "append": lambda f: f.append("B"),
    "setrange": lambda f: f.setrange(3, "B"),
    "setbit": lambda f: f.setbit(0, 1),
    "bitfield": lambda f: f.bitfield("FAIL").set("u8", "#1", 66).incrby("i5", 3, 9).get("u8", 0).execute(),
    "bitfield_get": lambda f: f.bitfield().get("u8", 0).execute(),
    "incr": lambda f: f.incr(2),
    "incrby": lambda f: f.incrby(2),
    "incr_beyond_lua": lambda f: f.incr(2**60 + 1),
    "decr": lambda f: f.decr(),
    "decrby": lambda f: f.decrby(3),
    "incrbyfloat": lambda f: f.incrbyfloat(0.5),
    "increx": lambda f: f.increx(byint=3, ubound=10),
    "delete": lambda f: f.delete(),
    "unlink": lambda f: f.unlink(),
    "persist": lambda f: f.persist(),
    "touch": lambda f: f.touch(),
}
HASHABLE_WRITES: dict[str, Callable[[Any], Any]] = {
    "hset": lambda f: f.hset("B"),
    "hsetnx": lambda f: f.hsetnx("B"),
    "hincrby": lambda f: f.hincrby(2**60 + 1),
    "hincrbyfloat": lambda f: f.hincrbyfloat(0.5),
    "hdel": lambda f: f.hdel(),
    "delete": lambda f: f.delete(),
    "hgetdel": lambda f: f.hgetdel(),
    "hgetex": lambda f: f.hgetex(persist=True),
    "hsetex": lambda f: f.hsetex("B"),
    "hsetex_fnx": lambda f: f.hsetex("B", data_persist_option="FNX"),
    "hpersist": lambda f: f.hpersist(),
}
SET_WRITES: dict[str, Callable[[Any], Any]] = {
    "sadd": lambda f: f.sadd("b", "c", "d"),
    "srem": lambda f: f.srem("b", "z"),
    "srem_all": lambda f: f.srem("a", "b", "c"),
    "spop_all": in_order(lambda f: f.spop(10)),
    "spop_none": lambda f: f.spop(0),
    "delete": lambda f: f.delete(),
    "unlink": lambda f: f.unlink(),
}
LIST_WRITES: dict[str, Callable[[Any], Any]] = {
    "lpush": lambda f: f.lpush("c", "d", "d"),
    "rpush": lambda f: f.rpush("c", "a"),
    "lpushx": lambda f: f.lpushx("c"),
    "rpushx": lambda f: f.rpushx("c"),
    "linsert": lambda f: f.linsert("BEFORE", "b", "x"),
    "linsert_no_pivot": lambda f: f.linsert("AFTER", "z", "x"),
    "lset": lambda f: f.lset(-1, "x"),
    "lset_same": lambda f: f.lset(0, "a"),
    "lset_outside": lambda f: f.lset(100, "x"),
    "lpop": lambda f: f.lpop(),
    "lpop_some": lambda f: f.lpop(2),
    "lpop_more": lambda f: f.lpop(2**62),
    "lpop_negative": lambda f: f.lpop(-1),
    "rpop": lambda f: f.rpop(),
    "rpop_some": lambda f: f.rpop(2),
    "lmpop": lambda f: f.lmpop("RIGHT", 3),
    "lrem": lambda f: f.lrem(1, "a"),
    "lrem_from_end": lambda f: f.lrem(-1, "a"),
    "lrem_all": lambda f: f.lrem(0, "a"),
    "lrem_none": lambda f: f.lrem(0, "z"),
    "ltrim": lambda f: f.ltrim(1, 2),
    "ltrim_from_end": lambda f: f.ltrim(-2, -1),
    "ltrim_to_nothing": lambda f: f.ltrim(5, 2),
    "ltrim_far": lambda f: f.ltrim(-(2**62), 2**62),
    "delete": lambda f: f.delete(),
    "unlink": lambda f: f.unlink(),
}
ZSET_WRITES: dict[str, Callable[[Any], Any]] = {
    "zadd": lambda f: f.zadd({"a": 9, "d": 1.5}),
    "zadd_keywords": lambda f: f.zadd(a=9, d=1.5),
    "zadd_nx": lambda f: f.zadd({"a": 9, "d": 1}, nx=True),
    "zadd_xx_ch": lambda f: f.zadd({"a": 9, "d": 1}, xx=True, ch=True),
    "zadd_gt": lambda f: f.zadd({"a": -9, "d": 1}, gt=True),
    "zadd_lt": lambda f: f.zadd({"a": -9, "d": 1}, lt=True, ch=True),
    "zadd_incr": lambda f: f.zadd({"d": 1.5}, incr=True),
    "zadd_incr_refused": lambda f: f.zadd({"d": 1}, incr=True, xx=True),
    "zadd_no_number": lambda f: f.zadd({"a": 2, "d": "x"}),
    "zincrby": lambda f: f.zincrby(1.5, "a"),
    "zincrby_new": lambda f: f.zincrby(float("inf"), "d"),
    "zrem": lambda f: f.zrem("a", "z"),
    "zremrangebyrank": lambda f: f.zremrangebyrank(0, -2),
    "zremrangebyscore": lambda f: f.zremrangebyscore("(1", "+inf"),
    "zremrangebylex": lambda f: f.zremrangebylex("[a", "(c"),
    "zpopmin": lambda f: f.zpopmin(),
    "zpopmin_some": lambda f: f.zpopmin(2),
    "zpopmax": lambda f: f.zpopmax(),
    "zpopmax_all": lambda f: f.zpopmax(10),
    "zmpop": lambda f: f.zmpop(max=True),
    "zmpop_some": lambda f: f.zmpop(min=True, count=2),
    "delete": lambda f: f.delete(),
    "unlink": lambda f: f.unlink(),
}
HASH_WRITES: dict[str, Callable[[Any], Any]] = {
    "hset": lambda f: f.hset("a", "x"),
    "hset_mapping": lambda f: f.hset("a", "1", mapping={"b": "x", "d": "y"}, items=["e", "z"]),
    "hmset": lambda f: f.hmset({"a": "x", "d": "y"}),
    "hsetnx": lambda f: f.hsetnx("a", "x"),
    "hsetnx_new": lambda f: f.hsetnx("d", "x"),
    "hincrby": lambda f: f.hincrby("a", 2**60 + 1),
    "hincrby_new": lambda f: f.hincrby("d"),
    "hincrby_no_number": lambda f: f.hincrby("b"),
    "hincrbyfloat": lambda f: f.hincrbyfloat("a", 0.5),
    "hdel": lambda f: f.hdel("a", "z"),
    "hgetdel": lambda f: f.hgetdel("a", "z"),
    "hgetex": lambda f: f.hgetex("a", persist=True),
    "hsetex": lambda f: f.hsetex("a", "x", mapping={"d": "y"}),
    "hsetex_fxx": lambda f: f.hsetex("d", "y", data_persist_option="FXX"),
    "hpersist": lambda f: f.hpersist("a"),
    "delete": lambda f: f.delete(),
    "unlink": lambda f: f.unlink(),
}

CASES = [
    *cases("string", "A", **STRING_WRITES),
    *cases("string", "7", **STRING_WRITES),
    *cases("string", MISSING, **STRING_WRITES),
    *cases("hashable", "A", **HASHABLE_WRITES),
    *cases("hashable", "7", **HASHABLE_WRITES),
    *cases("hashable", MISSING, **HASHABLE_WRITES),
    *cases("set", ["a", "b", "c"], **SET_WRITES),
    *cases("set", ["a"], spop=lambda f: f.spop(), **SET_WRITES),
    *cases("set", MISSING, spop=lambda f: f.spop(), **SET_WRITES),
    *cases("list", ["a", "b", "a", "c"], **LIST_WRITES),
    *cases("list", ["a"], **LIST_WRITES),
    *cases("list", MISSING, **LIST_WRITES),
    *cases("zset", {"a": 1, "b": 2, "c": 3}, **ZSET_WRITES),
    *cases("zset", {"a": 0, "b": 0}, **ZSET_WRITES),
    *cases("zset", MISSING, **ZSET_WRITES),
    *cases("hash", {"a": "7", "b": "word"}, **HASH_WRITES),
    *cases("hash", MISSING, **HASH_WRITES),
]


def define(database: RedisDatabase, kind: str) -> Any:
    field = TYPES[kind]
    space = {
        "__module__": __name__,
        "database": database,
        "plain": field(),
        "indexed": field(indexable=True),
        "unique": field(unique=True),
        "mark": fields.StringField(),
    }
    return type("Example", (RedisModel,), space)


def read(field: Any) -> Any:
    if isinstance(field, fields.HashableField):
        return field.hget()
    values: dict[str, Callable[[Any], Any]] = {
        "string": fields.StringField.get,
        "set": fields.SetField.smembers,
        "list": lambda value: value.lrange(0, -1),
        "zset": lambda value: value.zrange(0, -1, withscores=True),
        "hash": fields.HashField.hgetall,
    }
    return values[field.kind](field)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("which", ["indexed", "unique"])
def test_the_index_follows_a_write_whose_reply_is_redis_own(
    database: RedisDatabase, case: Case, which: str
) -> None:
    model = define(database, case.kind)
    values = {} if case.start is MISSING else {"plain": case.start, which: case.start}
    example = model(mark="1", **values)
    if which == "indexed":
        model(mark="1", **values)
    expected = outcome(lambda: case.call(example.plain))
    assert outcome(lambda: case.call(getattr(example, which))) == expected
    assert read(getattr(example, which)) == read(example.plain)
    assert indexes_in_redis(model) == indexes_by_scan(model)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_write_is_one_request(database: RedisDatabase, case: Case) -> None:
    model = define(database, case.kind)
    values = {} if case.start is MISSING else {"indexed": case.start}
    first, second = model(mark="1", **values), model(mark="1", **values)
    outcome(lambda: case.call(first.indexed))
    with database.trace() as requests:
        outcome(lambda: case.call(second.indexed))
    assert len(requests) == 1


TAKEN: dict[str, Any] = {
    "string": "taken",
    "hashable": "taken",
    "set": ["taken", "t2"],
    "list": ["taken", "taken"],
    "zset": {"taken": 1},
    "hash": {"entry": "taken", "n": "5"},
}
CLASHES = [
    *cases("string", "7", set=lambda f: f.set("taken"), getset=lambda f: f.getset("taken")),
    *cases("string", "tak", append=lambda f: f.append("en"), setrange=lambda f: f.setrange(3, "en")),
    *cases("string", MISSING, setnx=lambda f: f.setnx("taken"), append=lambda f: f.append("taken")),
    *cases("string", "uaken", bitfield=lambda f: f.bitfield().set("u8", 0, ord("t")).execute()),
    *cases("string", "uaken", setbit=lambda f: f.setbit(7, 0)),
    *cases("hashable", "7", hset=lambda f: f.hset("taken")),
    *cases("hashable", MISSING, hsetnx=lambda f: f.hsetnx("taken")),
    *cases("set", ["a"], sadd=lambda f: f.sadd("b", "a", "taken", "c")),
    *cases("list", ["a"], rpush=lambda f: f.rpush("b", "taken"), lpush=lambda f: f.lpush("taken")),
    *cases(
        "list", ["a"], linsert=lambda f: f.linsert("AFTER", "a", "taken"), lset=lambda f: f.lset(0, "taken")
    ),
    *cases("list", ["a"], rpushx=lambda f: f.rpushx("taken"), lpushx=lambda f: f.lpushx("taken")),
    *cases("zset", {"a": 1}, zadd=lambda f: f.zadd({"a": 2, "b": 3, "taken": 4})),
    *cases("zset", {"a": 1}, zincrby=lambda f: f.zincrby(1, "taken")),
    *cases("hash", {"entry": "a", "n": "4"}, hset=lambda f: f.hset(mapping={"x": "y", "entry": "taken"})),
    *cases("hash", {"n": "4"}, hincrby=lambda f: f.hincrby("n"), hincrbyfloat=lambda f: f.hincrbyfloat("n")),
    *cases(
        "hash",
        {"n": "4"},
        hmset=lambda f: f.hmset({"entry": "taken"}),
        hsetnx=lambda f: f.hsetnx("entry", "taken"),
    ),
]


@pytest.mark.parametrize("case", CLASHES, ids=str)
def test_a_write_that_breaks_uniqueness_changes_nothing(database: RedisDatabase, case: Case) -> None:
    model = define(database, case.kind)
    model(unique=TAKEN[case.kind])
    example = model(mark="1", **({} if case.start is MISSING else {"unique": case.start}))
    before = snapshot(database)
    with pytest.raises(UniquenessError, match=r"already exists \(for instance 1\)"):
        case.call(example.unique)
    assert snapshot(database) == before


@pytest.mark.parametrize("kind", TYPES)
def test_a_creation_that_breaks_uniqueness_creates_nothing(database: RedisDatabase, kind: str) -> None:
    model = define(database, kind)
    model(unique=TAKEN[kind])
    before = snapshot(database)
    with pytest.raises(UniquenessError):
        model(indexed=TAKEN[kind], unique=TAKEN[kind])
    assert snapshot(database) == before


@pytest.mark.parametrize("kind", TYPES)
def test_an_object_may_write_its_own_unique_values_again(database: RedisDatabase, kind: str) -> None:
    model = define(database, kind)
    example = model(unique=TAKEN[kind])
    writes: dict[str, Callable[[Any], Any]] = {
        "string": lambda f: f.set("taken"),
        "hashable": lambda f: f.hset("taken"),
        "set": lambda f: f.sadd("taken"),
        "list": lambda f: f.rpush("taken"),
        "zset": lambda f: f.zadd(taken=7),
        "hash": lambda f: f.hset("entry", "taken"),
    }
    writes[kind](example.unique)
    assert indexes_in_redis(model) == indexes_by_scan(model)


def test_a_unique_hash_lets_two_objects_have_one_value_in_different_entries(database: RedisDatabase) -> None:
    model = define(database, "hash")
    model(unique={"a": "x"})
    model(unique={"b": "x"})
    assert list(model.collection(unique__a="x")) == ["1"]
    assert list(model.collection(unique__b="x")) == ["2"]


@pytest.mark.parametrize("kind", TYPES)
def test_deleting_an_object_takes_it_out_of_all_indexes(database: RedisDatabase, kind: str) -> None:
    model = define(database, kind)
    other = model(indexed=TAKEN[kind])
    model(indexed=TAKEN[kind], unique=TAKEN[kind]).delete()
    assert indexes_in_redis(model) == indexes_by_scan(model)
    assert list(model.collection()) == [other.get_pk()]
    keys = database.connection.keys("*:2:*")
    assert keys == []


@pytest.mark.parametrize("kind", ["string", "set", "list", "zset", "hash"])
def test_restore_replaces_a_value_and_its_index_entries(database: RedisDatabase, kind: str) -> None:
    model = define(database, kind)
    example, source = model(mark="1"), model(plain=TAKEN[kind])
    starts = {"string": "x", "set": ["x"], "list": ["x"], "zset": {"x": 1}, "hash": {"x": "1"}}
    target = model(unique=starts[kind], indexed=starts[kind])
    dump = source.plain.dump()
    assert target.indexed.restore(0, dump, replace=True) is True
    assert target.unique.restore(0, dump, replace=True) is True
    assert read(target.indexed) == read(source.plain)
    assert indexes_in_redis(model) == indexes_by_scan(model)
    before = snapshot(database)
    with pytest.raises(UniquenessError):
        example.unique.restore(0, dump)
    assert outcome(lambda: target.indexed.restore(0, dump))[0] == "ResponseError"
    assert snapshot(database) == before
