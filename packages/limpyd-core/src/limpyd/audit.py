"""Compares the data of a model with its indexes, in batches, and mends what does not fit.

limpyd itself lets no index disagree with the data. Other clients can, and so does a declaration that changes:
a field that gets an index when there are objects already. A batch is one script, so that what others write
meanwhile is not mistaken for a fault: `scripts/check_keys.lua` goes through the keys of a model, and
`scripts/check_objects.lua` through its objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeVar, cast, get_args

from limpyd import keys
from limpyd.commands import Command
from limpyd.exceptions import ImplementationError
from limpyd.keys import Value
from limpyd.scripts import Script, answer
from limpyd.values import as_text, integer

if TYPE_CHECKING:
    from limpyd.fields import Field
    from limpyd.model import RedisModel

__all__ = ["Audit", "AuditCommands", "Entry", "Orphans", "Progress", "Report"]

T = TypeVar("T")

Progress = Callable[[int], Any]
"""Called after each batch with the number of keys, or of objects, that were looked at in it."""

Orphans = Literal["delete", "keep", "adopt"]
"""What `repair` does with values that belong to no object."""

_CHECK_KEYS = Script("check_keys")
_CHECK_OBJECTS = Script("check_objects")


class Entry(NamedTuple):
    """One pk in one index: the object `pk` is found by the value `term` of `field`.

    Of a `HashField`, `term` is `entry:value`.
    """

    field: str
    term: str
    pk: str


@dataclass(frozen=True)
class Report:
    """What `check` or `repair` found."""

    model: str
    """The name of the model's class."""
    keys: int
    """How many keys were looked at."""
    entries: int
    """How many index entries there were."""
    objects: int
    """How many objects were looked at."""
    missing: tuple[Entry, ...]
    """Values that their index does not have. `repair` adds them."""
    dangling: tuple[Entry, ...]
    """Index entries whose object does not have the value. `repair` removes them."""
    without_pk: tuple[str, ...]
    """Pks of objects that `collection()` misses, though an index knows them. `repair` gives them back."""
    orphans: tuple[str, ...]
    """Keys of values that belong to no object: written after its deletion, say. `repair` deletes them."""
    stale: tuple[str, ...]
    """Keys of counted repeats (see `limpyd.keys`) that don't fit their list. `repair` deletes them."""
    duplicates: tuple[Entry, ...]
    """Objects that share a value of a unique field. Which one is right, `repair` can't know."""
    wrong_types: tuple[str, ...]
    """Keys that hold another type than the model's declaration says. `repair` leaves them alone."""
    unknown: tuple[str, ...]
    """Keys that begin like the model's and are of no field: of a field that was dropped, say. They are no
    fault, and nothing touches them."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, `unknown` keys apart."""
        return not any(getattr(self, name) for name in _FAULTS)

    def __str__(self) -> str:
        result = "clean" if self.is_clean else "not clean"
        seen = f"keys: {self.keys}, index entries: {self.entries}, objects: {self.objects}"
        found = [self._line(name) for name in (*_FAULTS, "unknown") if getattr(self, name)]
        return "\n".join([f"{self.model}: {result} ({seen})", *found])

    def _line(self, name: str) -> str:
        found: tuple[Any, ...] = getattr(self, name)
        shown = [
            f"{each.field}={each.term!r} of {each.pk!r}" if type(each) is Entry else each for each in found
        ]
        rest = "" if len(found) <= _SHOWN else ", …"
        return f"  {name.replace('_', ' ')}: {len(found)} ({', '.join(shown[:_SHOWN])}{rest})"


_FAULTS = ("missing", "dangling", "without_pk", "orphans", "stale", "duplicates", "wrong_types")
_SHOWN = 5

_NAMES = {
    "dangling": "dangling",
    "duplicate": "duplicates",
    "without_pk": "without_pk",
    "orphan": "orphans",
    "stale": "stale",
    "wrong_type": "wrong_types",
    "unknown": "unknown",
}
"""What `check_keys.lua` calls its findings, and where they are in a report."""


