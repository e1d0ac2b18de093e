"""Collections: the objects that filters select, as a lazy sequence of pks or of objects.

A collection describes what to read and compiles to one command. It is never changed: `sort`, slices and
`instances` give a new one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar, cast, overload

from limpyd import keys
from limpyd.commands import Command
from limpyd.decoders import texts
from limpyd.exceptions import ImplementationError
from limpyd.fields.base import Field
from limpyd.keys import Key, Value
from limpyd.preload import LoadedPK, check_preload, places, preloading
from limpyd.scripts import Script, answer
from limpyd.values import as_text, to_redis
from redis.exceptions import DataError

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["Collection", "Source"]

M = TypeVar("M", bound="RedisModel")
R = TypeVar("R")
T = TypeVar("T")

_COLLECT = Script("collect")
_SHOWN = 20
_FAR = 2**52


class Source(NamedTuple):
    """Where pks come from: a key, and its type (`set`, `list` or `zset`)."""

    key: Key
    kind: str = "set"


class Sort(NamedTuple):
    """The order of a collection: `by` is SORT's pattern, or empty for the pk itself."""

    by: str
    alpha: bool
    desc: bool


class Collection(Generic[M, R]):
    """The objects of a model that match all filters. Made by `Model.collection(...)`.

    It behaves as a list of pks (or of objects, after `instances()`) that is read from Redis when it is looked
    at: iterating reads it once and keeps it, `len`, `bool`, `in`, indexes and slices of one that has not been
    read ask for just that, each by one request.
    """

    def __init__(self, model: type[M], filters: dict[str, Any], source: Source | None = None) -> None:
        self.model = model
        self._keys, self._among = _select(model, filters, source)
        self._kind = "set" if source is None else source.kind
        self._sort: Sort | None = None
        self._window = slice(None)
        self._cuts: tuple[slice, ...] = ()
        self._as_instances = False
        self._preload: tuple[str, ...] = ()
        self._pks: list[str] | None = None

    # -- describing

    def sort(self, by: str | Field | None = None, *, alpha: bool = False, desc: bool = False) -> Self:
        """The same objects in order.

        - `by`: a field, or its name, that has one value: a `StringField`, a `HashableField`, an entry of a
          `HashField` (`field__entry`); the pk if it is not given. `-name` is for descending.
        - `alpha`: compare texts; without it values are numbers, and one that isn't is a `ResponseError`.
        - `desc`: descending, the reverse of ascending.

        A missing value counts as 0, with `alpha` it comes before all texts. Objects of equal values are in
        the order of their pks, compared as texts.

        Raises `ImplementationError` for a field that can't be sorted by, and for a slice.

        `SORT`, Redis 1.0, O(N + M log M): N objects, M of them shown. The script itself sorts, in O(N log N),
        where a replica or an ACL refuses `SORT`, or 1,000 texts are equal to one at the end of a slice.
        """
        if self._is_cut:
            raise ImplementationError(
                f"{self.model.__name__}.collection: a slice can't be sorted; sort first, then slice"
            )
        name = "" if by is None else by.name if isinstance(by, Field) else by
        if not isinstance(name, str):
            raise TypeError(f"sort: by must be a field or the name of one, not {type(name).__name__}")
        if name.startswith("-"):
            name, desc = name[1:], True
        pattern = self.model._sort_pattern(name) if name else ""
        return self._derive(_sort=Sort(pattern, alpha, desc))

    def instances(self, *, preload: Iterable[str] = ()) -> Collection[M, M]:
        """The same as objects, which are connected without a request: see `Model.lazy_connect`.

        - `preload`: names of fields of one value (`StringField`, `HashableField`) whose values are read in
          the same request, for a cache to keep.

        Raises `ImplementationError` for other fields, and if the database has no cache to preload.
        """
        names = tuple(preload)
        if not names:
            return cast("Collection[M, M]", self._derive(_as_instances=True, _pks=self._pks))
        check_preload(self.model, names)
        return cast("Collection[M, M]", self._derive(_as_instances=True, _preload=names))

    def _derive(self, **changes: Any) -> Self:
        other = object.__new__(type(self))  # copy.copy does the same in seven times the time
        other.__dict__.update(self.__dict__ | {"_pks": None} | changes)
        return other

    @property
    def _is_cut(self) -> bool:
        return self._window != slice(None) or bool(self._cuts)

    # -- asking, by operations like those of fields, which also work where the answer comes later

    def fetch(self) -> list[R]:
        """The list of the pks, or of the objects, as they are now; it is not kept in the collection.

        The same as `list(collection)` of a new collection, but it can be queued in a pipeline.
        """
        empty = _is_empty(self._window)
        command = self._script("pks", self._window, texts) if empty else self._pks_command()
        return self.model.database.execute(command.then(self._shape_all))

    def count(self) -> int:
        """How many there are now; like `len(collection)`, but it can be queued in a pipeline."""
        return self.model.database.execute(self._count_command().then(self._cut_length))

    def exists(self) -> bool:
        """Whether there is one now; like `bool(collection)`, but it can be queued in a pipeline."""
        command = self._count_command().then(self._cut_length).then(bool)
        return self.model.database.execute(command if self._is_cut else self._any_command())

    # -- looking

    def __iter__(self) -> Iterator[R]:
        return map(self._shape, self._read())

    def __len__(self) -> int:
        if self._pks is not None:
            return len(self._pks)
        return self._execute(self._count_command().then(self._cut_length))

    def __bool__(self) -> bool:
        if self._pks is not None or self._is_cut:
            return len(self) > 0
        return self._execute(self._any_command())

    def __contains__(self, item: object) -> bool:
        pk = self._pk_of(item)
        if pk is None or (self._among and pk not in self._among):
            return False
        if self._pks is not None or self._is_cut:
            return pk in self._read()
        return self._execute(self._contains_command(pk))

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> R | Self:
        if isinstance(index, slice):
            return self._cut(index)
        index = _near(index)
        stop = None if index == -1 else index + 1
        found = self._cut(slice(index, stop))._read()
        if not found:
            raise IndexError(f"{self.model.__name__}.collection has no index {index}")
        return self._shape(found[0])

    def __repr__(self) -> str:
        shown = self if self._pks is not None else self._cut(slice(_SHOWN + 1))
        items = [repr(shown._shape(pk)) for pk in shown._read()[: _SHOWN + 1]]
        if len(items) > _SHOWN:
            items[_SHOWN:] = ["...(remaining elements cut)..."]
        return f"[{', '.join(items)}]"

    def _cut(self, index: slice) -> Self:
        """A slice; the server cuts the first one, and one inside of it where that can be told beforehand."""
        index = _bounded(index)
        if self._pks is not None:
            return self._derive(_cuts=(*self._cuts, index), _pks=self._pks[index])
        if self._cuts:
            return self._cut_after(index)
        if self._window == slice(None):
            window, step = _forward(index)
            return self._derive(_window=window, _cuts=() if step == 1 else (slice(None, None, step),))
        if index.step in (None, 1) and _counts_from_start(self._window) and _counts_from_start(index):
            return self._derive(_window=_compose(self._window, index))
        return self._cut_after(index)

    def _cut_after(self, index: slice) -> Self:
        return self._derive(_cuts=(*self._cuts, index))

    def _read(self) -> list[str]:
        if self._pks is None:
            pks = [] if _is_empty(self._window) else self._execute(self._pks_command())
            for cut in self._cuts:
                pks = pks[cut]
            self._pks = pks
        return self._pks

    def _shape_all(self, pks: list[str]) -> list[R]:
        for cut in self._cuts:
            pks = pks[cut]
        return [self._shape(pk) for pk in pks]

    def _cut_length(self, number: int) -> int:
        for cut in (self._window, *self._cuts):
            number = len(range(*cut.indices(number)))
        return number

    def _shape(self, pk: str) -> R:
        if not self._as_instances:
            return cast(R, pk)
        instance = self.model.lazy_connect(pk)
        if isinstance(pk, LoadedPK):
            pk.hand_over(instance)
        return cast(R, instance)

    def _pk_of(self, item: object) -> str | None:
        if isinstance(item, self.model):
            return item._pk
        try:
            value = to_redis(item)
        except DataError:
            return None
        return as_text(value)

    def _execute(self, command: Command[T]) -> T:
        return self.model.database.execute_now(command)

    # -- compiling

    def _pks_command(self) -> Command[list[str]]:
        """What to send for the pks: the one Redis command that does it, else the script."""
        decode = preloading(self.model, self._preload) if self._preload else texts
        is_plain = not self._among and not self._preload and _counts_from_start(self._window)
        shape = "page" if is_plain and len(self._keys) == 1 else "sorted"
        script = self._script(shape if self._sort else "pks", self._window, decode, values=self._preload)
        if not is_plain or (self._sort and self._sort.alpha):
            return script
        whole = self._window == slice(None)
        start, count = _limit(self._window)
        key = self._keys[0]
        if self._sort is None and whole and self._kind == "set":
            name = "SMEMBERS" if len(self._keys) == 1 else "SINTER"
            return self._plain(name, self._keys, texts)
        if len(self._keys) > 1:
            return script
        if self._sort is None and self._kind != "set":
            name = "LRANGE" if self._kind == "list" else "ZRANGE"
            stop = -1 if count < 0 else start + count - 1
            return self._plain(name, (key, start, stop), texts)
        options: list[Value] = [key]
        if self._sort is None or self._sort.by:
            options += ["BY", "nosort" if self._sort is None else self._sort.by]
        if self._sort is not None and self._sort.desc:
            options.append("DESC")
        if not whole:
            options += ["LIMIT", start, count]
        return self._plain("SORT_RO", tuple(options), texts, fallback=script)

    def _count_command(self) -> Command[int]:
        script = self._script("count", slice(None), int)
        if self._among:
            return script
        if len(self._keys) == 1:
            name = {"set": "SCARD", "list": "LLEN", "zset": "ZCARD"}[self._kind]
            return self._plain(name, self._keys, int)
        if self._kind != "set":
            return script
        return self._plain("SINTERCARD", (len(self._keys), *self._keys), int, fallback=script)

    def _any_command(self) -> Command[bool]:
        if self._among or self._kind != "set":
            return self._script("any", slice(None), bool)
        if len(self._keys) == 1:
            return self._plain("EXISTS", self._keys, bool)
        args = (len(self._keys), *self._keys, "LIMIT", 1)
        return self._plain("SINTERCARD", args, bool, fallback=self._script("any", slice(None), bool))

    def _contains_command(self, pk: str) -> Command[bool]:
        if len(self._keys) == 1 and self._kind == "set":
            return self._plain("SISMEMBER", (self._keys[0], pk), bool)
        return self._script("any", slice(None), bool, among=(pk,))

    def _plain(
        self,
        name: str,
        args: tuple[Value, ...],
        decode: Callable[[Any], T],
        fallback: Command[T] | None = None,
    ) -> Command[T]:
        return Command(name, self._keys, args, decode, fallback=fallback, model=self.model)

    def _script(
        self,
        shape: str,
        window: slice,
        decode: Callable[[Any], T],
        among: tuple[str, ...] | None = None,
        values: tuple[str, ...] = (),
    ) -> Command[T]:
        among = self._among if among is None else among
        sort = self._sort or Sort("", False, False)
        order = (sort.by, "1" if sort.alpha else "0", "1" if sort.desc else "0")
        bounds: list[Value] = ["" if bound is None else bound for bound in (window.start, window.stop)]
        read_along = () if shape in ("count", "any") else places(self.model, values)
        return Command(
            _COLLECT.name,
            self._keys,
            (shape, *order, *bounds, self.model._key, self._kind, len(among), *among, *read_along),
            partial(_decode_answer, decode, self.model.__name__),
            script=_COLLECT,
            model=self.model,
        )


