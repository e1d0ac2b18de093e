"""Creating many objects: in chunks, each of which is one round trip.

A chunk is a few commands, each of which is a script that creates many objects, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from limpyd.commands import Command
from limpyd.creation import Layout, layout_of
from limpyd.exceptions import LimpydException, add_detail
from limpyd.keys import Value
from limpyd.scripts import Script, answer
from limpyd.values import integer

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["BulkCommands"]

_CREATE_MANY = Script("create_many")
_BATCH = 50
"""How many objects one script creates at most, while which Redis does nothing else."""


class BulkCommands:
    """The part of `RedisModel` that creates many objects at once."""

    @classmethod
    def create_many(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        chunk_size: int = 1000,
        progress: Callable[[int], Any] | None = None,
        raise_on_error: bool = True,
    ) -> list[str]:
        """Create an object of each row, a mapping of field names to values. Returns their pks, in order.

        - `rows`: any iterable; it is read as the chunks are sent, so that memory holds one chunk.
        - `chunk_size`: how many rows go to Redis in one round trip.
        - `progress`: called after each chunk with the number of rows in it, as `update` of a tqdm bar
          or `functools.partial(progress.advance, task)` of rich take it.
        - `raise_on_error`: without it, the error of a row stands in the list in place of its pk.

        Each row is created wholly or not at all, and for itself: there is no transaction around them. Raises
        the first error, which names its row (the first row is 0), when the row's chunk is through: all other
        good rows up to the end of that chunk are created then, and none after it. A row that can't be made a
        request (an unknown field, a value that Redis can't store) is found before its chunk is sent.

        Inside a pipeline, which has round trips of its own, it is refused: create objects there one by one.
        """
        if integer(chunk_size, "chunk_size") < 1:
            raise ValueError(f"chunk_size must be 1 or more, not {chunk_size}")
        model = cast("type[RedisModel]", cls)
        numbered = enumerate(rows)
        pks: list[str] = []
        while chunk := [_read_row(model, number, row) for number, row in islice(numbered, chunk_size)]:
            commands = [_command(model, chunk[at : at + _BATCH]) for at in range(0, len(chunk), _BATCH)]
            outcomes = [outcome for batch in model.database.execute_together(commands) for outcome in batch]
            failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
            if failed and raise_on_error:
                raise failed[0]
            pks += cast("list[str]", outcomes)
            if progress is not None:
                progress(len(chunk))
        return pks


class _Row(NamedTuple):
    """A row as the script takes it."""

    number: int
    layout: Layout
    values: list[Value]


def _read_row(model: type[RedisModel], number: int, row: Mapping[str, Any]) -> _Row:
    try:
        layout = layout_of(model, tuple(row))
        return _Row(number, layout, layout.row(layout.pk(row), row))
    except Exception as error:
        add_detail(error, f"row {number}")
        raise


def _command(model: type[RedisModel], rows: list[_Row]) -> Command[list[str | Exception]]:
    layout = rows[0].layout
    return Command(
        _CREATE_MANY.name,
        layout.keys,
        (model._key, len(rows), *chain.from_iterable(row.values for row in rows)),
        partial(_decode_answers, model.__name__, [row.number for row in rows]),
        script=_CREATE_MANY,
        is_write=True,
        model=model,
        writes=layout.writes,
        operation=f"creation of the rows {rows[0].number} to {rows[-1].number},",
    )


def _decode_answers(model: str, numbers: list[int], reply: Any) -> list[str | Exception]:
    answers = answer(reply, model)
    return [_outcome(model, number, one) for number, one in zip(numbers, answers, strict=True)]


def _outcome(model: str, number: int, reply: Any) -> str | Exception:
    if isinstance(reply, Exception):
        return add_detail(reply, f"row {number}")
    try:
        return cast(str, answer(reply, model))
    except LimpydException as error:
        return add_detail(error, f"row {number}")
