"""What all workers do to the same objects: one board that counts, and rivals for unique values."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from limpyd_testing.load.models import BOARD, Models

__all__ = ["BOARD_OPERATIONS", "COUNTED", "RIVAL_OPERATIONS"]

PKS = ("a", "b", "c", "d")
VALUES = ("1", "2", "3", "x:y")


def _board(models: Models) -> Any:
    return models.board.lazy_connect(BOARD)


BOARD_OPERATIONS: dict[str, Callable[[Models, str], Any]] = {
    "hit": lambda models, _token: _board(models).hits.incr(),
    "score": lambda models, _token: _board(models).score.incr(),
    "post": lambda models, token: _board(models).posts.rpush(token),
}
"""Each is done by a worker with a token of its own."""

COUNTED = {"hit": "hits", "score": "score"}
"""The fields of the board that count how often an operation was done."""


def _rival(models: Models, random: Random) -> Any:
    return models.rival.lazy_connect(random.choice(PKS))


RIVAL_OPERATIONS: dict[str, Callable[[Models, Random], Any]] = {
    "rival": lambda models, random: models.rival(
        name=random.choice(PKS), badge=random.choice(VALUES), color="red", tags=[random.choice(VALUES)]
    ),
    "badge": lambda models, random: _rival(models, random).badge.hset(random.choice(VALUES)),
    "color": lambda models, random: _rival(models, random).color.set(random.choice(VALUES)),
    "mark": lambda models, random: _rival(models, random).tags.sadd(*random.sample(VALUES, 2)),
    "unmark": lambda models, random: _rival(models, random).tags.spop(),
    "defeat": lambda models, random: _rival(models, random).delete(),
}
"""Each may be refused, since others have been there first."""
