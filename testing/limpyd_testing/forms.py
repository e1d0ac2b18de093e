"""Tests that have two forms: a quick one in the usual run, and a long one, which is marked `deep`."""

from __future__ import annotations

import pytest

__all__ = ["quick_and_deep"]


def quick_and_deep(name: str, quick: int, deep: int) -> pytest.MarkDecorator:
    """Run a test with the argument `name` as it is in each form."""
    return pytest.mark.parametrize(
        name, [pytest.param(quick, id="quick"), pytest.param(deep, id="deep", marks=pytest.mark.deep)]
    )
