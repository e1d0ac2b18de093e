"""Compares what the data are with what the journals say that they may be.

An operation whose answer was lost must have happened once or not at all, wholly; all others as their answers
say.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, UniquenessError

from limpyd_testing.load.found import stories_in_redis
from limpyd_testing.load.journal import DONE, KILLED, REFUSED, UNKNOWN, Entry, read_journals
from limpyd_testing.load.models import BOARD
from limpyd_testing.load.operations import OPENING, OPERATIONS
from limpyd_testing.load.shared import BOARD_OPERATIONS, COUNTED, RIVAL_OPERATIONS
from limpyd_testing.load.story import State, start

__all__ = ["Verdict", "count", "judge"]

_EXPECTED_OF_RIVALS = {DoesNotExist.__name__, UniquenessError.__name__}


@dataclass
class Verdict:
    """What the judge found."""

    done: int = 0
    refused: int = 0
    unknown: int = 0
    """Operations whose answer was lost: in flight when something went wrong."""
    happened: int = 0
    """How many of those on stories did happen."""
    stories: int = 0
    lost: list[str] = field(default_factory=list)
    """What had been acknowledged, and is not there."""
    repeated: list[str] = field(default_factory=list)
    """What was done twice."""
    half_done: list[str] = field(default_factory=list)
    """What is neither as it was before, nor as it should be afterwards."""
    wrong: list[str] = field(default_factory=list)
    """Wrong replies, and errors that should not be."""
    errors: Counter[str] = field(default_factory=Counter)
    """The errors that workers met, by name."""

    @property
    def mistakes(self) -> list[str]:
        """All that is wrong."""
        return [*self.lost, *self.repeated, *self.half_done, *self.wrong]

    def __str__(self) -> str:
        counts = f"{self.done} done, {self.refused} refused, {self.unknown} unknown, {dict(self.errors)}"
        return "\n".join([counts, *self.mistakes[:20]])


def judge(
    folder: Path, database: RedisDatabase, *, allowed: Iterable[str] = (), lossy: bool = False
) -> Verdict:
    """Compare the journals in a folder with the data.

    - `allowed`: the names of the errors that workers may meet.
    - `lossy`: acknowledged operations may be lost, last ones first, as by a failover to a replica that was
      behind. What is there must be whole all the same.
    """
    verdict = Verdict()
    stories: dict[str, list[Entry]] = {}
    board: list[Entry] = []
    for entry in read_journals(folder):
        count(verdict, entry, {*allowed, KILLED})
        if entry.name in BOARD_OPERATIONS:
            board.append(entry)
        elif entry.story and entry.name not in RIVAL_OPERATIONS:
            stories.setdefault(entry.story, []).append(entry)
    verdict.stories = len(stories)
    found = stories_in_redis(database.connection)
    for token in found.keys() - stories.keys():
        verdict.half_done.append(f"nobody has begun the story {token}: {found[token]}")
    for token, entries in stories.items():
        _judge_story(verdict, token, entries, found.get(token, start()), lossy)
    _judge_board(verdict, database.connection, board, lossy)
    return verdict


def count(verdict: Verdict, entry: Entry, allowed: set[str]) -> None:
    """Count an operation; one that ended with an error that is not allowed is wrong."""
    text = f"{entry.story} {entry.name} {entry.args}: {entry.error} {entry.text}"
    if entry.outcome == DONE:
        verdict.done += entry.number
        return
    verdict.errors[entry.error] += entry.number
    verdict.refused += entry.number * (entry.outcome == REFUSED)
    verdict.unknown += entry.number * (entry.outcome == UNKNOWN)
    if entry.error not in (allowed | _EXPECTED_OF_RIVALS if entry.name in RIVAL_OPERATIONS else allowed):
        verdict.wrong.append(text)


def _judge_story(verdict: Verdict, token: str, entries: list[Entry], found: State, lossy: bool) -> None:
    states = [start()]
    for entry in entries:
        if entry.outcome in (DONE, UNKNOWN):
            states.append(_after(states[-1], entry))
    last = entries[-1]
    allowed = states[-2:] if last.outcome == UNKNOWN else states[-1:]
    text = f"story {token}, {last.name} {last.args} {last.outcome}: {found}, and not {allowed}"
    if last.outcome == UNKNOWN:
        verdict.happened += found == states[-1] != states[-2]
    if found in allowed or (lossy and found in states):
        return
    if found in states:
        verdict.lost.append(text)
    elif found in _twice(states[-1], entries):
        verdict.repeated.append(text)
    else:
        verdict.half_done.append(text)


def _after(state: State, entry: Entry) -> State:
    state = copy.deepcopy(state)
    OPERATIONS[entry.name].change(state, entry.args)
    return state


def _twice(state: State, entries: list[Entry]) -> Iterator[State]:
    """What the data would be if one of the operations had been done once more."""
    for entry in entries:
        if entry.name not in OPENING and state["book"] is not None:
            yield _after(state, entry)


def _judge_board(verdict: Verdict, connection: Any, entries: list[Entry], lossy: bool) -> None:
    for name, suffix in COUNTED.items():
        done = sum(e.number for e in entries if e.name == name and e.outcome == DONE)
        unknown = sum(e.number for e in entries if e.name == name and e.outcome == UNKNOWN)
        value = int(connection.get(f":board:{BOARD}:{suffix}") or 0)
        text = f"board: {suffix} is {value}, of {done} done and {unknown} unknown"
        if value < done and not lossy:
            verdict.lost.append(text)
        elif value > done + unknown:
            verdict.repeated.append(text)
    posts = Counter(connection.lrange(f":board:{BOARD}:posts", 0, -1))
    verdict.repeated += [f"board: post {token} is there {n} times" for token, n in posts.items() if n > 1]
    if not lossy:
        wanted = {entry.args[0] for entry in entries if entry.name == "post" and entry.outcome == DONE}
        verdict.lost += [f"board: post {token}" for token in wanted - posts.keys()]
