"""A deferred says that it has no value yet, and stands for its value when it has one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from limpyd.commands import Command
from limpyd.contrib.database import Deferred
from limpyd.exceptions import ImplementationError

USES: dict[str, Callable[[Any], Any]] = {
    "value": lambda deferred: deferred.value,
    "if": bool,
    "str": str,
    "f-string": lambda deferred: f"{deferred}",
    "format": lambda deferred: format(deferred, ">5"),
    "equal": lambda deferred: deferred == 3,
    "not equal": lambda deferred: deferred != 3,
    "less": lambda deferred: deferred < 4,
    "less or equal": lambda deferred: deferred <= 3,
    "add": lambda deferred: deferred + 1,
    "reflected subtraction": lambda deferred: 10 - deferred,
    "negative": operator.neg,
    "int": int,
    "float": float,
    "range": range,
    "hash": hash,
    "in a set": lambda deferred: {deferred},
}
SEQUENCE_USES: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "len": len,
    "index": lambda deferred: deferred[0],
    "in": lambda deferred: "a" in deferred,
    "star": lambda deferred: [*deferred],
}


@pytest.mark.parametrize("use", [*USES.values(), *SEQUENCE_USES.values()], ids=[*USES, *SEQUENCE_USES])
def test_using_it_before_the_pipeline_was_executed_is_refused(use: Callable[[Any], Any]) -> None:
    deferred: Deferred[Any] = Deferred(Command("GET", ("k",), ("k",)))
    with pytest.raises(ImplementationError, match=r"GET is queued .* no value yet; .* after the pipeline"):
        use(deferred)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_afterwards_it_is_used_as_its_value(use: Callable[[Any], Any]) -> None:
    deferred: Deferred[int] = Deferred(Command("GET", ("k",), ("k",)))
    deferred.settle(3)
    assert use(deferred) == (3 if use is USES["value"] else use(3))


@pytest.mark.parametrize("use", SEQUENCE_USES.values(), ids=SEQUENCE_USES)
def test_afterwards_a_list_is_used_as_a_list(use: Callable[[Any], Any]) -> None:
    deferred: Deferred[list[str]] = Deferred(Command("GET", ("k",), ("k",)))
    deferred.settle(["a", "b"])
    assert use(deferred) == use(["a", "b"])


def test_two_of_them_are_compared_by_their_values() -> None:
    one: Deferred[int] = Deferred(Command("GET", (), ()))
    two: Deferred[int] = Deferred(Command("LLEN", (), ()))
    one.settle(3)
    two.settle(3)
    assert one == two


def test_its_repr_always_works() -> None:
    deferred: Deferred[int] = Deferred(Command("GET", (), ()))
    assert repr(deferred) == "<Deferred GET: queued>"
    deferred.settle(3)
    assert repr(deferred) == "<Deferred GET: 3>"


def test_the_error_of_its_operation_is_raised_instead_of_a_value() -> None:
    deferred: Deferred[int] = Deferred(Command("GET", (), ()))
    error = ValueError("no")
    deferred.settle(error)
    assert deferred.is_done
    assert deferred.error is error
    with pytest.raises(ValueError, match="no"):
        bool(deferred)


def test_one_that_was_dropped_says_why_there_is_no_value() -> None:
    deferred: Deferred[int] = Deferred(Command("GET", (), ()))
    deferred.drop("it was dropped")
    with pytest.raises(ImplementationError, match="GET has no value: it was dropped"):
        str(deferred)


def test_an_attribute_of_the_value_is_pointed_to() -> None:
    deferred: Deferred[str] = Deferred(Command("GET", (), ()))
    with pytest.raises(AttributeError, match=r"use `\.value\.upper` after the pipeline's `execute\(\)`"):
        deferred.upper()
