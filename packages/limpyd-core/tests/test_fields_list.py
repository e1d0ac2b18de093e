"""ListField: its replies, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.consistency import outcome
from redis.exceptions import DataError, ResponseError


@pytest.fixture(params=[False, True], ids=["plain", "indexed"])
def log(request: pytest.FixtureRequest, database: RedisDatabase) -> fields.ListField:
    space = {"database": database, "log": fields.ListField(indexable=request.param)}
    model: Any = type("Example", (RedisModel,), space)
    field: fields.ListField = model(log=["a", "b", "a", "c"]).log
    return field


def test_reading_a_list(log: fields.ListField) -> None:
    assert log.lrange(0, -1) == ["a", "b", "a", "c"]
    assert log.lrange(5, 9) == []
    assert log.lindex(-1) == "c"
    assert log.lindex(9) is None
    assert log.llen() == 4
    assert log.lpos("a") == 0
    assert log.lpos("a", rank=2) == 2
    assert log.lpos("z") is None
    assert log.lpos("a", count=0) == [0, 2]
    assert log.lpos("a", rank=-1, count=1, maxlen=2) == [2]
    assert log.sort(alpha=True) == ["a", "a", "b", "c"]
    assert log.sort(0, 2, alpha=True, desc=True) == ["c", "b"]


def test_writing_a_list_replies_as_redis_does(log: fields.ListField) -> None:
    assert log.rpush("d", 5) == 6
    assert log.lpush("x", "y") == 8
    assert log.rpushx("z") == 9
    assert log.lpushx("z") == 10
    assert log.linsert("BEFORE", "b", "q") == 11
    assert log.linsert("AFTER", "none", "q") == -1
    assert log.lset(0, "first") is True
    assert log.lrem(0, "a") == 2
    assert log.lpop() == "first"
    assert log.rpop() == "z"
    assert log.lpop(2) == ["y", "x"]
    assert log.rpop(2) == ["5", "d"]
    assert log.ltrim(0, 0) is True
    assert log.lrange(0, -1) == ["q"]


def test_an_empty_list_replies_as_redis_does(log: fields.ListField) -> None:
    assert log.delete() == 1
    assert log.lpop() is None
    assert log.lpop(2) is None
    assert log.rpop(2) is None
    assert log.rpushx("x") == 0
    assert log.linsert("BEFORE", "a", "x") == 0
    with pytest.raises(ResponseError, match="no such key"):
        log.lset(0, "x")


def test_lmpop_replies_with_values_or_none(log: fields.ListField) -> None:
    unknown = ("ResponseError", "unknown command 'LMPOP'")
    assert outcome(lambda: log.lmpop("RIGHT", 2)) in (["c", "a"], unknown)
    log.delete()
    assert outcome(lambda: log.lmpop("LEFT")) in (None, unknown)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f.rpush(), TypeError, "rpush: a value is missing"),
        (lambda f: f.lpushx(), TypeError, "lpushx: a value is missing"),
        (lambda f: f.rpush("a", None), DataError, "NoneType"),
        (lambda f: f.lset("0", "a"), TypeError, "index must be an int"),
        (lambda f: f.lset(0, None), DataError, "NoneType"),
        (lambda f: f.lindex(1.0), TypeError, "index must be an int"),
        (lambda f: f.lrange(0, "a"), TypeError, "end must be an int"),
        (lambda f: f.ltrim(None, 1), TypeError, "start must be an int"),
        (lambda f: f.lrem("a", 1.5), TypeError, "count must be an int"),
        (lambda f: f.linsert("NEAR", "a", "b"), TypeError, "where must be one of BEFORE, AFTER"),
        (lambda f: f.lmpop("UP"), TypeError, "direction must be one of LEFT, RIGHT"),
        (lambda f: f.lpop(True), TypeError, "count must be an int"),
        (lambda f: f.lpos("a", count="1"), TypeError, "count must be an int"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    database: RedisDatabase, log: fields.ListField, call: Any, error: type[Exception], text: str
) -> None:
    with database.trace() as requests, pytest.raises(error, match=text):
        call(log)
    assert requests == []


def test_an_unindexed_list_may_expire_and_an_indexed_one_may_not(log: fields.ListField) -> None:
    if log.indexes:
        with pytest.raises(ImplementationError, match="make the field not indexable"):
            log.expire(100)
        assert log.ttl() == -1
    else:
        assert log.expire(100) is True
        assert 0 < log.ttl() <= 100
        assert log.persist() is True
    assert log.llen() == 4
