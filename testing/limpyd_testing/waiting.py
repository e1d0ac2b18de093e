"""Waiting for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["eventually", "wait_for"]


def eventually(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Whether a condition comes true in a time that is far more than it needs."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until a condition is true; fail if that takes so long that it will not be."""
    assert eventually(condition, seconds), f"after {seconds} s this is still not true: {condition}"