class Audit:
    """One walk over a model."""

    def __init__(
        self,
        model: type[RedisModel],
        task: Literal["check", "repair", "clear"],
        *,
        orphans: Orphans = "keep",
        progress: Progress | None = None,
        batch_size: int = 500,
    ) -> None:
        if integer(batch_size, "batch_size") < 1:
            raise ValueError(f"batch_size must be 1 or more, not {batch_size}")
        if orphans not in get_args(Orphans):
            raise ImplementationError(
                f"{model.__name__}: `orphans` is one of {', '.join(get_args(Orphans))}, not {orphans!r}"
            )
        self._model = model
        self._task = task
        self._orphans: Orphans = orphans
        self._progress = progress
        self._batch_size = batch_size
        self._seen: dict[str, Any] = {"keys": 0, "entries": 0, "objects": 0}
        self._found: dict[str, dict[Any, None]] = {name: {} for name in (*_FAULTS, "unknown")}

    @property
    def report(self) -> Report:
        """What was found so far."""
        found: dict[str, Any] = {name: tuple(each) for name, each in self._found.items()}
        return Report(model=self._model.__name__, **found, **self._seen)

    def over_keys(self, prefix: str) -> Self:
        """Look at all keys that begin with `prefix`: index entries, and values."""
        model = self._model
        head = (self._task, self._orphans, self._batch_size, model._key, *_program(model._stored_fields))
        for batch in self._scan("SCAN", (), "MATCH", f"{prefix}:*"):
            waiting: list[Value] = [item for key in batch for item in (key, "0")]
            while waiting:
                entries, waiting, findings = self._run(_CHECK_KEYS, head, waiting)
                self._seen["entries"] += entries
                self._note_keys(findings)
            self._count("keys", len(batch))
        return self

    def over_objects(self, *fields: Field) -> Self:
        """Look at all objects: are the values of these fields in their indexes?"""
        mend = "1" if self._task == "repair" else ""
        for pks in self._scan("SSCAN", (keys.collection_key(self._model._key),)):
            missing = self._run(_CHECK_OBJECTS, (mend, self._model._key, *_program(fields)), pks)
            self._found["missing"].update(
                (Entry._make(map(as_text, each)), None) for each in _groups(missing, 3)
            )
            self._count("objects", len(pks))
        return self

    def _note_keys(self, findings: list[bytes]) -> None:
        for what, *about in _groups(findings, 4):
            texts = [as_text(each) for each in about]
            name = _NAMES[as_text(what)]
            finding = Entry._make(texts) if name in ("dangling", "duplicates") else texts[0]
            self._found[name][finding] = None

    def _count(self, what: str, number: int) -> None:
        self._seen[what] += number
        if self._progress is not None and number:
            self._progress(number)

    def _scan(self, name: str, key: tuple[str, ...], *options: Value) -> Iterator[list[bytes]]:
        """Batches of what a scan finds. It may find a thing twice."""
        cursor: Value = 0
        while True:
            args = (*key, cursor, *options, "COUNT", self._batch_size)
            command: Command[Any] = Command(name, key, args, binary=True, model=self._model)
            cursor, batch = self._model.database.execute_now(command)
            yield batch
            if int(cursor) == 0:
                return

    def _run(self, script: Script, head: tuple[Value, ...], items: list[Any]) -> Any:
        return self._model.database.execute_now(
            Command(
                script.name,
                (keys.collection_key(self._model._key),),
                (*head, len(items), *items),
                partial(_value, self._model.__name__),
                script=script,
                is_write=self._task != "check",
                binary=True,
                model=self._model,
            )
        )


class AuditCommands:
    """The part of `RedisModel` that compares data and indexes."""

    @classmethod
    def check(cls, *, progress: Progress | None = None, batch_size: int = 500) -> Report:
        """Compare all data of the model with its indexes. Changes nothing, and works on a replica.

        - `progress`: called after each batch with the number of keys, or of objects, in it.
        - `batch_size`: about how many keys or objects one request looks at.

        Returns a `Report`, whose `is_clean` tells whether all is right, and whose text says what is not.
        Others may write meanwhile: what changes while it runs is right before and after, and not reported.

        `SCAN` and `SSCAN`, Redis 2.8, and a script for each batch; O(N) with all keys of the database.
        """
        model = cast("type[RedisModel]", cls)
        audit = Audit(model, "check", progress=progress, batch_size=batch_size)
        return audit.over_objects(*_indexed(model)).over_keys(model._key).report

    @classmethod
    def repair(
        cls, *, orphans: Orphans = "delete", progress: Progress | None = None, batch_size: int = 500
    ) -> Report:
        """The same, and mend what is found: the data is right, and indexes follow. Returns what was found.

        - `orphans`: what to do with values of a pk that is not in `collection()`, and that no index knows.
          They are what is left of an object when somebody writes to it after its deletion. `"delete"` them,
          `"keep"` them, or `"adopt"` them as an object, with what they have.
        - `progress`, `batch_size`: as for `check`.

        An object that an index knows is a whole one whose pk was lost: it gets its pk back, whatever
        `orphans` says; so does, in a model without an index, everything that has a value. Duplicates and
        wrong types are left to you. Each batch is mended wholly or not at all.
        """
        model = cast("type[RedisModel]", cls)
        audit = Audit(model, "repair", orphans=orphans, progress=progress, batch_size=batch_size)
        return audit.over_objects(*_indexed(model)).over_keys(model._key).report


def _indexed(model: type[RedisModel]) -> list[Field]:
    return [field for field in model._fields.values() if field.indexes]


def _program(fields: Iterable[Field]) -> list[Value]:
    """Fields as `scripts/lib/fields.lua` has them, behind the number of their arguments."""
    arguments = [argument for field in fields for argument in field.program]
    return [len(arguments), *arguments]


def _value(model: str, reply: Any) -> Any:
    return answer(reply, model)


def _groups(items: list[T], size: int) -> Iterator[tuple[T, ...]]:
    return zip(*[iter(items)] * size, strict=True)
