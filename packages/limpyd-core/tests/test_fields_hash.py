"""HashField: its replies, its filters by entry, entries that expire, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, outcome
from redis.exceptions import DataError


@pytest.fixture(params=[False, True], ids=["plain", "indexed"])
def model(request: pytest.FixtureRequest, database: RedisDatabase) -> Any:
    space = {"database": database, "data": fields.HashField(indexable=request.param)}
    return type("Example", (RedisModel,), space)


@pytest.fixture
def indexed(database: RedisDatabase) -> Any:
    space = {"database": database, "data": fields.HashField(indexable=True)}
    return type("Indexed", (RedisModel,), space)


@pytest.fixture
def data(model: Any) -> fields.HashField:
    field: fields.HashField = model(data={"size": 3, "name": "x"}).data
    return field


def test_reading_a_hash(data: fields.HashField) -> None:
    assert data.hget("size") == "3"
    assert data.hget("none") is None
    assert data.hmget(["size", "none"]) == ["3", None]
    assert data.hmget("name", "size") == ["x", "3"]
    assert data.hgetall() == {"size": "3", "name": "x"}
    assert sorted(data.hkeys()) == ["name", "size"]
    assert sorted(data.hvals()) == ["3", "x"]
    assert data.hlen() == 2
    assert data.hexists("size") is True
    assert data.hstrlen("none") == 0
    assert data.hrandfield() in {"size", "name"}
    assert sorted(data.hrandfield(5)) == ["name", "size"]
    assert sorted(data.hrandfield(5, withvalues=True)) == [("name", "x"), ("size", "3")]
    assert dict(data.hscan(match="s*")) == {"size": "3"}
    assert dict(data.hscan_iter()) == {"size": "3", "name": "x"}


def test_reading_an_empty_hash(data: fields.HashField) -> None:
    data.delete()
    assert data.hgetall() == {}
    assert data.hmget("a") == [None]
    assert data.hrandfield() is None
    assert data.hrandfield(2, withvalues=True) == []
    assert list(data.hscan()) == []


def test_writing_a_hash_replies_as_redis_does(data: fields.HashField) -> None:
    assert data.hset("size", 4) == 0
    assert data.hset("a", "1", mapping={"b": 2}, items=["c", 3]) == 3
    assert data.hmset({"a": "x"}) is True
    assert data.hsetnx("a", "y") is False
    assert data.hsetnx("new", "y") is True
    assert data.hincrby("size", 2) == 6
    assert data.hincrbyfloat("size", 0.5) == 6.5
    assert data.hdel("a", "b", "none") == 2


def test_more_entries_than_lua_can_pass(model: Any) -> None:
    data = model(data={number: number for number in range(10_000)}).data
    assert data.hset(mapping=dict.fromkeys(range(5000, 15000), "x")) == 5000
    assert data.hmset(dict.fromkeys(range(10000), "y")) is True
    removed = outcome(lambda: data.hgetdel(*range(9_000)))
    assert removed in (["y"] * 9_000, ("ResponseError", "unknown command 'HGETDEL'"))
    data.hdel(*range(9_000))
    assert data.hlen() == 6_000
    assert indexes_in_redis(model) == indexes_by_scan(model)


def test_a_filter_names_an_entry(indexed: Any) -> None:
    indexed(data={"size": 3, "long__name": "x", "": "empty"})
    assert list(indexed.collection(data__size=3)) == ["1"]
    assert list(indexed.collection(data__long__name="x")) == ["1"]
    assert list(indexed.collection(data__="empty")) == ["1"]
    assert list(indexed.collection(data__size=4)) == []
    with pytest.raises(
        ImplementationError, match="a filter on a HashField names an entry: data__entry=value"
    ):
        indexed.collection(data="3")


def test_a_filter_on_an_unindexed_hash_says_so(database: RedisDatabase) -> None:
    space = {"database": database, "data": fields.HashField()}
    model: Any = type("Example", (RedisModel,), space)
    with pytest.raises(ImplementationError, match="has no index"):
        model.collection(data__size=1)


@pytest.mark.parametrize("value", ["a:b", "*", "line\nline", "nul\0", "🚲", "", b"\xff", "x:" * 1_000_000])
def test_odd_values_work_in_data_index_and_filters(indexed: Any, value: Any) -> None:
    example = indexed(data={"e": value})
    assert list(indexed.collection(data__e=value)) == ["1"]
    assert example.data.hset("e", "other") == 0
    assert list(indexed.collection(data__e=value)) == []
    assert indexes_in_redis(indexed) == indexes_by_scan(indexed)


def test_entries_that_share_an_index_key_leave_it_with_the_last_one(indexed: Any) -> None:
    example = indexed(data={"a": "b:c", "a:b": "c", "x": "y:z"})
    example.data.hdel("a")
    assert indexes_in_redis(indexed) == indexes_by_scan(indexed)
    example.data.hset(mapping={"a": "b:c", "a:b": "other"})
    assert indexes_in_redis(indexed) == indexes_by_scan(indexed)
    example.data.hdel("a", "a:b", "x")
    assert indexes_in_redis(indexed) == {}


UNKNOWN = "ResponseError"


def known(reply: Any) -> bool:
    """Whether the server is new enough for a command; if not the error is Redis's own."""
    if isinstance(reply, tuple):
        assert reply[0] == UNKNOWN
        assert str(reply[1]).startswith("unknown command")
    return not isinstance(reply, tuple)


