"""Creating many objects: in chunks, each of which is one round trip of independent creations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from limpyd.commands import Command
from limpyd.exceptions import add_detail
from limpyd.values import integer

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["BulkCommands"]

T = TypeVar("T")


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

        Inside a pipeline the rows are queued with the rest of it, and the list holds `Deferred` pks.
        """
        if integer(chunk_size, "chunk_size") < 1:
            raise ValueError(f"chunk_size must be 1 or more, not {chunk_size}")
        model = cast("type[RedisModel]", cls)
        numbered = enumerate(rows)
        pks: list[str] = []
        while chunk := [_creation(model, number, row) for number, row in islice(numbered, chunk_size)]:
            pks += model.database.execute_together(chunk, raise_on_error=raise_on_error)
            if progress is not None:
                progress(len(chunk))
        return pks


def _creation(model: type[RedisModel], number: int, row: Mapping[str, Any]) -> Command[str]:
    try:
        return model._bulk_creation(row, f"row {number}, create")
    except Exception as error:
        add_detail(error, f"row {number}")
        raise
