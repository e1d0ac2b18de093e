"""Values of many members: a set, a list, a sorted set, a hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from redis.exceptions import ResponseError

from limpyd_testing.plain.base import PlainValue, UndefinedError, added, added_float, encoded

__all__ = ["PlainHash", "PlainList", "PlainSet", "PlainSortedSet"]


class PlainSet(PlainValue):
    """A set."""

    value: set[str]

    @staticmethod
    def empty() -> set[str]:
        """No members."""
        return set()

    def sadd(self, *values: str) -> int:
        """How many are new."""
        old = len(self.value)
        self.value |= set(values)
        return len(self.value) - old

    def srem(self, *values: str) -> int:
        """How many there were."""
        old = len(self.value)
        self.value -= set(values)
        return old - len(self.value)

    def spop(self, count: int | None = None) -> Any:
        """Some members, which Redis may choose otherwise."""
        popped = sorted(self.value)[: 1 if count is None else count]
        self.value -= set(popped)
        return popped if count is not None else popped[0] if popped else None


class PlainList(PlainValue):
    """A list."""

    value: list[str]

    @staticmethod
    def empty() -> list[str]:
        """No values."""
        return []

    def rpush(self, *values: str) -> int:
        """The length."""
        self.value.extend(values)
        return len(self.value)

    def lpush(self, *values: str) -> int:
        """The length."""
        self.value[:0] = reversed(values)
        return len(self.value)

    def rpushx(self, *values: str) -> int:
        """The length."""
        return self.rpush(*values) if self.value else 0

    def lpushx(self, *values: str) -> int:
        """The length."""
        return self.lpush(*values) if self.value else 0

    def linsert(self, where: str, refvalue: str, value: str) -> int:
        """The length, -1 without such a value, 0 without a list."""
        if refvalue not in self.value:
            return -1 if self.value else 0
        self.value.insert(self.value.index(refvalue) + (where == "AFTER"), value)
        return len(self.value)

    def lset(self, index: int, value: str) -> bool:
        """True."""
        if not -len(self.value) <= index < len(self.value):
            raise ResponseError("index out of range")
        self.value[index] = value
        return True

    def lpop(self, count: int | None = None) -> Any:
        """The first values."""
        if not self.value:
            return None
        popped = self.value[: 1 if count is None else count]
        del self.value[: len(popped)]
        return popped[0] if count is None else popped

    def rpop(self, count: int | None = None) -> Any:
        """The last values."""
        self.value.reverse()
        popped = self.lpop(count)
        self.value.reverse()
        return popped

    def lmpop(self, direction: str, count: int = 1) -> Any:
        """The values of one side."""
        return self.lpop(count) if direction == "LEFT" else self.rpop(count)

    def lrem(self, count: int, value: str) -> int:
        """How often it was removed."""
        places = [place for place, each in enumerate(self.value) if each == value]
        chosen = places[count:] if count < 0 else places[:count] if count else places
        for place in reversed(chosen):
            del self.value[place]
        return len(chosen)

    def ltrim(self, start: int, end: int) -> bool:
        """True."""
        first, last = (bound + len(self.value) if bound < 0 else bound for bound in (start, end))
        self.value = self.value[max(first, 0) : max(last + 1, 0)]
        return True


class PlainSortedSet(PlainValue):
    """A sorted set."""

    value: dict[str, float]

    @staticmethod
    def empty() -> dict[str, float]:
        """No members."""
        return {}

    @property
    def stored(self) -> list[tuple[str, float]] | None:
        """Members and scores in order."""
        return sorted(self.value.items(), key=lambda item: (item[1], encoded(item[0]))) or None

    def zadd(
        self,
        mapping: Mapping[str, float],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """How many are new (or changed); the new score where `incr`."""
        new = changed = 0
        for member, amount in mapping.items():
            old = self.value.get(member)
            score = _score(old or 0, amount) if incr else amount
            is_kept = (xx and old is None) or (old is not None and _is_kept(old, score, nx, gt, lt))
            if not is_kept:
                new += old is None
                changed += old != score
                self.value[member] = score
            if incr:
                return None if is_kept else score
        return changed if ch else new

    def zincrby(self, amount: float, value: str) -> float:
        """The new score."""
        self.value[value] = _score(self.value.get(value, 0), amount)
        return self.value[value]

    def zrem(self, *values: str) -> int:
        """How many there were."""
        return self._remove(set(values) & set(self.value))

    def zremrangebyrank(self, min: int, max: int) -> int:
        """How many there were."""
        ranked = PlainList([member for member, _ in self.stored or ()])
        ranked.ltrim(min, max)
        return self._remove(ranked.value)

    def zremrangebyscore(self, min: str, max: str) -> int:
        """How many there were."""
        lower, upper = float(min.lstrip("(")), float(max.lstrip("("))
        return self._remove(
            [
                member
                for member, score in self.value.items()
                if (lower < score if "(" in min else lower <= score)
                and (score < upper if "(" in max else score <= upper)
            ]
        )

    def zremrangebylex(self, min: str, max: str) -> int:
        """How many there were."""
        if len(set(self.value.values())) > 1:
            raise UndefinedError
        lower, upper = encoded(min[1:]), encoded(max[1:])
        return self._remove(
            [
                member
                for member in self.value
                if (min == "-" or lower < encoded(member) or (min[0] == "[" and lower == encoded(member)))
                and (max == "+" or encoded(member) < upper or (max[0] == "[" and upper == encoded(member)))
            ]
        )

    def zpopmin(self, count: int | None = None) -> list[tuple[str, float]]:
        """Those with the lowest scores."""
        popped = (self.stored or [])[: 1 if count is None else count]
        self._remove([member for member, _ in popped])
        return popped

    def zpopmax(self, count: int | None = None) -> list[tuple[str, float]]:
        """Those with the highest scores."""
        popped = (self.stored or [])[::-1][: 1 if count is None else count]
        self._remove([member for member, _ in popped])
        return popped

    def zmpop(self, min: bool = False, max: bool = False, count: int = 1) -> list[tuple[str, float]] | None:
        """Those of one side."""
        return (self.zpopmin(count) if min else self.zpopmax(count)) or None

    def _remove(self, members: Iterable[str]) -> int:
        gone = [self.value.pop(member) for member in members]
        return len(gone)


class PlainHash(PlainValue):
    """A hash."""

    value: dict[str, str]

    @staticmethod
    def empty() -> dict[str, str]:
        """No entries."""
        return {}

    @property
    def terms(self) -> set[str]:
        """Entries with their values."""
        return {f"{entry}:{value}" for entry, value in self.value.items()}

    def hset(
        self, key: str | None = None, value: str | None = None, mapping: Mapping[str, str] | None = None
    ) -> int:
        """How many are new."""
        entries = dict(mapping or {})
        if key is not None and value is not None:
            entries = {key: value} | entries
        old = len(self.value)
        self.value |= entries
        return len(self.value) - old

    def hmset(self, mapping: Mapping[str, str]) -> bool:
        """True."""
        self.hset(mapping=mapping)
        return True

    def hsetnx(self, key: str, value: str) -> bool:
        """Whether it was set."""
        return key not in self.value and bool(self.hset(key, value))

    def hsetex(
        self, key: None, value: None, mapping: Mapping[str, str], data_persist_option: str | None = None
    ) -> int:
        """Whether they were set."""
        present = [entry in self.value for entry in mapping]
        needed = {None: True, "FNX": not any(present), "FXX": all(present)}
        if needed[data_persist_option]:
            self.hset(mapping=mapping)
        return int(needed[data_persist_option])

    def hincrby(self, key: str, amount: int) -> int:
        """The new value."""
        number = added(self.value.get(key), amount)
        self.value[key] = str(number)
        return number

    def hincrbyfloat(self, key: str, amount: float) -> float:
        """The new value."""
        self.value[key] = added_float(self.value.get(key), amount)
        return float(self.value[key])

    def hdel(self, *keys: str) -> int:
        """How many there were."""
        return sum(self.value.pop(key, None) is not None for key in keys)

    def hgetdel(self, *keys: str) -> list[str | None]:
        """The old values."""
        return [self.value.pop(key, None) for key in keys]

    def hgetex(self, *keys: str, persist: bool) -> list[str | None]:
        """The values."""
        return [self.value.get(key) for key in keys]

    def hpersist(self, *keys: str) -> list[int]:
        """Whether there are entries, none of which expires."""
        return [-1 if key in self.value else -2 for key in keys]


def _score(old: float, amount: float) -> float:
    score = float(old + amount)
    if score != score:  # only what is no number differs from itself
        raise ResponseError("resulting score is not a number (NaN)")
    return score


def _is_kept(old: float, score: float, nx: bool, gt: bool, lt: bool) -> bool:
    """Whether ZADD's options keep a member's score as it was."""
    return nx or (gt and score <= old) or (lt and score >= old)
