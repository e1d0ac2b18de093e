"""Redis's SORT, for the types that it sorts: sets, lists and sorted sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, overload

from limpyd.decoders import optional_texts, texts
from limpyd.fields.base import Field
from limpyd.keys import Value
from limpyd.values import integer, listed, options

__all__ = ["SortCommands"]

Patterns = str | bytes | Sequence[str | bytes]


class SortCommands(Field):
    """The part of the fields with many members that gives them in order."""

    @overload
    def sort(
        self,
        start: int | None = None,
        num: int | None = None,
        by: str | bytes | None = None,
        get: None = None,
        desc: bool = False,
        alpha: bool = False,
        groups: Literal[False] = False,
    ) -> list[str]: ...
    @overload
    def sort(
        self,
        start: int | None = None,
        num: int | None = None,
        by: str | bytes | None = None,
        *,
        get: Patterns,
        desc: bool = False,
        alpha: bool = False,
        groups: Literal[False] = False,
    ) -> list[str | None]: ...
    @overload
    def sort(
        self,
        start: int | None = None,
        num: int | None = None,
        by: str | bytes | None = None,
        *,
        get: Patterns,
        desc: bool = False,
        alpha: bool = False,
        groups: Literal[True],
    ) -> list[tuple[str | None, ...]]: ...
    def sort(
        self,
        start: int | None = None,
        num: int | None = None,
        by: str | bytes | None = None,
        get: Patterns | None = None,
        desc: bool = False,
        alpha: bool = False,
        groups: bool = False,
    ) -> Any:
        """The members in order: as numbers, or as texts where `alpha`; descending where `desc`.

        - `start`, `num`: skip so many of them, and give so many at most (both or neither).
        - `by`: sort by other values instead; a key with `*` where the member goes (`weight_*`), or
          `key->entry` for hashes.
        - `get`: give other values instead, one per pattern and member: such keys, or `#` for the member.
        - `groups`: the values of each member as a tuple.

        Raises Redis's `ResponseError` for members that are no numbers, without `alpha`. A result can't be
        stored, which would be a write on another key.

        `SORT`, Redis 1.0, O(N + M log M): N members, M of them given.
        """
        return self._sort("SORT", start, num, by, get, desc, alpha, groups)

    @overload
    def sort_ro(
        self,
        start: int | None = None,
        num: int | None = None,
        by: str | bytes | None = None,
        get: None = None,
        desc: bool = False,
        alpha: bool = False,
    ) -> list[str]: ...
    @overload
    def sort_ro(
        self,
        start: int | None = None,
        num: int | None = None,
        by: str | bytes | None = None,
        *,
        get: Patterns,
        desc: bool = False,
        alpha: bool = False,
    ) -> list[str | None]: ...
    def sort_ro(
        self,
        start: int | None = None,
        num: int | None = None,
        by: str | bytes | None = None,
        get: Patterns | None = None,
        desc: bool = False,
        alpha: bool = False,
    ) -> Any:
        """The same as `sort`, which replicas run too.

        `SORT_RO`, Redis 7.0, O(N + M log M): N members, M of them given.
        """
        return self._sort("SORT_RO", start, num, by, get, desc, alpha, groups=False)

    def _sort(
        self,
        name: str,
        start: int | None,
        num: int | None,
        by: str | bytes | None,
        get: Patterns | None,
        desc: bool,
        alpha: bool,
        groups: bool,
    ) -> Any:
        if (start is None) != (num is None):
            raise TypeError("sort: give both start and num, or neither")
        patterns = [] if get is None else listed(get, ())
        if groups and len(patterns) < 2:
            raise TypeError("sort: groups needs two patterns to get, or more")
        arguments: list[Value] = []
        if by is not None:
            arguments += ["BY", self.to_redis(by)]
        if start is not None and num is not None:
            arguments += ["LIMIT", integer(start, "start"), integer(num, "num")]
        for pattern in patterns:
            arguments += ["GET", self.to_redis(pattern)]
        arguments += options(desc=desc, alpha=alpha)
        decode: Callable[[Any], Any] = optional_texts if patterns else texts
        if groups:
            decode = partial(_in_groups, len(patterns))
        return self._read(decode, name, *arguments)


def _in_groups(size: int, reply: Any) -> list[tuple[str | None, ...]]:
    return list(zip(*(reply[first::size] for first in range(size)), strict=True))
