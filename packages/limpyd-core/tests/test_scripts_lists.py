"""Long lists under an index: beyond 1,000 values the ones that repeat are counted beside the list."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, snapshot
from redis.exceptions import ResponseError

REPEATS = ":example:1:log:__repeats"


@pytest.fixture
def model(database: RedisDatabase) -> Any:
    space = {
        "database": database,
        "log": fields.ListField(indexable=True),
        "once": fields.ListField(unique=True),
        "plain": fields.ListField(),
    }
    return type("Example", (RedisModel,), space)


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def expected_repeats(values: list[str]) -> dict[str, str]:
    counts = Counter(values)
    return {"#": "1"} | {f"={value}": str(count - 1) for value, count in counts.items() if count > 1}


def test_a_short_list_has_no_counter(database: RedisDatabase, model: Any) -> None:
    example = model(log=numbers(999))
    example.log.rpush("5")
    assert database.connection.exists(REPEATS) == 0


def test_the_push_that_makes_a_list_long_counts_its_repeats(database: RedisDatabase, model: Any) -> None:
    example = model(log=[*numbers(500), *numbers(500)])
    example.log.rpush("7", "new")
    assert database.connection.hgetall(REPEATS) == expected_repeats([*numbers(500) * 2, "7", "new"])


def test_a_long_list_that_was_never_counted_is_counted_by_its_next_write(
    database: RedisDatabase, model: Any
) -> None:
    example = model(log=numbers(1500) + numbers(3))
    assert database.connection.exists(REPEATS) == 0
    assert example.log.lpop() == "0"
    assert database.connection.hgetall(REPEATS) == {"#": "1", "=1": "1", "=2": "1"}
    assert indexes_in_redis(model) == indexes_by_scan(model)


def test_a_value_leaves_the_index_with_its_last_occurrence(model: Any) -> None:
    example = model(log=["twice", *numbers(1200), "twice"])
    example.log.lpop()
    assert list(model.collection(log="twice")) == ["1"]
    example.log.rpop()
    assert list(model.collection(log="twice")) == []


def test_a_counted_list_stays_right_when_it_shrinks_to_nothing(database: RedisDatabase, model: Any) -> None:
    example = model(log=numbers(1100) * 2)
    while example.log.lpop(300):
        assert indexes_in_redis(model) == indexes_by_scan(model)
    assert set(snapshot(database)) == {":example:collection", ":example:max_pk"}


def test_deleting_the_value_of_a_counted_list_deletes_the_counter(
    database: RedisDatabase, model: Any
) -> None:
    example = model(log=numbers(1100))
    example.log.rpush("1")
    assert example.log.delete() == 1
    assert set(snapshot(database)) == {":example:collection", ":example:max_pk"}


def test_deleting_the_object_of_a_counted_list_deletes_the_counter(
    database: RedisDatabase, model: Any
) -> None:
    example = model(log=numbers(1100))
    example.log.rpush("1")
    example.delete()
    assert set(snapshot(database)) == {":example:max_pk"}


def test_restore_forgets_the_counter_which_the_next_write_makes_again(
    database: RedisDatabase, model: Any
) -> None:
    example = model(log=numbers(1100), plain=numbers(1200) * 2)
    example.log.rpush("1")
    example.log.restore(0, example.plain.dump(), replace=True)
    assert database.connection.exists(REPEATS) == 0
    assert indexes_in_redis(model) == indexes_by_scan(model)
    example.log.lpop()
    assert database.connection.hgetall(REPEATS) == expected_repeats((numbers(1200) * 2)[1:])


def test_a_write_that_fails_on_a_long_list_leaves_no_counter(database: RedisDatabase, model: Any) -> None:
    example = model(log=numbers(1100))
    before = snapshot(database)
    with pytest.raises(ResponseError, match="index out of range"):
        example.log.lset(5000, "x")
    assert snapshot(database) == before


@pytest.mark.parametrize("index", [2**31, 2**32, -(2**32), 2**62, 3, -4])
def test_an_index_that_a_server_takes_for_another_is_out_of_range(
    database: RedisDatabase, model: Any, index: int
) -> None:
    example = model(log=["a", "b", "c"])
    before = snapshot(database)
    with pytest.raises(ResponseError, match="index out of range"):
        example.log.lset(index, "x")
    assert snapshot(database) == before


def test_a_counter_of_the_wrong_type_changes_nothing(database: RedisDatabase, model: Any) -> None:
    example = model(log=numbers(1100))
    database.connection.set(REPEATS, "no hash")
    before = snapshot(database)
    calls: list[tuple[str, list[Any]]] = [("rpush", ["x"]), ("lpop", []), ("ltrim", [5, 9])]
    for name, arguments in calls:
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            getattr(example.log, name)(*arguments)
    assert snapshot(database) == before


def test_a_push_of_more_values_than_lua_can_pass_is_one_push(database: RedisDatabase, model: Any) -> None:
    example = model(log=["a"])
    assert example.log.rpush(*numbers(20_000)) == 20_001
    assert example.log.lrange(0, 2) == ["a", "0", "1"]
    assert example.log.lpush(*numbers(9_000)) == 29_001
    assert example.log.lrange(0, 1) == ["8999", "8998"]
    assert example.log.lrange(-1, -1) == ["19999"]
    assert indexes_in_redis(model) == indexes_by_scan(model)


def test_an_object_can_be_created_with_a_long_list(model: Any) -> None:
    example = model(log=numbers(20_000))
    assert example.log.llen() == 20_000
    assert list(model.collection(log="19999")) == ["1"]
    example.log.ltrim(0, 9)
    assert indexes_in_redis(model) == indexes_by_scan(model)


def test_a_long_unique_list_may_repeat_its_own_values_alone(database: RedisDatabase, model: Any) -> None:
    example, other = model(once=numbers(1200)), model(plain=["x"])
    assert example.once.rpush("5") == 1201
    before = snapshot(database)
    with pytest.raises(UniquenessError):
        other.once.rpush("free", "5")
    assert snapshot(database) == before
    example.once.lrem(1, "5")
    with pytest.raises(UniquenessError):
        other.once.rpush("5")
    example.once.lrem(0, "5")
    assert other.once.rpush("5") == 1


def test_a_value_that_the_index_lost_but_the_counter_knows_keeps_its_count(
    database: RedisDatabase, model: Any
) -> None:
    example = model(log=[*numbers(1100), "5"])
    example.log.rpush("x")
    database.connection.srem(":example:log:5", "1")
    example.log.rpush("5")
    assert database.connection.hget(REPEATS, "=5") == "2"
    example.log.lrem(2, "5")
    assert list(model.collection(log="5")) == ["1"]


@pytest.mark.parametrize("seed", range(3))
def test_random_writes_keep_index_and_counter_right(database: RedisDatabase, model: Any, seed: int) -> None:
    chance = random.Random(seed)
    start = [str(chance.randrange(400)) for _ in range(990)]
    example = model(log=start, plain=start)
    for _ in range(120):
        value, place = str(chance.randrange(420)), chance.randrange(-1100, 1100)
        writes: list[tuple[str, list[Any]]] = [
            ("rpush", [value, value, "r"]),
            ("lpush", [value]),
            ("lpop", [chance.randrange(1, 30)]),
            ("rpop", [chance.randrange(1, 30)]),
            ("lrem", [chance.randrange(-2, 3), value]),
            ("linsert", ["AFTER", value, str(place)]),
            ("ltrim", [chance.randrange(5), -chance.randrange(1, 5)]),
            ("rpush", [str(chance.randrange(420)) for _ in range(40)]),
        ]
        call, arguments = chance.choice(writes)
        assert getattr(example.log, call)(*arguments) == getattr(example.plain, call)(*arguments)
    values = example.plain.lrange(0, -1)
    assert example.log.lrange(0, -1) == values
    assert indexes_in_redis(model) == indexes_by_scan(model)
    assert database.connection.hgetall(REPEATS) == expected_repeats(values)
