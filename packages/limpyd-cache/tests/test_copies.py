"""Values that can be changed are kept as copies."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd.contrib.cache.copies import Copied, keepable


@pytest.mark.parametrize("value", ["text", b"bytes", 1, 1.5, True, None])
def test_what_nobody_can_change_is_kept_as_it_is(value: Any) -> None:
    assert keepable(value) is value


@pytest.mark.parametrize(
    "value",
    [["a", None], {"a", "b"}, {"a": "1"}, [("a", 1.5)], [["a"], {"b": ["c"]}], {"a": ["b"]}, (1, [2])],
)
def test_what_can_be_changed_is_copied_in_and_out(value: Any) -> None:
    kept = keepable(value)
    assert type(kept) is Copied
    first, second = kept.copy(), kept.copy()
    assert first == second == value
    assert type(first) is type(value)
    assert first is not value
    assert first is not second


def test_what_is_inside_is_copied_too() -> None:
    value = [["a"]]
    kept = keepable(value)
    value[0].append("spoilt")
    kept.copy()[0].append("spoilt")
    assert kept.copy() == [["a"]]
