"""Which reads can be kept, and under which key.

A read is kept if its reply follows from the value and the arguments alone. The commands for which that is so
are listed here; what is not listed is never kept. A read of several hashable fields (`hmget`, `hgetall` of an
object) is kept as one `hget` for each of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from limpyd.commands import Command
from limpyd.decoders import optional_text

if TYPE_CHECKING:
    from limpyd.fields import Field
    from limpyd.model import RedisModel

__all__ = [
    "JOINED",
    "KEPT",
    "NOT_KEPT",
    "Read",
    "drops_expiry",
    "hget_key",
    "is_cacheable",
    "join",
    "joins",
    "places",
    "sets_expiry",
    "split",
    "value_places",
]

KEPT = frozenset(
    {
        # any value
        "EXISTS", "TYPE",
        # strings and their bits
        "DIGEST", "GET", "GETBIT", "GETRANGE", "STRLEN", "SUBSTR", "BITCOUNT", "BITFIELD_RO", "BITPOS",
        # hashes
        "HEXISTS", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HSTRLEN", "HVALS",
        # lists
        "LINDEX", "LLEN", "LPOS", "LRANGE",
        # sets
        "SCARD", "SISMEMBER", "SMEMBERS", "SMISMEMBER",
        # sorted sets
        "ZCARD", "ZCOUNT", "ZLEXCOUNT", "ZMSCORE", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZRANK",
        "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE", "ZREVRANK", "ZSCORE",
        # positions in sorted sets
        "GEODIST", "GEOHASH", "GEOPOS", "GEORADIUS_RO", "GEORADIUSBYMEMBER_RO", "GEOSEARCH",
    }
)  # fmt: skip
"""The commands whose replies can be kept."""

_TIME = "it changes as time goes by"
_STORAGE = "it tells how the value is stored"
_RANDOM = "it is another one each time"
_SCAN = "each part is wanted once"

NOT_KEPT: Mapping[str, str] = {
    "TTL": _TIME,
    "PTTL": _TIME,
    "EXPIRETIME": _TIME,
    "PEXPIRETIME": _TIME,
    "HTTL": _TIME,
    "HPTTL": _TIME,
    "HEXPIRETIME": _TIME,
    "HPEXPIRETIME": _TIME,
    "DUMP": _STORAGE,
    "MEMORY USAGE": _STORAGE,
    "OBJECT ENCODING": _STORAGE,
    "OBJECT FREQ": _STORAGE,
    "OBJECT IDLETIME": _STORAGE,
    "OBJECT REFCOUNT": _STORAGE,
    "HRANDFIELD": _RANDOM,
    "SRANDMEMBER": _RANDOM,
    "ZRANDMEMBER": _RANDOM,
    "HSCAN": _SCAN,
    "SSCAN": _SCAN,
    "ZSCAN": _SCAN,
    "SORT_RO": "it depends on other keys",
}
"""The other reads that limpyd knows, and why their replies are not kept."""

JOINED = frozenset({"HMGET", "HGETALL"})
"""The commands of which each part is kept by itself, where they read hashable fields of an object."""

Read = tuple[Hashable, ...]
"""What `Command.read` is."""

_EXPIRING = frozenset(
    {
        "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "GETEX", "SETEX", "PSETEX", "RESTORE",
        "HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT", "HGETEX", "HSETEX",
    }
)  # fmt: skip
_EXPIRING_OPTIONS = frozenset({"EX", "PX", "EXAT", "PXAT", "KEEPTTL"})
_LASTING = frozenset({"SET", "GETSET", "PERSIST", "DEL", "UNLINK", "GETDEL", "HDEL", "HPERSIST", "delete"})
_START = "start"
"""The script of an object's first command, which stands among the arguments."""


def value_key(field: Field) -> Hashable:
    """The key of the read of a field's one value: `get` or `hget`."""
    return hget_key(field.name) if field.kind == "hashable" else ("GET", optional_text, False)


@cache
def hget_key(name: str) -> Hashable:
    """The key of the `hget` of a hashable field."""
    return ("HGET", optional_text, False, name)


def value_places(model: type[RedisModel], names: tuple[str, ...]) -> list[tuple[int, Field, Hashable]]:
    """Where the values of some fields go, if they are kept: the number of each, its field, and its entry."""
    named = ((number, model._fields[name]) for number, name in enumerate(names))
    return [(n, field, value_key(field)) for n, field in named if is_cacheable(model, field.name)]


def places(model: type[RedisModel], names: tuple[str, ...], read: Read) -> list[tuple[str, Hashable]]:
    """Where the reply to a read goes, if it is kept: the fields, and the key of the entry of each."""
    if joins(model, names, read):
        return [(name, hget_key(name)) for name in names if is_cacheable(model, name)]
    return [(names[0], read)] if read[0] in KEPT and len(names) == 1 else []


def is_cacheable(model: type[RedisModel], name: str) -> bool:
    """Whether what is read of a field may be kept: not if the model or the field says no."""
    return model.cacheable and model._fields[name].cacheable


def joins(model: type[RedisModel], names: tuple[str, ...], read: Read) -> bool:
    """Whether it reads the values of hashable fields of an object, any number of them."""
    return read[0] in JOINED and model._fields[names[0]].kind == "hashable"


def join(names: tuple[str, ...], read: Read, values: list[Any]) -> object:
    """What a read that `joins` answers, of the values of all its fields."""
    if read[0] == "HMGET":
        return values
    named = zip(names, values, strict=True)
    return {name: value for name, value in named if value is not None}


def split(command: Command[Any], value: Any) -> Mapping[str, Any]:
    """The values of the fields that a command which `joins` has read, by their names."""
    if command.name == "HMGET":
        return dict(zip(command.reads, value, strict=True))
    return {name: value.get(name) for name in command.reads}


def sets_expiry(command: Command[Any]) -> bool:
    """Whether a write may let the value expire. A value that looks like such an option counts as one."""
    name = command.operation or command.name
    if name == "SET":
        return not _EXPIRING_OPTIONS.isdisjoint(command.args)
    if name == _START:
        return not (_EXPIRING | _EXPIRING_OPTIONS).isdisjoint(command.args)
    return name in _EXPIRING


def drops_expiry(command: Command[Any]) -> bool:
    """Whether afterwards there is no value, or one that does not expire."""
    return (command.operation or command.name) in _LASTING
