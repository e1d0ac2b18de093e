"""Which reads can be kept, and under which key.

A read is kept if its reply follows from the value and the arguments alone. The commands for which that is so
are listed here; what is not listed is never kept. A read of several hashable fields (`hmget`, `hgetall` of an
object) is kept as one `hget` for each of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from limpyd.commands import Command
from limpyd.decoders import optional_text

if TYPE_CHECKING:
    from limpyd.fields import Field
    from limpyd.model import RedisModel

__all__ = [
    "KEPT",
    "NOT_KEPT",
    "Keeping",
    "Keepings",
    "drops_expiry",
    "entry_key",
    "is_cacheable",
    "join",
    "joins",
    "parts",
    "sets_expiry",
    "split",
    "value_key",
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

Keeping = Literal["no", "whole", "parts"]
"""How the reply to a read is kept; `parts` is one entry for each hashable field: see `joins`."""

_JOINED = frozenset({"HMGET", "HGETALL"})
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


class Keepings:
    """How replies are kept, remembered for each kind of read, of which a database has not many."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Keeping] = {}

    def of(self, command: Command[Any]) -> Keeping:
        """How the reply to a read of a field, or of several of an object, is kept."""
        decode = command.decode
        kind = (command.name, command.model, command.reads, decode, len(command.keys))
        try:
            return self._known[kind]
        except KeyError:
            keeping = _keeping(command)
            if type(decode) is not partial and _is_lasting(decode):
                self._known[kind] = keeping
            return keeping


def entry_key(command: Command[Any]) -> Hashable:
    """What tells a read from others of the same field. Methods can shape one reply in several ways."""
    decode: Any = command.decode
    if type(decode) is partial:
        decode = (decode.func, decode.args, *decode.keywords.items())
    return (command.name, decode, command.binary) + command.args[1:]  # noqa: RUF005  # in half the time


def value_key(field: Field) -> Hashable:
    """The key of the read of a field's one value: `get` or `hget`."""
    return _hget_key(field.name) if field.kind == "hashable" else ("GET", optional_text, False)


def is_cacheable(model: type[RedisModel], name: str) -> bool:
    """Whether what is read of a field may be kept: not if the model or the field says no."""
    return model.cacheable and model._fields[name].cacheable


def joins(command: Command[Any]) -> bool:
    """Whether it reads hashable fields of an object, any number of them."""
    return command.name in _JOINED and command.model._fields[command.reads[0]].kind == "hashable"


def parts(command: Command[Any]) -> list[tuple[str, Hashable]]:
    """The fields of a command that `joins`, and the key of the entry of each: that of its `hget`."""
    return [(name, _hget_key(name)) for name in command.reads if is_cacheable(command.model, name)]


def join(command: Command[Any], values: list[Any]) -> object:
    """What a command that `joins` answers, of the values of all the fields that it reads."""
    if command.name == "HMGET":
        return values
    named = zip(command.reads, values, strict=True)
    return {name: value for name, value in named if value is not None}


def split(command: Command[Any], value: Any) -> Mapping[str, Any]:
    """The values of the fields that a command read, by their names."""
    if not joins(command):
        return {command.reads[0]: value}
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


def _hget_key(name: str) -> Hashable:
    return ("HGET", optional_text, False, name)


def _keeping(command: Command[Any]) -> Keeping:
    if command.name not in KEPT or command.script is not None or len(command.keys) != 1:
        return "no"
    if joins(command):
        return "parts" if parts(command) else "no"
    reads = command.reads
    if len(reads) == 1 and is_cacheable(command.model, reads[0]) and _is_lasting(command.decode):
        return "whole"
    return "no"


def _is_lasting(decode: Any) -> bool:
    """Whether the same call will have the same decoder the next time, so that its entry is found.

    Functions that are made by the call are other ones each time.
    """
    if type(decode) is partial:
        return not any("<" in getattr(part, "__qualname__", "") for part in (decode.func, *decode.args))
    return "<" not in getattr(decode, "__qualname__", "")