def _decode_answer(decode: Callable[[Any], T], model: str, reply: Any) -> T:
    return decode(answer(reply, model))


def _select(
    model: type[RedisModel], filters: dict[str, Any], source: Source | None
) -> tuple[tuple[Key, ...], tuple[str, ...]]:
    """The keys whose sets to intersect, and the pks to choose from (none given means any)."""
    sets: list[Key] = [] if source is None else [source.key]
    among: list[str] = []
    for name, value in filters.items():
        field, path = model._filter_field(name)
        if field is model.pk:
            if among:
                raise ImplementationError(f"{model.__name__}: two filters on the pk")
            among.append(model.pk.normalize(value))
        else:
            sets.append(field.filter_key(path, value))
    return tuple(sets or [keys.collection_key(model._key)]), tuple(among)


# -- slices: those that count from the start can be composed, and cut by plain Redis commands


def _counts_from_start(index: slice) -> bool:
    return (index.start or 0) >= 0 and (index.stop is None or index.stop >= 0)


def _is_empty(index: slice) -> bool:
    return _counts_from_start(index) and index.stop is not None and (index.start or 0) >= index.stop


def _near(index: int) -> int:
    """The same, or where Redis and Lua could not count to, the last number that is far beyond every end."""
    return max(min(operator.index(index), _FAR), -_FAR)


def _bounded(index: slice) -> slice:
    """The slice with bounds that can be counted to; raises what a list does for what is no slice."""
    start, stop, step = (
        None if part is None else _near(part) for part in (index.start, index.stop, index.step)
    )
    if step == 0:
        raise ValueError("slice step cannot be zero")
    return slice(start, stop, step)


def _forward(index: slice) -> tuple[slice, int]:
    """The slice without a step that has all the items, and the step with which to walk over them."""
    step = 1 if index.step is None else index.step
    if step > 0:
        return slice(index.start, index.stop), step
    if index.stop == -1:
        return slice(0, 0), step
    first = None if index.stop is None else index.stop + 1
    stop = None if index.start in (None, -1) else index.start + 1
    return slice(first, stop), step


def _compose(outer: slice, inner: slice) -> slice:
    start = (outer.start or 0) + (inner.start or 0)
    stops = [] if outer.stop is None else [outer.stop]
    if inner.stop is not None:
        stops.append((outer.start or 0) + inner.stop)
    return slice(start, min(stops, default=None))


def _limit(window: slice) -> tuple[int, int]:
    """A window that counts from the start as SORT's offset and count; the count is -1 for all."""
    start = window.start or 0
    return start, -1 if window.stop is None else window.stop - start
