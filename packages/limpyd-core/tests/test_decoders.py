"""Decoders make one value of what RESP2, RESP3 and scripts reply."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import decoders


@pytest.mark.parametrize("reply", [["a", "1", "b", "2"], [["a", "1"], ["b", "2"]], {"a": "1", "b": "2"}])
def test_pairs_come_flat_nested_or_as_a_map(reply: Any) -> None:
    assert decoders.pairs(reply) == [("a", "1"), ("b", "2")]
    assert decoders.text_dict(reply) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "reply", [["a", "1.5", "b", "inf"], [["a", 1.5], ["b", float("inf")]], ["a", 1.5, "b", "inf"]]
)
def test_scores_come_as_texts_or_as_numbers(reply: Any) -> None:
    assert decoders.scored(float)(reply) == [("a", 1.5), ("b", float("inf"))]


def test_nil_is_none_or_nothing() -> None:
    assert decoders.optional_list(None) is None
    assert decoders.texts(None) == []
    assert decoders.integers(None) == []
    assert decoders.scored(float)(None) == []
    assert decoders.rank_and_score(float)(None) is None
    assert decoders.popped_from(decoders.texts)(None) is None
    assert decoders.first_text([None]) is None
    assert decoders.first_integer(None) == -2


def test_bytes_stay_what_they_are() -> None:
    assert decoders.as_bytes("\udcff\x00a") == decoders.as_bytes(b"\xff\x00a") == b"\xff\x00a"


def test_a_batch_of_a_scan_has_a_cursor_and_items() -> None:
    assert decoders.scan_batch(decoders.texts)(["17", ["a"]]) == (17, ["a"])
