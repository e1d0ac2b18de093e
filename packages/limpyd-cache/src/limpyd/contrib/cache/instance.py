"""The cache of the document: what was read is kept on the object through which it was read.

Entries are in a dictionary for each field. A read that is sent is itself in the place of its reply (what is
kept is never a tuple), and a write drops the dictionaries of its fields rather than emptying them: a reply
that was under way during a write finds another one, in which it has no place, or goes where nobody looks.
That is all the locking there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from limpyd.commands import Command
from limpyd.contrib.cache.base import Cache
from limpyd.contrib.cache.copies import SCALARS, Copied, keepable
from limpyd.contrib.cache.reads import (
    JOINED,
    KEPT,
    Read,
    drops_expiry,
    hget_key,
    join,
    joins,
    places,
    sets_expiry,
    split,
    value_places,
)
from limpyd.contrib.cache.stats import CacheStats
from limpyd.middleware import MISS, Preloader

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["InstanceCache"]

Entries = dict[Hashable, Any]

_MANY = 1000
"""How many references to objects that are gone are no matter."""


class _Kept(dict[str, Entries]):
    """What is kept on one object, by field, and beside that what was read along with a collection."""

    __slots__ = ("__weakref__", "places", "row")

    row: list[Any]
    """The values that were read along, `MISS` where one was dropped."""
    places: Mapping[str, tuple[int, Hashable]]
    """Of the fields that were read along, the number in the row, and what `Command.read` is for it."""

    def in_row(self, name: str, read: Hashable) -> Any:
        """What a read of a field gives by the row, or `MISS`."""
        place = self.places.get(name)
        return self.row[place[0]] if place is not None and place[1] == read else MISS

    def count(self) -> int:
        """How many entries there are."""
        in_row = sum(self.row[number] is not MISS for number, _ in self.places.values())
        return in_row + sum(len(by_key) for by_key in list(self.values()))

    def drop(self, name: str) -> int:
        """Drop what is kept of a field; return how many entries there were."""
        number = len(self.pop(name, ()))
        place = self.places.get(name)
        if place is not None and self.row[place[0]] is not MISS:
            self.row[place[0]] = MISS
            number += 1
        return number


_NO_ROW: list[Any] = []
_NOWHERE: Mapping[str, tuple[int, Hashable]] = {}


class _Expiring(Entries):
    """Of a value that Redis takes away by itself nothing is kept."""

    __slots__ = ()

    def __setitem__(self, key: Hashable, value: Any) -> None:
        pass


class InstanceCache(Cache):
    """Keeps the replies to reads on the object, by field, command and arguments, as long as the object lives.

    Any write of a field through the object drops what is kept of the field, even if the write fails. What
    others write is not seen: other objects with the same pk, other threads with their own objects, other
    processes; `init_cache()` forgets, and `SharedCache` sees them. A field that was told, through the object,
    to expire is not kept, until it has a value that stays.

    Not kept are commands that read and write, reads of a moment (`ttl`, random members, scans: see
    `limpyd.contrib.cache.reads`), and the first command of an object, which creates it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._name = f"_cache_{id(self)}"
        self._all: deque[ref[_Kept]] = deque()
        self._most = _MANY
        self._hits = self._misses = self._invalidations = 0

    def recall(self, instance: RedisModel, names: tuple[str, ...], read: Read) -> object:
        """Answer a read whose reply is kept; else await its reply."""
        kept = instance._bound.get(self._name)
        by_key = None if kept is None else kept.get(names[0])
        if by_key is not None:
            value = by_key.get(read, MISS)
            kind = type(value)
            if kind in SCALARS:
                self._hits += 1
                return value
            if kind is Copied:
                self._hits += 1
                return value.copy()
        if read[0] in JOINED and joins(type(instance), names, read):
            return self._recall_parts(instance, names, read)
        if kept is not None and kept.places:
            value = kept.in_row(names[0], read)
            if value is not MISS:
                self._hits += 1
                return value
        if read[0] in KEPT and len(names) == 1:
            if by_key is None:
                by_key = (self._kept_on(instance) if kept is None else kept).setdefault(names[0], {})
            by_key[read] = read
            self._misses += 1
        return MISS

    def before(self, command: Command[Any]) -> object:
        """Answer a read whose reply is kept; drop what a write makes invalid."""
        instance = command.instance
        if instance is None:
            return MISS
        if command.is_write:
            self._drop(command)
            return MISS
        return self.recall(instance, command.reads, command.read) if command.read else MISS

    def before_together(self, command: Command[Any]) -> None:
        """Let the reply replace what is kept."""
        if command.instance is None:
            return
        if command.is_write:
            self._drop(command)
        elif command.read:
            self._expect(command.instance, command.reads, command.read, again=True)

    def after(self, command: Command[Any], value: Any) -> None:
        """Keep the reply to a read, unless a write came between."""
        instance = command.instance
        if instance is None:
            return
        if command.is_write:
            self._drop(command)
            return
        read = command.read
        kept = instance._bound.get(self._name)
        if kept is None or not read:
            return
        if read[0] in JOINED and joins(command.model, command.reads, read):
            self._keep_parts(command, kept, value)
            return
        by_key = kept.get(command.reads[0])
        if by_key is not None and by_key.get(read) is read:
            by_key[read] = value if type(value) in SCALARS else keepable(value)

    def preload(self, model: type[RedisModel], names: tuple[str, ...]) -> Preloader:
        """Keep what is read along with a collection on its objects."""
        places = {field.name: (number, key) for number, field, key in value_places(model, names)}
        return partial(self._take, places)

    def forget(self, instance: RedisModel, names: tuple[str, ...]) -> None:
        """Drop what is kept of the fields `names` of an object. Sends nothing."""
        kept = instance._bound.get(self._name)
        if kept is not None:
            for name in names:
                self._invalidations += kept.drop(name)

    def stats(self) -> CacheStats:
        """What was counted so far, and the entries on all objects that are alive. O(N) with their number.

        Counts are exact in one thread, and close to it with many.
        """
        alive = [kept for kept in (each() for each in self._all.copy()) if kept is not None]
        number = sum(map(_Kept.count, alive))
        return CacheStats(self._hits, self._misses, number, 0, self._invalidations)

    def _drop(self, command: Command[Any]) -> None:
        """Drop what is kept of the fields that a write changes."""
        kept = command.instance._bound.get(self._name)
        if sets_expiry(command):
            kept = self._kept_on(command.instance)
            for name in command.reads:
                self._invalidations += kept.drop(name)
                kept[name] = _Expiring()
        elif kept is not None:
            lasts = drops_expiry(command)
            for name in command.writes:
                if lasts or type(kept.get(name)) is not _Expiring:
                    self._invalidations += kept.drop(name)

    def _recall_parts(self, instance: RedisModel, names: tuple[str, ...], read: Read) -> object:
        """Answer a read of several fields if all are known; else await its reply."""
        kept = self._kept_on(instance)
        values = []
        for name in names:
            key = hget_key(name)
            by_key = kept.get(name)
            value = kept.in_row(name, key) if by_key is None else by_key.get(key, MISS)
            if type(value) not in SCALARS:
                self._expect(instance, names, read)
                return MISS
            values.append(value)
        self._hits += 1
        return join(names, read, values)

    def _keep_parts(self, command: Command[Any], kept: _Kept, value: Any) -> None:
        """Keep the reply to a read of several fields in its places, as far as they are still its own."""
        values = split(command, value)
        for name, key in places(command.model, command.reads, command.read):
            by_key = kept.get(name)
            if by_key is not None and by_key.get(key) is command.read:
                by_key[key] = values[name]

    def _expect(
        self, instance: RedisModel, names: tuple[str, ...], read: Read, *, again: bool = False
    ) -> None:
        """Hold the places of a read that is about to be sent; with `again`, those of kept replies, too."""
        wanted = places(type(instance), names, read)
        if not wanted:
            return
        self._misses += 1
        kept = self._kept_on(instance)
        for name, key in wanted:
            if again or kept.in_row(name, key) is MISS:
                by_key = kept.setdefault(name, {})
                if again or type(by_key.get(key, read)) is tuple:
                    by_key[key] = read

    def _take(
        self,
        places: Mapping[str, tuple[int, Hashable]],
        instance: RedisModel,
        values: Sequence[str | None],
    ) -> None:
        """Keep what was read along with a collection, of an object that was just made."""
        kept = self._kept_on(instance)
        kept.row, kept.places = list(values), places

    def _kept_on(self, instance: RedisModel) -> _Kept:
        kept: _Kept | None = instance._bound.get(self._name)
        if kept is None:
            new = _Kept()
            new.row, new.places = _NO_ROW, _NOWHERE
            kept = instance._bound.setdefault(self._name, new)
            if kept is new:
                self._all.append(ref(kept))
                if len(self._all) > self._most:
                    self._forget_the_dead()
        return kept

    def _forget_the_dead(self) -> None:
        """Drop the references to what is gone, once they may be half of all: cheaper than one by one."""
        with suppress(IndexError):  # another thread does it, too
            for _ in range(len(self._all)):
                each = self._all.popleft()
                if each() is not None:
                    self._all.append(each)
        self._most = 2 * len(self._all) + _MANY