def test_entries_can_expire(database: RedisDatabase) -> None:
    space = {"database": database, "data": fields.HashField(), "one": fields.HashableField()}
    model: Any = type("Example", (RedisModel,), space)
    example = model(data={"a": 1, "b": 2}, one="1")
    data, one = example.data, example.one
    if known(outcome(lambda: data.hexpire(100, "a", "none"))):
        assert data.hexpire(100, "a", "none") == [1, -2]
        assert data.hpexpire(100_000, "a", gt=True) in ([0], [1])
        assert data.hexpireat(4_000_000_000, "a") == [1]
        assert data.hpexpireat(4_000_000_000_000, "a") == [1]
        assert data.hexpiretime("a", "b") == [4_000_000_000, -1]
        assert data.hpexpiretime("a") == [4_000_000_000_000]
        assert data.httl("a", "b", "none")[1:] == [-1, -2]
        assert data.hpttl("b") == [-1]
        assert data.hpersist("a", "b") == [1, -1]
        assert one.hexpire(100) == 1
        assert 0 < one.httl() <= 100
        assert one.hpersist() == 1
        assert one.hpttl() == -1
        assert one.hexpireat(4_000_000_000) == 1
        assert one.hexpiretime() == 4_000_000_000
        assert one.hpexpireat(4_000_000_000_000) == 1
        assert one.hpexpiretime() == 4_000_000_000_000
        assert one.hpexpire(10**6) == 1


def test_entries_can_be_read_and_set_with_their_time(database: RedisDatabase) -> None:
    space = {"database": database, "data": fields.HashField(), "one": fields.HashableField()}
    model: Any = type("Example", (RedisModel,), space)
    example = model(data={"a": 1, "b": 2}, one="1")
    data, one = example.data, example.one
    if known(outcome(lambda: data.hgetex("a"))):
        assert data.hgetex("a", "none", ex=100) == ["1", None]
        assert data.hsetex("a", 5, mapping={"c": 6}, ex=100) == 1
        assert data.hsetex("new", 1, data_persist_option="FXX") == 0
        assert data.hgetall() == {"a": "5", "b": "2", "c": "6"}
        assert one.hgetex(ex=100) == "1"
        assert one.hsetex(7, px=100_000) == 1
        assert one.hget() == "7"
    if known(outcome(lambda: data.hgetdel("none"))):
        assert data.hgetdel("a", "none") == ["5", None]
        assert one.hgetdel() == "7"
        assert one.hgetdel() is None


EXPIRIES: list[Any] = [
    lambda f, *entry: f.hexpire(1, *entry),
    lambda f, *entry: f.hpexpire(1, *entry),
    lambda f, *entry: f.hexpireat(4 * 10**9, *entry),
    lambda f, *entry: f.hpexpireat(4 * 10**12, *entry),
    lambda f, *entry: f.hgetex(*entry, ex=1),
    lambda f, *entry: f.hsetex(*entry, "v", px=1),
]


@pytest.mark.parametrize("call", EXPIRIES)
def test_indexed_entries_can_not_expire(database: RedisDatabase, call: Any) -> None:
    space = {
        "database": database,
        "data": fields.HashField(indexable=True),
        "one": fields.HashableField(unique=True),
    }
    model: Any = type("Example", (RedisModel,), space)
    example = model(data={"a": 1}, one="1")
    with database.trace() as requests:
        with pytest.raises(ImplementationError, match="would let an indexed value expire"):
            call(example.data, "a")
        with pytest.raises(ImplementationError, match="would let an indexed value expire"):
            call(example.one)
    assert requests == []


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f.hset(), TypeError, "hset: an entry is missing"),
        (lambda f: f.hset("a"), DataError, "NoneType"),
        (lambda f: f.hset(value="a"), TypeError, "without the name of its entry"),
        (lambda f: f.hset(items=["a"]), TypeError, "a value for each entry"),
        (lambda f: f.hset(mapping={"a": None}), DataError, "NoneType"),
        (lambda f: f.hset(mapping=["a"]), TypeError, "hset takes a mapping, not list"),
        (lambda f: f.hmset({}), TypeError, "hmset: an entry is missing"),
        (lambda f: f.hdel(), TypeError, "hdel: an entry is missing"),
        (lambda f: f.hgetdel(), TypeError, "hgetdel: an entry is missing"),
        (lambda f: f.hmget([]), TypeError, "hmget: an entry is missing"),
        (lambda f: f.httl(), TypeError, "httl: an entry is missing"),
        (lambda f: f.hincrby("a", 1.5), TypeError, "amount must be an int"),
        (lambda f: f.hincrbyfloat("a", "1"), TypeError, "amount must be an int or a float"),
        (lambda f: f.hrandfield(withvalues=True), TypeError, "withvalues needs a count"),
        (lambda f: f.hsetex("a", 1, ex=1, keepttl=True), TypeError, "a time or keepttl"),
        (lambda f: f.hsetex("a", 1, data_persist_option="NX"), TypeError, "one of FNX, FXX"),
        (lambda f: f.hgetex("a", ex=1, px=1), TypeError, "only one of ex"),
        (lambda f: f.hexpire(1, "a", nx=True, xx=True), TypeError, "only one of nx"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    database: RedisDatabase, data: fields.HashField, call: Any, error: type[Exception], text: str
) -> None:
    with database.trace() as requests, pytest.raises(error, match=text):
        call(data)
    assert requests == []


def test_of_two_ways_to_write_one_entry_of_a_new_object_the_last_one_counts(indexed: Any) -> None:
    one = indexed(data={1: "a", "1": "b", b"1": "c", b"\xff": "d", "\udcff": "e"})
    assert one.data.hgetall() == {"1": "c", "\udcff": "e"}
    assert indexes_in_redis(indexed) == indexes_by_scan(indexed)
    assert indexed.check().is_clean
