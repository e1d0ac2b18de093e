"""Python values as Redis stores them, and arguments that are checked before they are sent."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from limpyd import values
from redis.exceptions import DataError


@pytest.mark.parametrize(
    ("value", "stored"),
    [("text", "text"), (b"\xff", b"\xff"), (7, "7"), (3.0, "3.0"), (1e16, "1e+16"), (math.inf, "inf")],
)
def test_values_are_stored_as_python_writes_them(value: Any, stored: str | bytes) -> None:
    assert values.to_redis(value) == stored


@pytest.mark.parametrize("value", [None, True, [1], {"a": 1}, object(), 1j])
def test_what_redis_can_not_store_is_a_data_error(value: Any) -> None:
    with pytest.raises(DataError, match="Convert to a bytes, string, int or float first"):
        values.to_redis(value)


def test_a_number_that_python_makes_no_text_of_is_a_data_error() -> None:
    with pytest.raises(DataError, match="Invalid input: Exceeds the limit"):
        values.to_redis(10**5000)


@pytest.mark.parametrize("check", [values.integer, values.number])
def test_an_argument_of_too_many_digits_is_a_data_error(check: Callable[[Any, str], Any]) -> None:
    assert check(2**64, "n") == 2**64  # which Redis refuses
    for value in (10**5000, -(10**5000)):
        with pytest.raises(DataError, match="Invalid input: an int of more than 1024 bits"):
            check(value, "n")


def test_times_are_numbers_timedeltas_or_datetimes() -> None:
    when = datetime(2030, 1, 1, tzinfo=UTC)
    assert values.seconds(timedelta(minutes=2), "time") == values.seconds(120, "time") == 120
    assert values.milliseconds(timedelta(seconds=1.5), "time") == 1500
    assert values.unix_seconds(when, "when") == 1_893_456_000
    assert values.unix_milliseconds(when, "when") == 1_893_456_000_000
    assert values.expiry_options(None, 5, None, None) == ("PX", 5)
    with pytest.raises(TypeError, match="only one of ex, px, exat and pxat"):
        values.expiry_options(1, 2, None, None)


def test_lists_and_single_items_can_be_mixed() -> None:
    assert values.listed(["a", "b"], ("c",)) == ["a", "b", "c"]
    assert values.listed("ab", ("c",)) == ["ab", "c"]
    assert values.listed(b"ab", ()) == [b"ab"]


def test_entries_come_in_all_of_redis_pys_ways() -> None:
    assert values.flat_entries("hset", "a", 1, {"b": 2}, ["c", 3]) == ["c", 3, "a", 1, "b", 2]
    with pytest.raises(TypeError, match="hset: an entry is missing"):
        values.flat_entries("hset")


def test_bounds_are_numbers_or_texts() -> None:
    assert values.score_bound("(1", "min") == "(1"
    assert values.score_bound(-math.inf, "min") == -math.inf
    with pytest.raises(TypeError, match="min must be an int or a float, not bool"):
        values.score_bound(True, "min")
    with pytest.raises(TypeError, match="max must be a str or bytes"):
        values.lex_bound(1, "max")  # type: ignore[arg-type]  # the point of it


def test_options_are_bools() -> None:
    assert values.options(nx=True, xx=False, ch=True) == ["NX", "CH"]
    with pytest.raises(TypeError, match="nx is an option, True or False; it can't be 1"):
        values.options(nx=1)
