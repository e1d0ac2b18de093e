"""SortedSetField: its replies, its two forms of zadd, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd_testing.consistency import outcome
from redis.exceptions import DataError, ResponseError


@pytest.fixture(params=[False, True], ids=["plain", "indexed"])
def model(request: pytest.FixtureRequest, database: RedisDatabase) -> Any:
    space = {
        "database": database,
        "scores": fields.SortedSetField(indexable=request.param),
        "other": fields.StringField(),
    }
    return type("Example", (RedisModel,), space)


@pytest.fixture
def scores(model: Any) -> fields.SortedSetField:
    field: fields.SortedSetField = model(scores={"foo": 2.5, "bar": 1.1, "far": 1e16}).scores
    return field


def test_members_and_scores(scores: fields.SortedSetField) -> None:
    assert scores.zcard() == 3
    assert scores.zscore("foo") == 2.5
    assert scores.zscore("none") is None
    assert scores.zmscore(["foo", "none", "far"]) == [2.5, None, 1e16]
    assert scores.zrank("foo") == 1
    assert scores.zrevrank("bar") == 2
    assert scores.zrank("none") is None
    assert scores.zrandmember() in {"foo", "bar", "far"}
    assert sorted(scores.zrandmember(5, withscores=True)) == [("bar", 1.1), ("far", 1e16), ("foo", 2.5)]
    assert len(scores.zrandmember(-7)) == 7
    assert dict(scores.zscan()) == {"foo": 2.5, "bar": 1.1, "far": 1e16}
    assert dict(scores.zscan_iter(match="f*", score_cast_func=int)) == {"foo": 2, "far": 10**16}
    assert scores.sort(alpha=True) == ["bar", "far", "foo"]


def test_a_rank_with_its_score(scores: fields.SortedSetField) -> None:
    too_old = ("ResponseError", "syntax error")
    arity = ("ResponseError", "wrong number of arguments for 'zrank' command")
    assert outcome(lambda: scores.zrank("foo", withscore=True)) in ((1, 2.5), too_old, arity)
    assert outcome(lambda: scores.zrank("none", withscore=True)) in (None, too_old, arity)


def test_ranges(scores: fields.SortedSetField) -> None:
    assert scores.zrange(0, -1) == ["bar", "foo", "far"]
    assert scores.zrange(0, 0, desc=True, withscores=True) == [("far", 1e16)]
    assert scores.zrange(1, 3, byscore=True, withscores=True, score_cast_func=round) == [
        ("bar", 1),
        ("foo", 2),
    ]
    assert scores.zrange("(2.5", "+inf", byscore=True, offset=0, num=5) == ["far"]
    assert scores.zrevrange(0, 1) == ["far", "foo"]
    assert scores.zrevrange(0, 0, withscores=True) == [("far", 1e16)]
    assert scores.zrangebyscore(1, 2, withscores=True) == [("bar", 1.1)]
    assert scores.zrangebyscore("-inf", math.inf, 1, 1) == ["foo"]
    assert scores.zrevrangebyscore(math.inf, "(1.1") == ["far", "foo"]
    assert scores.zcount(-math.inf, "(2.5") == 1


def test_ranges_of_texts(model: Any) -> None:
    scores = model(scores=dict.fromkeys("abcd", 0)).scores
    assert scores.zrangebylex("[b", "(d") == ["b", "c"]
    assert scores.zrevrangebylex("+", "-", start=1, num=2) == ["c", "b"]
    assert scores.zrange("[b", "+", bylex=True) == ["b", "c", "d"]
    assert scores.zlexcount("-", "(c") == 2
    assert scores.zremrangebylex("[b", b"[c") == 2
    assert scores.zrange(0, -1) == ["a", "d"]


def test_zadd_by_mapping_and_by_keywords(scores: fields.SortedSetField) -> None:
    assert scores.zadd({"new": 3}) == 1
    assert scores.zadd(a=1.5, b=2, foo=7) == 2
    assert scores.zadd({"c": 1}, d=2) == 2
    assert scores.zadd(mapping={"mapping": 1, "nx": 2}) == 2
    assert scores.zadd({"foo": 8}, xx=True, ch=True) == 1
    assert scores.zadd({"foo": 1}, incr=True) == 9.0
    assert scores.zadd({"foo": 1}, incr=True, nx=True) is None
    assert scores.zadd({"up": math.inf, "down": "-inf", b"text": "1e3"}) == 3
    assert scores.zmscore(["up", "down", "text"]) == [math.inf, -math.inf, 1000.0]


def test_other_writes_reply_as_redis_does(scores: fields.SortedSetField) -> None:
    assert scores.zincrby(0.5, "foo") == 3.0
    assert scores.zrem("foo", "none") == 1
    assert scores.zpopmin() == [("bar", 1.1)]
    assert scores.zpopmax(2) == [("far", 1e16)]
    assert scores.zpopmin() == []
    assert scores.zremrangebyrank(0, -1) == 0
    assert scores.zremrangebyscore(0, 1) == 0
    assert scores.zrandmember(2, withscores=True) == []


def test_zmpop_replies_with_members_or_none(scores: fields.SortedSetField) -> None:
    unknown = ("ResponseError", "unknown command 'ZMPOP'")
    assert outcome(lambda: scores.zmpop(min=True, count=2)) in ([("bar", 1.1), ("foo", 2.5)], unknown)
    scores.delete()
    assert outcome(lambda: scores.zmpop(max=True)) in (None, unknown)


def test_a_score_is_the_float_that_was_given(scores: fields.SortedSetField) -> None:
    values = [0.1, 1 / 3, 1e-300, 1.7976931348623157e308, 2**53 + 1.0, -0.0]
    for value in values:
        scores.zadd({"x": value})
        assert scores.zscore("x") == value


def test_more_members_than_lua_can_pass(model: Any) -> None:
    scores = model(scores={number: number for number in range(10_000)}).scores
    assert scores.zadd(dict.fromkeys(range(5000, 15000), 1), nx=True, ch=True) == 5000
    assert scores.zcard() == 15_000
    assert scores.zrem(*range(9_000)) == 9_000
    if scores.indexes:
        assert list(model.collection(scores=14_999)) == ["1"]
        assert list(model.collection(scores=8_999)) == []


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f.zadd(), TypeError, "zadd: a member is missing"),
        (lambda f: f.zadd({}), TypeError, "zadd: a member is missing"),
        (lambda f: f.zadd({"a": None}), DataError, "NoneType"),
        (lambda f: f.zadd({None: 1}), DataError, "NoneType"),
        (lambda f: f.zadd({"a": [1]}), TypeError, "the score of 'a' must be an int or a float"),
        (lambda f: f.zadd([("a", 1)]), TypeError, "zadd takes a mapping, not list"),
        (lambda f: f.zadd(a=1, nx=2.5), TypeError, "nx is an option"),
        (lambda f: f.zadd({"a": 1}, nx=True, gt=True), TypeError, "nx can't go with"),
        (lambda f: f.zadd({"a": 1}, lt=True, gt=True), TypeError, "gt or lt"),
        (lambda f: f.zadd({"a": 1, "b": 2}, incr=True), TypeError, "incr takes one member"),
        (lambda f: f.zincrby("1", "a"), TypeError, "amount must be an int or a float"),
        (lambda f: f.zrem(), TypeError, "zrem: a value is missing"),
        (lambda f: f.zmscore([]), TypeError, "zmscore: a member is missing"),
        (lambda f: f.zrange("a", 1), TypeError, "start must be an int"),
        (lambda f: f.zrange(0, 1, offset=1, num=1), TypeError, "need byscore or bylex"),
        (lambda f: f.zrange(0, 1, byscore=True, bylex=True), TypeError, "byscore or bylex"),
        (lambda f: f.zrangebyscore(0, 1, start=1), TypeError, "start and num go together"),
        (lambda f: f.zrangebyscore(None, 1), TypeError, "min must be an int or a float"),
        (lambda f: f.zrangebylex(0, 1), TypeError, "min must be a str or bytes"),
        (lambda f: f.zrandmember(withscores=True), TypeError, "needs a count"),
        (lambda f: f.zmpop(), TypeError, "give min or max"),
        (lambda f: f.zmpop(min=True, max=True), TypeError, "give min or max"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    database: RedisDatabase, scores: fields.SortedSetField, call: Any, error: type[Exception], text: str
) -> None:
    with database.trace() as requests, pytest.raises(error, match=text):
        call(scores)
    assert requests == []


def test_a_score_that_is_no_number_is_redis_own_error(scores: fields.SortedSetField) -> None:
    with pytest.raises(ResponseError, match="not a valid float"):
        scores.zadd({"a": math.nan})


@pytest.mark.parametrize("value", [["a"], "a", 3])
def test_a_new_object_takes_a_mapping(model: Any, value: Any) -> None:
    with pytest.raises(TypeError, match=r"Example.scores takes a mapping"):
        model(scores=value)
