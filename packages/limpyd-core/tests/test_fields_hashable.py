"""HashableField: its replies, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from redis.exceptions import DataError


@pytest.fixture(params=[False, True], ids=["plain", "indexed"])
def name(request: pytest.FixtureRequest, database: RedisDatabase) -> fields.HashableField:
    space = {
        "database": database,
        "name": fields.HashableField(indexable=request.param),
        "other": fields.HashableField(),
    }
    model: Any = type("Example", (RedisModel,), space)
    field: fields.HashableField = model(name="value", other="x").name
    return field


def test_a_hashable_field_replies_as_redis_does(name: fields.HashableField) -> None:
    assert name.hget() == "value"
    assert name.hexists() is True
    assert name.hstrlen() == 5
    assert name.hset("7") == 0
    assert name.hsetnx("8") is False
    assert name.hincrby() == 8
    assert name.hincrby(2**62) == 2**62 + 8
    assert name.hset(1) == 0
    assert name.hincrbyfloat(0.5) == 1.5
    assert name.hdel() == 1
    assert name.delete() == 0
    assert name.hget() is None
    assert name.exists() is False
    assert name.hsetnx("new") is True


def test_the_name_of_redis_limpyd_2_works() -> None:
    assert fields.InstanceHashField is fields.HashableField


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f.hset(None), DataError, "NoneType"),
        (lambda f: f.hsetnx({}), DataError, "dict"),
        (lambda f: f.hset(), TypeError, "value"),
        (lambda f: f.hincrby(1.5), TypeError, "amount must be an int"),
        (lambda f: f.hincrbyfloat("1"), TypeError, "amount must be an int or a float"),
        (lambda f: f.hexpire("1"), TypeError, "seconds must be an int"),
        (lambda f: f.hexpire(1, nx=True, gt=True), TypeError, "only one of nx"),
        (lambda f: f.hgetex(ex=1, persist=True), TypeError, "a time or persist"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    database: RedisDatabase, name: fields.HashableField, call: Any, error: type[Exception], text: str
) -> None:
    with database.trace() as requests, pytest.raises(error, match=text):
        call(name)
    assert requests == []
