"""The cache of a process: what was read is kept for all objects and threads until the server says it changed.

Entries are grouped by Redis key, which is what the server names when a value changes. A read holds the place
of its reply until that is there, and every change of the key, whoever made it, drops the group with its
places: a reply that was under way meanwhile finds none and is not kept.

- Own writes drop the group before they are sent and again when they are done, so that whoever learns in this
  process that a write is done can't read what was before it.
- Others' writes are dropped when the server's message is here, less than a millisecond later on one machine.
  In that time, who has learnt of the change by another way can still read the old value.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from threading import Lock
from time import monotonic as time
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod, WeakSet

from limpyd import keys
from limpyd.commands import Command
from limpyd.contrib.cache.base import Cache
from limpyd.contrib.cache.copies import SCALARS, Copied, keepable
from limpyd.contrib.cache.reads import (
    JOINED,
    KEPT,
    Read,
    hget_key,
    join,
    joins,
    places,
    split,
    value_places,
)
from limpyd.contrib.cache.stats import CacheStats
from limpyd.contrib.cache.tracking import Tracking
from limpyd.exceptions import ImplementationError
from limpyd.middleware import MISS, Preloader
from redis.exceptions import ResponseError

if TYPE_CHECKING:
    from limpyd.database import RedisDatabase
    from limpyd.fields import Field
    from limpyd.model import RedisModel

__all__ = ["SharedCache"]


_NOTED = 10_000
"""How many changes are noted at most."""


class _Group(dict[Hashable, Any]):
    """What is kept of the value at one Redis key."""

    __slots__ = ("deadline",)

    deadline: float
    """Until when, where the cache has a `ttl`."""


class _Preload:
    """What has changed since values were read along with a collection, while somebody holds these."""

    def __init__(self, take: Callable[[_Preload, RedisModel, Sequence[str | None]], None]) -> None:
        self._take = take
        self._changed: set[Any] = set()
        self.all_changed = False

    def note(self, key: Any) -> None:
        """Note that a key has changed; after many, count all as changed."""
        self._changed.add(key)
        if len(self._changed) > _NOTED:
            self.all_changed = True
            self._changed.clear()

    def has_changed(self, key: Any) -> bool:
        """Whether what was read of a key may be old."""
        return self.all_changed or key in self._changed

    def __call__(self, instance: RedisModel, values: Sequence[str | None]) -> None:
        self._take(self, instance, values)


class SharedCache(Cache):
    """Keeps the replies to reads of a database for all its objects, while the server tells what changes.

    - `max_entries`: how many replies are kept; the least recently used go first, all of one value together.
    - `ttl`: seconds after which a value is read again in any case; None for never.

    The first read opens a connection of its own to the server, on which a thread listens; `close()` ends
    both. While that connection is lost nothing is kept. A value that expires is dropped when the server
    removes it, which may be a moment later than its time; give a `ttl` to have a bound for everything.

    Raises `ImplementationError` at the first read if the server has no `CLIENT TRACKING` (Redis 6.0, Valkey).
    """

    def __init__(self, max_entries: int = 10_000, ttl: float | None = None) -> None:
        super().__init__()
        if max_entries < 1:
            raise ImplementationError(f"SharedCache: max_entries must be at least 1, not {max_entries}")
        if ttl is not None and ttl <= 0:
            raise ImplementationError(f"SharedCache: ttl must be more than 0 seconds, or None, not {ttl}")
        self.max_entries = max_entries
        self.ttl = ttl
        self._hits = self._misses = self._evictions = self._invalidations = 0
        self._begin()
        _alive.add(self)

    def _begin(self) -> None:
        """Start with nothing: no entries, no connection, no lock that somebody holds."""
        self._lock = Lock()
        self._starting = Lock()
        self._groups: OrderedDict[Any, _Group] = OrderedDict()
        self._number = 0
        self._under_way: WeakSet[_Preload] = WeakSet()
        self._tracking: Tracking | None = None
        self._tracked: frozenset[str] = frozenset()
        self._closed = False

    # -- the hooks

    def recall(self, instance: RedisModel, names: tuple[str, ...], read: Read) -> object:
        """Answer a read whose reply is kept; else await its reply.

        An answer takes no lock: a value that is dropped meanwhile was right when the read began.
        """
        model = type(instance)
        pk: Any = instance._pk  # which there is
        key = keys.field_key(model._key, pk, model._fields[names[0]].suffix)
        group = self._groups.get(key)
        if group is not None and self.ttl is not None and group.deadline <= time():
            group = None
        value: Any = MISS if group is None else group.get(read, MISS)
        kind = type(value)
        if kind is Copied:
            value = value.copy()
        elif kind not in SCALARS:
            if read[0] in JOINED and joins(model, names, read):
                value = self._recall_parts(model, key, group, names, read)
            elif read[0] in KEPT and len(names) == 1:
                value = self._expect(model, key, (read,), read)
            else:
                value = MISS
            if value is MISS:
                return MISS
        self._hits += 1
        try:  # noqa: SIM105  # suppress takes half as long as all of a hit
            self._groups.move_to_end(key)
        except KeyError:  # the group was dropped meanwhile
            pass
        return value

    def before(self, command: Command[Any]) -> object:
        """Answer a read whose reply is kept; drop what a write makes invalid."""
        if command.is_write:
            self._change(command)
            return MISS
        return self.recall(command.instance, command.reads, command.read) if command.read else MISS

    def before_together(self, command: Command[Any]) -> None:
        """Let the reply replace what is kept."""
        if command.is_write:
            self._change(command)
        elif command.read:
            entries = [entry for _, entry in places(command.model, command.reads, command.read)]
            if entries:
                self._expect(command.model, command.keys[0], entries, command.read)

    def after(self, command: Command[Any], value: Any) -> None:
        """Keep the reply to a read, unless the value changed meanwhile.

        This takes no lock: who drops the group of a key takes it out of the cache as a whole, and what is put
        into it afterwards is not found any more.
        """
        if command.is_write:
            self._change(command, value)
            return
        read = command.read
        group = self._groups.get(command.keys[0]) if read else None
        if group is None:
            return
        if read[0] in JOINED and joins(command.model, command.reads, read):
            values = split(command, value)
            for name, entry in places(command.model, command.reads, read):
                if group.get(entry) is read:
                    group[entry] = values[name]
        elif group.get(read) is read:
            group[read] = value if type(value) in SCALARS else keepable(value)

    def preload(self, model: type[RedisModel], names: tuple[str, ...]) -> Preloader:
        """Keep what is read along with a collection, unless it changes before objects are made of that."""
        self._track(model)
        preload = _Preload(partial(self._take, value_places(model, names)))
        with self._lock:
            if self._tracking is None or not self._tracking.listening:
                preload.all_changed = True
            self._under_way.add(preload)
        return preload

    # -- for users

    def forget(self, instance: RedisModel, names: tuple[str, ...]) -> None:
        """Drop what is kept of the fields `names` of an object, for all with its pk. Sends nothing."""
        if instance._pk is not None:
            self._drop(_field_keys(type(instance), instance._pk, names))

    def stats(self) -> CacheStats:
        """What was counted since the cache was made."""
        with self._lock:
            return CacheStats(self._hits, self._misses, self._number, self._evictions, self._invalidations)

    def close(self) -> None:
        """Forget everything, keep nothing from now on, and close the connection to the server."""
        with self._starting:
            self._closed = True
            if self._tracking is not None:
                self._tracking.close()
                self._tracking = None
        self._empty()

    def __del__(self) -> None:
        tracking = self.__dict__.get("_tracking")
        if tracking is not None:
            tracking.stop()

    # -- entries

    def _recall_parts(
        self, model: type[RedisModel], key: Any, group: _Group | None, names: tuple[str, ...], read: Read
    ) -> object:
        """Answer a read of several fields if all are known; else await its reply."""
        known: Mapping[Hashable, Any] = {} if group is None else group
        values = [known.get(hget_key(name), MISS) for name in names]
        if all(type(value) in SCALARS for value in values):
            return join(names, read, values)
        wanted = [entry for _, entry in places(model, names, read)]
        if not wanted:
            return MISS
        free = [entry for entry in wanted if type(known.get(entry, read)) is tuple]
        return self._expect(model, key, free, read)

    def _expect(self, model: type[RedisModel], key: Any, entries: Iterable[Hashable], read: Read) -> object:
        """Hold the places of a read that is about to be sent. Returns `MISS`."""
        if model._key not in self._tracked:
            self._track(model)
        lock = self._lock
        lock.acquire()  # a `with` takes as long as all that is done here
        try:
            self._misses += 1
            if self._tracking is not None and self._tracking.listening:
                for entry in entries:
                    self._put(key, entry, read)
        finally:
            lock.release()
        return MISS

    def _take(
        self,
        wanted: list[tuple[int, Field, Hashable]],
        preload: _Preload,
        instance: RedisModel,
        values: Sequence[str | None],
    ) -> None:
        """Keep what was read along with a collection, of an object."""
        with self._lock:
            for number, field, entry in wanted:
                key = keys.field_key(instance._key, str(instance._pk), field.suffix)
                if not preload.has_changed(key):
                    self._put(key, entry, values[number])

    def _put(self, key: Any, entry: Hashable, what: object) -> None:
        """Put an entry into the group of a key, which has just been used; under the lock."""
        group = self._groups.get(key)
        if group is not None and self.ttl is not None and group.deadline <= time():
            self._evictions += self._take_out(key)
            group = None
        if group is None:  # a new key is the last
            group = self._groups[key] = _Group()
            if self.ttl is not None:
                group.deadline = time() + self.ttl
        else:
            self._groups.move_to_end(key)
        if entry not in group:
            self._number += 1
        group[entry] = what
        if self._number > self.max_entries:
            self._make_room()

    def _make_room(self) -> None:
        """Drop the least recently used as long as there are too many; under the lock."""
        while self._number > self.max_entries:
            _, group = self._groups.popitem(last=False)
            self._number -= len(group)
            self._evictions += len(group)

    def _take_out(self, key: Any) -> int:
        """Drop the group of a key, under the lock; return how many entries there were."""
        group = self._groups.pop(key, None)
        if group is None:
            return 0
        self._number -= len(group)
        return len(group)

    def _drop(self, names: Iterable[Any]) -> None:
        with self._lock:
            for key in names:
                self._invalidations += self._take_out(key)
                for preload in self._under_way:
                    preload.note(key)

    def _change(self, command: Command[Any], value: Any = None) -> None:
        """Drop what a write of this process changes."""
        changed = set(command.keys)
        for pk in _pks(command, value):
            changed.update(_field_keys(command.model, pk, command.writes))
        self._drop(changed)

    # -- the server

    def _track(self, model: type[RedisModel]) -> None:
        """Listen to what changes of this model, and of the others that the database has by now."""
        if model._key in self._tracked:
            return
        with self._starting:
            if model._key in self._tracked or self._closed:
                return
            if self._database is None:
                raise ImplementationError("SharedCache: give the cache to a database, as its middleware")
            models = {model._key, *(each._key for each in self._database.models if each.cacheable)}
            if self._tracking is not None:
                self._tracking.close()
                self._tracking = None
                self._empty()
            self._tracking = _tracking(self, self._database, models)
            self._tracked = frozenset(models)

    def _on_change(self, names: Iterable[str] | None) -> None:
        if names is None:
            self._empty()
        else:
            self._drop(names)

    def _empty(self) -> None:
        with self._lock:
            self._invalidations += self._number
            self._number = 0
            self._groups.clear()
            for preload in self._under_way:
                preload.all_changed = True


def _pks(command: Command[Any], value: Any) -> list[str]:
    """The pks of the objects that a write works on; a write of many answers with them."""
    if command.instance is not None:
        known: Iterable[Any] = (command.instance._pk, command.instance._deleted)
    elif command.model is not None:
        known = value if isinstance(value, list) else (value,)
    else:
        known = ()
    return [pk for pk in known if isinstance(pk, str)]


def _field_keys(model: type[RedisModel], pk: str, names: Iterable[str]) -> set[str]:
    return {keys.field_key(model._key, pk, model._fields[name].suffix) for name in names}


def _tracking(cache: SharedCache, database: RedisDatabase, models: Iterable[str]) -> Tracking:
    """A started connection; it does not keep the cache alive."""
    change = WeakMethod(cache._on_change)

    def on_change(names: Iterable[str] | None) -> None:
        method = change()
        if method is not None:
            method(names)

    prefixes = sorted(str(keys.join(model, "")) for model in models)
    tracking = Tracking(database.connection, prefixes, on_change)
    try:
        tracking.start()
    except ResponseError as error:
        raise ImplementationError(
            f"SharedCache: {database!r} does not tell what changes ({error}); it takes a server with CLIENT "
            f"TRACKING (Redis 6.0, Valkey) and a user who may call it; use InstanceCache elsewhere"
        ) from error
    return tracking


_alive: WeakSet[SharedCache] = WeakSet()
"""The caches of this process: a forked one has neither their threads nor their connections."""


def _after_fork() -> None:
    for cache in list(_alive):
        cache._begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
