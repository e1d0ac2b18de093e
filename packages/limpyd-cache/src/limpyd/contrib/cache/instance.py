"""The cache of the document: what was read is kept on the object through which it was read.

Entries are in a dictionary for each field. A write drops that dictionary rather than emptying it, and a read
puts its own command in the place of the reply that it waits for. A reply is kept only where its command still
stands, so that one which was under way during a write finds no place: that is all the locking there is.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

from limpyd.commands import Command
from limpyd.contrib.cache.base import Cache
from limpyd.contrib.cache.copies import SCALARS, Copied, keepable
from limpyd.contrib.cache.reads import (
    drops_expiry,
    entry_key,
    is_cacheable,
    join,
    joins,
    keeps,
    parts,
    sets_expiry,
    split,
    value_key,
)
from limpyd.contrib.cache.stats import CacheStats
from limpyd.middleware import MISS, Preloader

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["InstanceCache"]

Entries = dict[Hashable, Any]


class _Kept(dict[str, Entries]):
    """What is kept on one object, by field."""

    __slots__ = ("__weakref__",)
    __hash__ = object.__hash__  # type: ignore[assignment]  # told apart by identity, as references to them are
    __eq__ = object.__eq__


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
        self._attribute = f"_cache_{id(self)}"
        self._all: set[ref[_Kept]] = set()
        self._hits = self._misses = self._invalidations = 0

    def before(self, command: Command[Any]) -> object:
        """Answer a read whose reply is kept; drop what a write makes invalid."""
        instance = command.instance
        reads = command.reads
        if instance is None:
            return MISS
        if command.is_write:
            self._drop(command)
            return MISS
        if not reads:
            return MISS
        kept = instance.__dict__.get(self._attribute)
        if kept is not None:
            by_key = kept.get(reads[0])
            if by_key is not None:
                value = by_key.get(entry_key(command), MISS)
                kind = type(value)
                if kind in SCALARS:
                    self._hits += 1
                    return value
                if kind is Copied:
                    self._hits += 1
                    return value.copy()
                if joins(command):
                    value = self._joined(command, kept)
                    if value is not MISS:
                        self._hits += 1
                        return value
        self._expect(command)
        return MISS

    def before_together(self, command: Command[Any]) -> None:
        """Let the reply replace what is kept."""
        if command.instance is None:
            return
        if command.is_write:
            self._drop(command)
        elif command.reads:
            self._expect(command, again=True)

    def after(self, command: Command[Any], value: Any) -> None:
        """Keep the reply to a read, unless a write came between."""
        if command.instance is None:
            return
        if command.is_write:
            self._drop(command)
            return
        reads = command.reads
        kept = command.instance.__dict__.get(self._attribute)
        if kept is None or not reads:
            return
        by_key = kept.get(reads[0])
        key = entry_key(command)
        if by_key is not None and by_key.get(key) is command:
            by_key[key] = keepable(value)
        elif joins(command):
            self._keep_parts(command, kept, split(command, value))

    def preload(self, model: type[RedisModel], names: tuple[str, ...]) -> Preloader:
        """Keep what is read along with a collection on its objects."""
        return self._take

    def forget(self, instance: RedisModel, names: tuple[str, ...]) -> None:
        """Drop what is kept of the fields `names` of an object. Sends nothing."""
        kept = instance.__dict__.get(self._attribute)
        if kept:
            for name in names:
                self._invalidations += len(kept.pop(name, ()))

    def stats(self) -> CacheStats:
        """What was counted so far, and the entries on all objects that are alive. O(N) with their number.

        Counts are exact in one thread, and close to it with many.
        """
        alive = [kept for kept in (each() for each in list(self._all)) if kept is not None]
        number = sum(len(by_key) for kept in alive for by_key in list(kept.values()))
        return CacheStats(self._hits, self._misses, number, 0, self._invalidations)

    def _drop(self, command: Command[Any]) -> None:
        """Drop what is kept of the fields that a write changes."""
        kept = command.instance.__dict__.get(self._attribute)
        if sets_expiry(command):
            kept = self._kept_on(command.instance)
            for name in command.reads:
                self._invalidations += len(kept.get(name, ()))
                kept[name] = _Expiring()
        elif kept:
            lasts = drops_expiry(command)
            for name in command.writes:
                by_key = kept.get(name)
                if by_key is not None and (lasts or type(by_key) is not _Expiring):
                    kept.pop(name, None)
                    self._invalidations += len(by_key)

    def _joined(self, command: Command[Any], kept: _Kept) -> object:
        """The answer to a command that reads several fields of which all are known, else `MISS`."""
        places = parts(command)
        if len(places) < len(command.reads):
            return MISS
        values = []
        for name, key in places:
            by_key = kept.get(name)
            value = MISS if by_key is None else by_key.get(key, MISS)
            if type(value) not in SCALARS:
                return MISS
            values.append(value)
        return join(command, values)

    def _keep_parts(self, command: Command[Any], kept: _Kept, values: Mapping[str, Any]) -> None:
        """Keep the reply to a command that reads several fields, as one entry for each."""
        for name, key in parts(command):
            by_key = kept.get(name)
            if by_key is not None and by_key.get(key) is command:
                by_key[key] = keepable(values[name])

    def _expect(self, command: Command[Any], *, again: bool = False) -> None:
        """Hold the places of a read that is about to be sent; with `again`, those of kept replies, too."""
        if not keeps(command):
            return
        self._misses += 1
        kept = self._kept_on(command.instance)
        if not joins(command):
            kept.setdefault(command.reads[0], {})[entry_key(command)] = command
            return
        for name, key in parts(command):
            by_key = kept.setdefault(name, {})
            if again or type(by_key.get(key, command)) is Command:
                by_key[key] = command

    def _take(self, instance: RedisModel, values: Mapping[str, str | None]) -> None:
        model = type(instance)
        kept = self._kept_on(instance)
        for name, value in values.items():
            if is_cacheable(model, name):
                kept.setdefault(name, {})[value_key(model._fields[name])] = value

    def _kept_on(self, instance: RedisModel) -> _Kept:
        kept: _Kept | None = instance.__dict__.get(self._attribute)
        if kept is None:
            kept = instance.__dict__.setdefault(self._attribute, _Kept())
            self._all.add(ref(kept, self._all.discard))
        return kept
