"""A sorted set: values in the order of their scores, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

from limpyd.decoders import optional_float, popped_from, scored
from limpyd.fields.key import KeyField
from limpyd.fields.ranges import RangeCommands
from limpyd.fields.sort import SortCommands
from limpyd.fields.steps import members, range_of, replied
from limpyd.keys import Value
from limpyd.values import (
    Bound,
    entries_of,
    integer,
    lex_bound,
    number,
    options,
    score,
    score_bound,
    some,
)

__all__ = ["SortedSetField"]


class SortedSetField(RangeCommands, SortCommands, KeyField):
    """Values with scores under the field's own key, with Redis's commands for sorted sets.

    Indexed, an object is found by each of its members, whatever their scores; `unique` means that no two
    objects share one. A new object takes a mapping of members to scores: `Example(scores={"x": 1.5})`.
    """

    kind = "zset"
    setter = "zadd"

    filler = "ZADD"

    def filling(self, value: Any) -> Sequence[Value]:
        """Scores and members."""
        return self._scores_and_members(entries_of(value, str(self)))

    def terms(self, filling: Sequence[Value]) -> Sequence[Value]:
        """The members."""
        return filling[1::2]

    def _scores_and_members(self, mapping: Mapping[Any, Any]) -> tuple[Value, ...]:
        arguments: list[Value] = []
        for member, value in mapping.items():
            arguments += [score(value, f"the score of {member!r}"), self.to_redis(member)]
        return tuple(arguments)

    # -- adding

    @overload
    def zadd(
        self,
        mapping: Mapping[Any, float | str] | None = None,
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: Literal[False] = False,
        gt: bool = False,
        lt: bool = False,
        **scores: float | str,
    ) -> int: ...
    @overload
    def zadd(
        self,
        mapping: Mapping[Any, float | str] | None = None,
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        *,
        incr: Literal[True],
        gt: bool = False,
        lt: bool = False,
        **scores: float | str,
    ) -> float | None: ...
    def zadd(
        self,
        mapping: Mapping[Any, float | str] | None = None,
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
        **scores: float | str,
    ) -> int | float | None:
        """Add members, or give them other scores: a mapping of members to scores, or `zadd(foo=2.5, bar=1)`.

        Both forms can be mixed. The options below, and `mapping`, are no members as keywords; members of
        these names need the mapping. Returns how many are new.

        - `nx`: only add; `xx`: only change scores; `gt`, `lt`: change a score only to a higher or lower one.
        - `ch`: return how many are new or changed.
        - `incr`: add to the score of the one member instead. Returns its score, or None if a condition kept
          it as it was.

        `ZADD`, Redis 1.2 (options 3.0.2, `gt` and `lt` 6.2), O(log N) for each.
        """
        added = self._scores_and_members({**entries_of({} if mapping is None else mapping, "zadd"), **scores})
        some(added, "zadd: a member")
        chosen = options(nx=nx, xx=xx, gt=gt, lt=lt, ch=ch, incr=incr)
        if nx and (xx or gt or lt):
            raise TypeError("zadd: nx can't go with xx, gt or lt")
        if gt and lt:
            raise TypeError("zadd: give gt or lt, not both")
        if incr and len(added) != 2:
            raise TypeError("zadd: incr takes one member")
        touch = members(len(chosen) + 2, 2, "sum")
        if incr:
            return self._write(optional_float, "ZADD", *chosen, *added, touch=touch)
        return self._write(int, "ZADD", *chosen, *added, touch=touch)

    def zincrby(self, amount: float, value: Any) -> float:
        """Add to the score of a member, which is 0 if it is none yet. Returns the new score.

        `ZINCRBY`, Redis 1.2, O(log N).
        """
        amount = number(amount, "amount")
        return self._write(float, "ZINCRBY", amount, self.to_redis(value), touch=members(2, 0))

    # -- removing

    def zrem(self, *values: Any) -> int:
        """Remove members. Returns how many there were.

        `ZREM`, Redis 1.2, O(log N) for each.
        """
        some(values, "zrem: a value")
        removed = [self.to_redis(value) for value in values]
        return self._write(int, "ZREM", *removed, touch=members(combine="sum"))

    def zremrangebyrank(self, min: int, max: int) -> int:
        """Remove the members from rank `min` to rank `max`, both included; negative from the end.

        Returns how many there were.

        `ZREMRANGEBYRANK`, Redis 2.0, O(log N + M): M removed.
        """
        bounds = (integer(min, "min"), integer(max, "max"))
        return self._write(int, "ZREMRANGEBYRANK", *bounds, touch=range_of("ZRANGE"))

    def zremrangebyscore(self, min: Bound, max: Bound) -> int:
        """Remove the members whose scores are from `min` to `max`, both included unless they start with `(`.

        Returns how many there were.

        `ZREMRANGEBYSCORE`, Redis 1.2, O(log N + M): M removed.
        """
        bounds = (score_bound(min, "min"), score_bound(max, "max"))
        return self._write(int, "ZREMRANGEBYSCORE", *bounds, touch=range_of("ZRANGEBYSCORE"))

    def zremrangebylex(self, min: str | bytes, max: str | bytes) -> int:
        """Remove the members between two texts, where all scores are equal: see `zrangebylex`.

        Returns how many there were.

        `ZREMRANGEBYLEX`, Redis 2.8.9, O(log N + M): M removed.
        """
        bounds = (lex_bound(min, "min"), lex_bound(max, "max"))
        return self._write(int, "ZREMRANGEBYLEX", *bounds, touch=range_of("ZRANGEBYLEX"))

    def zpopmin(self, count: int | None = None) -> list[tuple[str, float]]:
        """Remove the member with the lowest score, or the `count` lowest. Returns them with their scores.

        `ZPOPMIN`, Redis 5.0, O(M log N): M removed.
        """
        return self._pop("ZPOPMIN", count)

    def zpopmax(self, count: int | None = None) -> list[tuple[str, float]]:
        """Remove the member with the highest score, or the `count` highest. Returns them with their scores.

        `ZPOPMAX`, Redis 5.0, O(M log N): M removed.
        """
        return self._pop("ZPOPMAX", count)

    def _pop(self, name: str, count: int | None) -> list[tuple[str, float]]:
        arguments = () if count is None else (integer(count, "count"),)
        return self._write(scored(float), name, *arguments, touch=replied(2))

    def zmpop(self, min: bool = False, max: bool = False, count: int = 1) -> list[tuple[str, float]] | None:
        """Remove so many members at most with the lowest (`min`) or the highest (`max`) scores.

        Returns them with their scores, or None of an empty sorted set.

        `ZMPOP`, Redis 7.0, O(M log N): M removed.
        """
        side = options(min=min, max=max)
        if len(side) != 1:
            raise TypeError("zmpop: give min or max")
        count = integer(count, "count")
        return self._write(popped_from(scored(float)), "ZMPOP 1", *side, "COUNT", count, touch=replied(2))
