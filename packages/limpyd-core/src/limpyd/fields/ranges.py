"""Reading sorted sets: by rank, by score, by text, by member, at random, and all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeVar, overload

from limpyd.decoders import (
    optional_float,
    optional_floats,
    optional_int,
    optional_text,
    rank_and_score,
    scored,
    texts,
)
from limpyd.fields.scan import ScanCommands
from limpyd.keys import Value
from limpyd.values import Bound, integer, lex_bound, listed, options, score_bound, some

__all__ = ["RangeCommands"]

S = TypeVar("S")


class RangeCommands(ScanCommands):
    """The part of `SortedSetField` that reads.

    Ranks count from 0, the lowest score; negative ones from the end. Where members come with their scores, a
    `score_cast_func` makes something else of each, which is a float.
    """

    # -- one member, or some

    def zcard(self) -> int:
        """How many members there are.

        `ZCARD`, Redis 1.2, O(1).
        """
        return self._read(int, "ZCARD")

    def zscore(self, value: Any) -> float | None:
        """The score of a member, or None if it is none.

        `ZSCORE`, Redis 1.2, O(1).
        """
        return self._read(optional_float, "ZSCORE", self.to_redis(value))

    def zmscore(self, members: Iterable[Any]) -> list[float | None]:
        """The score of each member, or None for what is none.

        `ZMSCORE`, Redis 6.2, O(N) with their number.
        """
        wanted = [self.to_redis(member) for member in listed(members, ())]
        some(wanted, "zmscore: a member")
        return self._read(optional_floats, "ZMSCORE", *wanted)

    @overload
    def zrank(self, value: Any, withscore: Literal[False] = False) -> int | None: ...
    @overload
    def zrank(self, value: Any, withscore: Literal[True]) -> tuple[int, float] | None: ...
    @overload
    def zrank(
        self, value: Any, withscore: Literal[True], score_cast_func: Callable[[float], S]
    ) -> tuple[int, S] | None: ...
    def zrank(
        self, value: Any, withscore: bool = False, score_cast_func: Callable[[float], Any] = float
    ) -> Any:
        """The rank of a member, or None if it is none; with `withscore` a tuple of rank and score.

        `ZRANK`, Redis 2.0 (`withscore` 7.2), O(log N).
        """
        return self._rank("ZRANK", value, withscore, score_cast_func)

    @overload
    def zrevrank(self, value: Any, withscore: Literal[False] = False) -> int | None: ...
    @overload
    def zrevrank(self, value: Any, withscore: Literal[True]) -> tuple[int, float] | None: ...
    @overload
    def zrevrank(
        self, value: Any, withscore: Literal[True], score_cast_func: Callable[[float], S]
    ) -> tuple[int, S] | None: ...
    def zrevrank(
        self, value: Any, withscore: bool = False, score_cast_func: Callable[[float], Any] = float
    ) -> Any:
        """Like `zrank`, from the highest score.

        `ZREVRANK`, Redis 2.0 (`withscore` 7.2), O(log N).
        """
        return self._rank("ZREVRANK", value, withscore, score_cast_func)

    def _rank(self, name: str, value: Any, withscore: bool, score_cast_func: Callable[[float], S]) -> Any:
        chosen = options(withscore=withscore)
        decode: Callable[[Any], Any] = rank_and_score(score_cast_func) if withscore else optional_int
        return self._read(decode, name, self.to_redis(value), *chosen)

    @overload
    def zrandmember(self, count: None = None, withscores: Literal[False] = False) -> str | None: ...
    @overload
    def zrandmember(self, count: int, withscores: Literal[False] = False) -> list[str]: ...
    @overload
    def zrandmember(self, count: int, withscores: Literal[True]) -> list[tuple[str, float]]: ...
    def zrandmember(self, count: int | None = None, withscores: bool = False) -> Any:
        """A random member, or None of an empty sorted set.

        `count`: so many different ones, as a list, with their scores where `withscores`; a negative count
        may give one more than once.

        `ZRANDMEMBER`, Redis 6.2, O(N) with the count.
        """
        chosen = options(withscores=withscores)
        if count is None:
            if withscores:
                raise TypeError("zrandmember: withscores needs a count")
            return self._read(optional_text, "ZRANDMEMBER")
        decode: Callable[[Any], Any] = scored(float) if withscores else texts
        return self._read(decode, "ZRANDMEMBER", integer(count, "count"), *chosen)

    # -- counting

    def zcount(self, min: Bound, max: Bound) -> int:
        """How many members have scores from `min` to `max`, both included unless they start with `(`.

        `ZCOUNT`, Redis 2.0, O(log N).
        """
        return self._read(int, "ZCOUNT", score_bound(min, "min"), score_bound(max, "max"))

    def zlexcount(self, min: str | bytes, max: str | bytes) -> int:
        """How many members are between two texts, where all scores are equal: see `zrangebylex`.

        `ZLEXCOUNT`, Redis 2.8.9, O(log N).
        """
        return self._read(int, "ZLEXCOUNT", lex_bound(min, "min"), lex_bound(max, "max"))

    # -- ranges

    @overload
    def zrange(
        self,
        start: Bound,
        end: Bound,
        desc: bool = False,
        withscores: Literal[False] = False,
        score_cast_func: Callable[[float], Any] = float,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[str]: ...
    @overload
    def zrange(
        self,
        start: Bound,
        end: Bound,
        desc: bool = False,
        *,
        withscores: Literal[True],
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[tuple[str, float]]: ...
    @overload
    def zrange(
        self,
        start: Bound,
        end: Bound,
        desc: bool = False,
        *,
        withscores: Literal[True],
        score_cast_func: Callable[[float], S],
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[tuple[str, S]]: ...
    def zrange(
        self,
        start: Bound,
        end: Bound,
        desc: bool = False,
        withscores: bool = False,
        score_cast_func: Callable[[float], Any] = float,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Any:
        """The members from rank `start` to rank `end`, both included, by rising scores.

        - `desc`: by falling scores (`start` and `end` of a range of scores or texts are swapped, too).
        - `withscores`: as tuples with their scores.
        - `byscore`: `start` and `end` are scores, as for `zrangebyscore`; `bylex`: texts, as for
          `zrangebylex`. Then `offset` and `num` skip so many, and give so many at most (both or neither).

        `ZRANGE`, Redis 1.2 (`byscore`, `bylex` and `desc` 6.2), O(log N + M): M given.
        """
        if byscore and bylex:
            raise TypeError("zrange: give byscore or bylex, not both")
        check: Callable[[Any, str], Value] = integer
        if byscore:
            check = score_bound
        elif bylex:
            check = lex_bound
        elif offset is not None or num is not None:
            raise TypeError("zrange: offset and num need byscore or bylex")
        arguments = [check(start, "start"), check(end, "end"), *options(byscore=byscore, bylex=bylex)]
        if options(desc=desc):
            arguments.append("REV")
        arguments += _limit("zrange: offset", offset, num)
        return self._range("ZRANGE", arguments, withscores, score_cast_func)

    @overload
    def zrevrange(self, start: int, end: int, withscores: Literal[False] = False) -> list[str]: ...
    @overload
    def zrevrange(self, start: int, end: int, withscores: Literal[True]) -> list[tuple[str, float]]: ...
    @overload
    def zrevrange(
        self, start: int, end: int, withscores: Literal[True], score_cast_func: Callable[[float], S]
    ) -> list[tuple[str, S]]: ...
    def zrevrange(
        self,
        start: int,
        end: int,
        withscores: bool = False,
        score_cast_func: Callable[[float], Any] = float,
    ) -> Any:
        """The members from rank `start` to rank `end`, ranks and members by falling scores.

        `ZREVRANGE`, Redis 1.2, O(log N + M): M given.
        """
        arguments: list[Value] = [integer(start, "start"), integer(end, "end")]
        return self._range("ZREVRANGE", arguments, withscores, score_cast_func)

    @overload
    def zrangebyscore(
        self,
        min: Bound,
        max: Bound,
        start: int | None = None,
        num: int | None = None,
        withscores: Literal[False] = False,
    ) -> list[str]: ...
    @overload
    def zrangebyscore(
        self,
        min: Bound,
        max: Bound,
        start: int | None = None,
        num: int | None = None,
        *,
        withscores: Literal[True],
    ) -> list[tuple[str, float]]: ...
    @overload
    def zrangebyscore(
        self,
        min: Bound,
        max: Bound,
        start: int | None = None,
        num: int | None = None,
        *,
        withscores: Literal[True],
        score_cast_func: Callable[[float], S],
    ) -> list[tuple[str, S]]: ...
    def zrangebyscore(
        self,
        min: Bound,
        max: Bound,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Callable[[float], Any] = float,
    ) -> Any:
        """The members whose scores are from `min` to `max`, by rising scores.

        Both are numbers, or texts: `(1.5` without 1.5 itself, `-inf` and `+inf` for no end. `start` and `num`
        skip so many, and give so many at most (both or neither). `withscores`: as tuples with their scores.

        `ZRANGEBYSCORE`, Redis 1.0.5, O(log N + M): M given.
        """
        arguments = [score_bound(min, "min"), score_bound(max, "max")]
        arguments += _limit("zrangebyscore: start", start, num)
        return self._range("ZRANGEBYSCORE", arguments, withscores, score_cast_func)

    @overload
    def zrevrangebyscore(
        self,
        max: Bound,
        min: Bound,
        start: int | None = None,
        num: int | None = None,
        withscores: Literal[False] = False,
    ) -> list[str]: ...
    @overload
    def zrevrangebyscore(
        self,
        max: Bound,
        min: Bound,
        start: int | None = None,
        num: int | None = None,
        *,
        withscores: Literal[True],
    ) -> list[tuple[str, float]]: ...
    @overload
    def zrevrangebyscore(
        self,
        max: Bound,
        min: Bound,
        start: int | None = None,
        num: int | None = None,
        *,
        withscores: Literal[True],
        score_cast_func: Callable[[float], S],
    ) -> list[tuple[str, S]]: ...
    def zrevrangebyscore(
        self,
        max: Bound,
        min: Bound,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Callable[[float], Any] = float,
    ) -> Any:
        """Like `zrangebyscore`, by falling scores; the higher end comes first.

        `ZREVRANGEBYSCORE`, Redis 2.2, O(log N + M): M given.
        """
        arguments = [score_bound(max, "max"), score_bound(min, "min")]
        arguments += _limit("zrevrangebyscore: start", start, num)
        return self._range("ZREVRANGEBYSCORE", arguments, withscores, score_cast_func)

    def zrangebylex(
        self, min: str | bytes, max: str | bytes, start: int | None = None, num: int | None = None
    ) -> list[str]:
        """The members between two texts, by bytes, where all scores are equal.

        `[a` is from a on, `(a` from behind it; `-` and `+` are the two ends. `start` and `num` skip so many,
        and give so many at most (both or neither).

        `ZRANGEBYLEX`, Redis 2.8.9, O(log N + M): M given.
        """
        bounds = (lex_bound(min, "min"), lex_bound(max, "max"))
        return self._read(texts, "ZRANGEBYLEX", *bounds, *_limit("zrangebylex: start", start, num))

    def zrevrangebylex(
        self, max: str | bytes, min: str | bytes, start: int | None = None, num: int | None = None
    ) -> list[str]:
        """Like `zrangebylex`, from the end; the higher text comes first.

        `ZREVRANGEBYLEX`, Redis 2.8.9, O(log N + M): M given.
        """
        bounds = (lex_bound(max, "max"), lex_bound(min, "min"))
        return self._read(texts, "ZREVRANGEBYLEX", *bounds, *_limit("zrevrangebylex: start", start, num))

    def _range(
        self, name: str, arguments: list[Value], withscores: bool, score_cast_func: Callable[[float], Any]
    ) -> Any:
        chosen = options(withscores=withscores)
        decode: Callable[[Any], Any] = scored(score_cast_func) if withscores else texts
        return self._read(decode, name, *arguments, *chosen)

    # -- all

    @overload
    def zscan(
        self, match: str | bytes | None = None, count: int | None = None
    ) -> Iterator[tuple[str, float]]: ...
    @overload
    def zscan(
        self,
        match: str | bytes | None = None,
        count: int | None = None,
        *,
        score_cast_func: Callable[[float], S],
    ) -> Iterator[tuple[str, S]]: ...
    def zscan(
        self,
        match: str | bytes | None = None,
        count: int | None = None,
        score_cast_func: Callable[[float], Any] = float,
    ) -> Iterator[tuple[str, Any]]:
        """Iterate over all members and scores; one may come twice if the sorted set changes meanwhile.

        `match`: only those that match a glob pattern. `count`: about how many Redis looks at in one request.

        `ZSCAN`, Redis 2.8, O(1) a batch, O(N) in all; one request a batch.
        """
        return self._scan(scored(score_cast_func), "ZSCAN", match, count)

    def zscan_iter(
        self,
        match: str | bytes | None = None,
        count: int | None = None,
        score_cast_func: Callable[[float], Any] = float,
    ) -> Iterator[tuple[str, Any]]:
        """The same as `zscan`, by redis-py's name.

        `ZSCAN`, Redis 2.8, O(1) a batch, O(N) in all; one request a batch.
        """
        return self.zscan(match, count, score_cast_func=score_cast_func)


def _limit(what: str, start: int | None, num: int | None) -> list[Value]:
    if (start is None) != (num is None):
        raise TypeError(f"{what} and num go together; give both or neither")
    if start is None or num is None:
        return []
    return ["LIMIT", integer(start, "start"), integer(num, "num")]
