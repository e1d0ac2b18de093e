"""The file in which a worker notes each operation before it begins, and how it ended.

A line is a JSON list and is written at once, so it is there whatever becomes of the process. An intent
without an end is an operation whose process died: its outcome is as unknown as that of one whose answer was
lost.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["DONE", "KILLED", "REFUSED", "UNKNOWN", "WRONG", "Entry", "Journal", "done_in", "read_journals"]

DONE = "done"
REFUSED = "refused"
"""limpyd or Redis said no, so nothing may have changed."""
UNKNOWN = "unknown"
"""The answer was lost."""
WRONG = "wrong"
"""The answer was not what it has to be."""

KILLED = "Killed"
"""The error of an operation whose worker died."""

_INTENT = "intent"
_FORGOTTEN = "forgotten"


@dataclass
class Entry:
    """An operation of a worker, on a story or on what all share."""

    story: str
    name: str
    args: list[Any]
    outcome: str = UNKNOWN
    error: str = KILLED
    text: str = ""
    number: int = 1
    """How many there were of it: more than one where a journal forgot what stories they belonged to."""


class Journal:
    """Writes the journal of one worker."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        self._name = ""
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def begin(self, story: str, name: str, args: list[Any]) -> None:
        """Note an operation that is about to begin."""
        self._name = name
        self._write(_INTENT, story, name, args)

    def end(self, outcome: str, error: str = "", text: str = "") -> None:
        """Note how it ended."""
        self._counts[self._name, outcome, error] += 1
        self._write(outcome, error, text)

    def forget(self) -> None:
        """Keep only how often everything was done: what was told is over, and has left nothing."""
        os.ftruncate(self._file, 0)
        self._write(_FORGOTTEN, [[*what, number] for what, number in self._counts.items()])

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, *line: Any) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def read_journals(folder: Path) -> Iterator[Entry]:
    """All operations of all workers, those of one story in their order."""
    for path in sorted(folder.glob("*.journal")):
        yield from _read_journal(path)


def _read_journal(path: Path) -> Iterator[Entry]:
    entry: Entry | None = None
    for text in path.read_bytes().splitlines(keepends=True):
        if not text.endswith(b"\n"):
            break  # the worker died while it wrote this
        kind, *rest = json.loads(text)
        if kind == _FORGOTTEN:
            for name, outcome, error, number in rest[0]:
                yield Entry("", name, [], outcome, error, number=number)
        elif kind == _INTENT:
            if entry is not None:
                yield entry
            entry = Entry(*rest)
        elif entry is not None:
            entry.outcome = kind
            entry.error, entry.text = rest
    if entry is not None:
        yield entry


def done_in(path: Path) -> int:
    """How many operations a journal says are done."""
    text = path.read_bytes()
    first, newline, _ = text.partition(b"\n")
    forgotten = json.loads(first)[1] if newline and first.startswith(b'["forgotten"') else []
    before: int = sum(number for _, outcome, _, number in forgotten if outcome == DONE)
    return before + text.count(f'\n["{DONE}"'.encode())
