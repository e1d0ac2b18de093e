"""SetField: its replies, what it refuses, and its filters."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis
from redis.exceptions import DataError


@pytest.fixture
def model(database: RedisDatabase) -> Any:
    space = {
        "database": database,
        "tags": fields.SetField(indexable=True),
        "plain": fields.SetField(default={"d"}),
    }
    return type("Example", (RedisModel,), space)


@pytest.fixture
def tags(model: Any) -> fields.SetField:
    field: fields.SetField = model(tags={"a", "b", "3"}).tags
    return field


def test_reading_a_set(tags: fields.SetField) -> None:
    assert tags.smembers() == {"a", "b", "3"}
    assert tags.scard() == 3
    assert tags.sismember("a") is True
    assert tags.sismember(3) is True
    assert tags.smismember(["a", "x"]) == [True, False]
    assert tags.smismember("a", "x", 3) == [True, False, True]
    assert tags.srandmember() in {"a", "b", "3"}
    assert sorted(tags.srandmember(10)) == ["3", "a", "b"]
    assert len(tags.srandmember(-10)) == 10
    assert tags.sort(alpha=True, desc=True) == ["b", "a", "3"]
    assert tags.type() == "set"


def test_reading_an_empty_set(model: Any) -> None:
    tags = model(plain={"x"}).tags
    assert tags.smembers() == set()
    assert tags.srandmember() is None
    assert tags.srandmember(2) == []
    assert tags.spop() is None
    assert tags.spop(2) == []
    assert list(tags.sscan()) == []
    assert tags.exists() is False


def test_writing_a_set_replies_as_redis_does(tags: fields.SetField) -> None:
    assert tags.sadd("a", "new", b"\xff") == 2
    assert tags.srem("new", "none") == 1
    assert tags.spop() in {"a", "b", "3", "\udcff"}
    assert len(tags.spop(2)) == 2
    assert tags.delete() == 1
    assert tags.delete() == 0


def test_a_scan_sends_a_request_a_batch(database: RedisDatabase, model: Any) -> None:
    tags = model(tags=range(3000)).tags
    with database.trace() as requests:
        members = list(tags.sscan(count=1000))
    assert {int(member) for member in members} == set(range(3000))
    assert 2 < len(requests) < 10
    assert {request.name for request in requests} == {"SSCAN"}
    assert set(tags.sscan_iter(match="299?")) == {str(number) for number in range(2990, 3000)}


def test_a_scan_checks_its_arguments_before_it_starts(database: RedisDatabase, tags: fields.SetField) -> None:
    with database.trace() as requests:
        with pytest.raises(TypeError, match="count must be an int"):
            tags.sscan(count="1")  # type: ignore[arg-type]  # the point of it
        with pytest.raises(TypeError, match="match must be"):
            tags.sscan(match=1)  # type: ignore[arg-type]  # the point of it
        tags.sscan()
    assert requests == []


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f.sadd(), TypeError, "sadd: a value is missing"),
        (lambda f: f.srem(), TypeError, "srem: a value is missing"),
        (lambda f: f.smismember([]), TypeError, "smismember: a value is missing"),
        (lambda f: f.sadd("a", None), DataError, "NoneType"),
        (lambda f: f.sadd(["a"]), DataError, "list"),
        (lambda f: f.sadd(True), DataError, "bool"),
        (lambda f: f.spop("2"), TypeError, "count must be an int"),
        (lambda f: f.srandmember(1.5), TypeError, "number must be an int"),
        (lambda f: f.sort(start=1), TypeError, "both start and num"),
        (lambda f: f.sort(get="#", groups=True), TypeError, "groups needs two patterns"),
        (lambda f: f.expire(1), ImplementationError, "expire would let an indexed value expire"),
        (lambda f: f.pexpireat(10**15), ImplementationError, "pexpireat would let"),
        (lambda f: f.restore(5, b""), ImplementationError, "restore with a ttl would let"),
        (lambda f: f.restore(0, "text"), TypeError, "value must be the bytes"),
        (lambda f: f.object("size"), TypeError, "infotype must be one of"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    database: RedisDatabase, tags: fields.SetField, call: Any, error: type[Exception], text: str
) -> None:
    with database.trace() as requests, pytest.raises(error, match=text):
        call(tags)
    assert requests == []


@pytest.mark.parametrize(
    ("value", "error"),
    [("text", TypeError), (b"bytes", TypeError), ({"a": 1}, TypeError), (7, TypeError), (None, DataError)],
)
def test_a_new_object_takes_an_iterable_of_members(model: Any, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        model(tags=value)


def test_a_default_fills_a_new_set(model: Any) -> None:
    assert model(tags=["a"]).plain.smembers() == {"d"}


def test_an_empty_value_stores_nothing(database: RedisDatabase, model: Any) -> None:
    model(tags=(), plain=[])
    assert set(database.connection.keys()) == {":example:collection", ":example:max_pk"}


def test_more_members_than_lua_can_pass(model: Any) -> None:
    example = model(tags=range(20_000))
    assert example.tags.sadd(*range(10_000, 40_000)) == 20_000
    assert example.tags.scard() == 40_000
    assert list(model.collection(tags=39_999)) == ["1"]
    assert example.tags.srem(*range(30_000)) == 30_000
    assert indexes_in_redis(model) == indexes_by_scan(model)


def test_a_first_command_with_more_members_than_lua_can_pass(model: Any) -> None:
    assert model().tags.sadd(*range(9000)) == 9000
    assert model().plain.sadd(*range(9000)) == 9000


ODD_VALUES = [
    "a:b",
    "*",
    "?[x]",
    "line\nline",
    "nul\0nul",
    "🚲",
    " ",
    "",
    "%s",
    b"\xff\xfe",
    7,
    2.5,
    "x" * 10_000_000,
]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
def test_odd_values_work_in_data_index_and_filters(model: Any, value: Any) -> None:
    example = model(tags=[value])
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    assert example.tags.smembers() == {text}
    assert list(model.collection(tags=value)) == ["1"]
    assert example.tags.srem(value) == 1
    assert list(model.collection(tags=value)) == []
