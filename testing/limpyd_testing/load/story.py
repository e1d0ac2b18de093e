"""A story: the objects that one worker makes and changes, and what their data should be.

The state of a story is plain JSON: an author, a book and a reader, each a dict of its values or None, and the
number of notes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from limpyd.contrib.database import PipelineDatabase

from limpyd_testing.load.models import Models

__all__ = ["Args", "Operation", "State", "Story", "start"]

State = dict[str, Any]
Args = list[Any]


class Story:
    """The objects of one story, as a worker has them."""

    def __init__(self, token: str, models: Models, database: PipelineDatabase) -> None:
        self.token = token
        self.models = models
        self.database = database
        self.author = models.author.lazy_connect(token)
        self.reader = models.reader.lazy_connect(token)
        self.book: Any = None
        self.notes: list[Any] = []


def start() -> State:
    """The state of a story that has not begun."""
    return {"author": None, "book": None, "reader": None, "notes": 0}


def unchanged(_state: State, _args: Args) -> None:
    """What reading does to a state."""


def nothing(_random: Random) -> Args:
    """The arguments of an operation that has none."""
    return []


@dataclass(frozen=True)
class Operation:
    """Something that a worker does, in one request or in one transaction."""

    run: Callable[[Story, Args], Any]
    """Does it by limpyd."""
    change: Callable[[State, Args], None] = unchanged
    """Does it to the state."""
    reply: Callable[[State, Args], Any] | None = None
    """What `run` has to return, given the state afterwards; None if that doesn't matter."""
    choose: Callable[[Random], Args] = nothing
    """Chooses the arguments."""
