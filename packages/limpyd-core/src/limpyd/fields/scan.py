"""Scans: iterators over all members of a large value, which send one request a batch.

An iterator has to know each reply before it can ask for more, so unlike all other commands a scan looks at
replies, one batch after the other, and can't be queued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from limpyd.decoders import scan_batch
from limpyd.fields.base import Field
from limpyd.keys import Value
from limpyd.values import integer

__all__ = ["ScanCommands"]

T = TypeVar("T")


class ScanCommands(Field):
    """The part of the fields with many members that walks over them."""

    def _scan(
        self,
        decode: Callable[[Any], list[T]],
        name: str,
        match: str | bytes | None,
        count: int | None,
        *options: Value,
    ) -> Iterator[T]:
        """Check the arguments now; send the first request when the first item is asked for."""
        arguments: list[Value] = []
        if match is not None:
            arguments += ["MATCH", self._pattern(match)]
        if count is not None:
            arguments += ["COUNT", integer(count, "count")]
        return self._batches(scan_batch(decode), name, (*arguments, *options))

    def _pattern(self, match: str | bytes) -> str | bytes:
        if not isinstance(match, (str, bytes)):
            raise TypeError(f"match must be a str or bytes, not {type(match).__name__}")
        return match

    def _batches(
        self,
        decode: Callable[[Any], tuple[int, list[T]]],
        name: str,
        options: tuple[Value, ...],
    ) -> Iterator[T]:
        cursor = 0
        while True:
            cursor, batch = self._read(decode, name, cursor, *options)
            yield from batch
            if not cursor:
                return
