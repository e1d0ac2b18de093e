"""A hash of its own: entries, each with a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, overload

from limpyd import keys
from limpyd.decoders import is_done, optional_text, optional_texts, pairs, text_dict, texts
from limpyd.exceptions import ImplementationError
from limpyd.fields.hash_expiry import HashExpiryCommands
from limpyd.fields.key import KeyField
from limpyd.fields.scan import ScanCommands
from limpyd.fields.steps import members
from limpyd.keys import Key, Value
from limpyd.values import as_text, entries_of, flat_entries, integer, listed, number, options, some

__all__ = ["HashField"]


class HashField(HashExpiryCommands, ScanCommands, KeyField):
    """Entries under the field's own key, with Redis's commands for hashes.

    Indexed, an object is found by an entry and its value: `collection(field__entry="value")`; `unique` means
    that no two objects have the same value in the same entry. A new object takes a mapping:
    `Example(data={"size": 3})`.

    The index key is `model:field:entry:value`, so the entry `a` with `b:c` and the entry `a:b` with `c` share
    one: give indexed entries names without `:`.
    """

    kind = "hash"
    setter = "hset"

    filler = "HSET"

    def filling(self, value: Any) -> list[Value]:
        """Entries and values; of two ways to write one entry (`1` and `"1"`) the last one counts."""
        entries: dict[str, str | bytes] = {}
        for entry, its_value in entries_of(value, str(self)).items():
            entries[as_text(self.to_redis(entry))] = self.to_redis(its_value)
        return [part for entry in entries.items() for part in entry]

    def terms(self, filling: Sequence[Value]) -> list[Value]:
        """Each entry with its value: `entry:value`."""
        pairs = zip(filling[::2], filling[1::2], strict=True)
        return [keys.join(as_text(self.to_redis(entry)), self.to_redis(value)) for entry, value in pairs]

    def filter_key(self, path: tuple[str, ...], value: Any) -> Key:
        """The key of the set of the objects that have the value in the entry named by `path`."""
        if not path or not self.indexes:
            super().filter_key((), value)
            raise ImplementationError(
                f"{self}: a filter on a HashField names an entry: {self.name}__entry=value"
            )
        return self.indexes[0].key("__".join(path), self.to_redis(value))

    # -- reading

    def hget(self, key: Any) -> str | None:
        """The value of an entry, or None if there is none.

        `HGET`, Redis 2.0, O(1).
        """
        return self._read(optional_text, "HGET", self.to_redis(key))

    def hmget(self, keys: Any, *args: Any) -> list[str | None]:
        """The values of entries; their names are given as a list, one by one, or both.

        `HMGET`, Redis 2.0, O(N) with their number.
        """
        wanted = [self.to_redis(key) for key in listed(keys, args)]
        some(wanted, "hmget: an entry")
        return self._read(optional_texts, "HMGET", *wanted)

    def hgetall(self) -> dict[str, str]:
        """All entries with their values.

        `HGETALL`, Redis 2.0, O(N).
        """
        return self._read(text_dict, "HGETALL")

    def hkeys(self) -> list[str]:
        """The names of all entries.

        `HKEYS`, Redis 2.0, O(N).
        """
        return self._read(texts, "HKEYS")

    def hvals(self) -> list[str]:
        """The values of all entries.

        `HVALS`, Redis 2.0, O(N).
        """
        return self._read(texts, "HVALS")

    def hlen(self) -> int:
        """How many entries there are.

        `HLEN`, Redis 2.0, O(1).
        """
        return self._read(int, "HLEN")

    def hexists(self, key: Any) -> bool:
        """Whether there is an entry of this name.

        `HEXISTS`, Redis 2.0, O(1).
        """
        return self._read(bool, "HEXISTS", self.to_redis(key))

    def hstrlen(self, key: Any) -> int:
        """The length of the value of an entry in bytes, 0 if there is none.

        `HSTRLEN`, Redis 3.2, O(1).
        """
        return self._read(int, "HSTRLEN", self.to_redis(key))

    @overload
    def hrandfield(self, count: None = None, withvalues: Literal[False] = False) -> str | None: ...
    @overload
    def hrandfield(self, count: int, withvalues: Literal[False] = False) -> list[str]: ...
    @overload
    def hrandfield(self, count: int, withvalues: Literal[True]) -> list[tuple[str, str]]: ...
    def hrandfield(self, count: int | None = None, withvalues: bool = False) -> Any:
        """The name of a random entry, or None of an empty hash.

        `count`: so many different ones, as a list, as tuples with their values where `withvalues`; a negative
        count may give one more than once.

        `HRANDFIELD`, Redis 6.2, O(N) with the count.
        """
        chosen = options(withvalues=withvalues)
        if count is None:
            if withvalues:
                raise TypeError("hrandfield: withvalues needs a count")
            return self._read(optional_text, "HRANDFIELD")
        decode: Callable[[Any], Any] = pairs if withvalues else texts
        return self._read(decode, "HRANDFIELD", integer(count, "count"), *chosen)

    @overload
    def hscan(
        self,
        match: str | bytes | None = None,
        count: int | None = None,
        no_values: Literal[False] = False,
    ) -> Iterator[tuple[str, str]]: ...
    @overload
    def hscan(
        self, match: str | bytes | None = None, count: int | None = None, *, no_values: Literal[True]
    ) -> Iterator[str]: ...
    def hscan(
        self, match: str | bytes | None = None, count: int | None = None, no_values: bool = False
    ) -> Iterator[Any]:
        """Iterate over all entries and values; one may come twice if the hash changes meanwhile.

        `match`: only entries whose names match a glob pattern. `count`: about how many Redis looks at in one
        request. `no_values`: the names alone (Redis 7.4).

        `HSCAN`, Redis 2.8, O(1) a batch, O(N) in all; one request a batch.
        """
        if options(no_values=no_values):
            return self._scan(texts, "HSCAN", match, count, "NOVALUES")
        return self._scan(pairs, "HSCAN", match, count)

    def hscan_iter(
        self, match: str | bytes | None = None, count: int | None = None, no_values: bool = False
    ) -> Iterator[Any]:
        """The same as `hscan`, by redis-py's name.

        `HSCAN`, Redis 2.8, O(1) a batch, O(N) in all; one request a batch.
        """
        return self.hscan(match, count, no_values=True) if no_values else self.hscan(match, count)

    # -- writing

    def hset(
        self,
        key: Any = None,
        value: Any = None,
        mapping: Mapping[Any, Any] | None = None,
        items: Sequence[Any] | None = None,
    ) -> int:
        """Set an entry, `hset("size", 3)`, or several. Returns how many are new.

        `mapping`: entries and their values; `items`: the same as a flat list.

        `HSET`, Redis 2.0 (several 4.0), O(N) with their number.
        """
        arguments = [self.to_redis(part) for part in flat_entries("hset", key, value, mapping, items)]
        return self._write(int, "HSET", *arguments, touch=members(1, 2, "sum"))

    def hmset(self, mapping: Mapping[Any, Any]) -> bool:
        """Set entries. Returns True.

        `HMSET`, Redis 2.0, O(N) with their number.
        """
        arguments = [self.to_redis(part) for part in flat_entries("hmset", mapping=mapping)]
        return self._write(is_done, "HMSET", *arguments, touch=members(1, 2, "last"))

    def hsetnx(self, key: Any, value: Any) -> bool:
        """Set an entry if there is none of this name. Returns whether it was set.

        `HSETNX`, Redis 2.0, O(1).
        """
        entry = (self.to_redis(key), self.to_redis(value))
        return self._write(bool, "HSETNX", *entry, touch=members(1, 0))

    def hincrby(self, key: Any, amount: int = 1) -> int:
        """Add to the value of an entry, which is 0 if there is none. Returns the new one.

        `HINCRBY`, Redis 2.0, O(1).
        """
        arguments = (self.to_redis(key), integer(amount, "amount"))
        return self._write(int, "HINCRBY", *arguments, touch=members(1, 0, answer="value"))

    def hincrbyfloat(self, key: Any, amount: float = 1.0) -> float:
        """Add to the value of an entry, which is 0 if there is none. Returns the new one.

        `HINCRBYFLOAT`, Redis 2.6, O(1).
        """
        arguments = (self.to_redis(key), number(amount, "amount"))
        return self._write(float, "HINCRBYFLOAT", *arguments, touch=members(1, 0))

    def hdel(self, *keys: Any) -> int:
        """Delete entries. Returns how many there were.

        `HDEL`, Redis 2.0, O(N) with their number.
        """
        some(keys, "hdel: an entry")
        names = [self.to_redis(key) for key in keys]
        return self._write(int, "HDEL", *names, touch=members(combine="sum"))

    def hgetdel(self, *keys: Any) -> list[str | None]:
        """Delete entries. Returns their values.

        `HGETDEL`, Redis 8.0, Valkey 9.1, O(N) with their number.
        """
        some(keys, "hgetdel: an entry")
        names = [self.to_redis(key) for key in keys]
        touch = members(3, 1, "join")
        return self._write(optional_texts, "HGETDEL", "FIELDS", len(names), *names, touch=touch)
