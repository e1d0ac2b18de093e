"""All write commands of each type of field, with the arguments that random tests choose from.

A table of data: an argument is a tuple of choices, or `Some` of them one by one, or a `Mapping`. The choices
are few, so that objects compete for values; a list's are many values at times.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from limpyd import fields

__all__ = [
    "TYPES",
    "WRITES",
    "Argument",
    "Mapping",
    "Pattern",
    "Some",
    "Write",
    "choose",
    "choose_arguments",
    "choose_start",
]

TYPES: dict[str, type[fields.Field]] = {
    "string": fields.StringField,
    "hashable": fields.HashableField,
    "set": fields.SetField,
    "list": fields.ListField,
    "zset": fields.SortedSetField,
    "hash": fields.HashField,
}


class Some(NamedTuple):
    """One to four of the choices, passed one by one; all of one of them where it is a tuple."""

    choices: tuple[Any, ...]


class Mapping(NamedTuple):
    """A mapping of one to four of the keys to some of the values."""

    keys: tuple[str, ...]
    values: tuple[Any, ...]


Argument = tuple[Any, ...] | Some | Mapping


@dataclass(frozen=True)
class Pattern:
    """A command and the choices of its arguments."""

    name: str
    arguments: tuple[Argument, ...]
    options: dict[str, Any] = field(default_factory=dict)


class Write(NamedTuple):
    """A call of a write command, on a field or on its model in plain Python."""

    name: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def __call__(self, target: Any) -> Any:
        """Call it."""
        if self.name == "bitfield":
            overflow, first, value, second, amount = self.arguments
            return target.bitfield(overflow).set("u8", first, value).incrby("u8", second, amount).execute()
        return getattr(target, self.name)(*self.arguments, **self.options)


def _call(name: str, *arguments: Argument, **options: Any) -> Pattern:
    return Pattern(name, arguments, options)


VALUES = ("a", "b", "ab", "c", "7", "8", "-3", "é", "x:y", "a\n*\0")
NUMBERS = ("7", "8", "9")
AMOUNTS = (1, -1, 2, 2**62)
HALVES = (0.5, -1.5, 1.0)
ENTRIES = ("a", "a:b", "n")
ENTRY_VALUES = ("c", "b:c", "7", "")
ENTRY_MAPPING = Mapping(ENTRIES, ENTRY_VALUES)
SCORES = (0, 1, 1.5, -2, float("inf"))
INDEXES = (0, 1, -1, 3, -2, 1000)
MANY = tuple(tuple(VALUES[number % 5] for number in range(size)) for size in (499, 500, 1001))
MEMBERS = Some(VALUES)
COUNTS = (1, 2, 5)

_ANY_KEY = (_call("delete"), _call("unlink"), _call("touch"), _call("persist"))

WRITES: dict[str, tuple[Pattern, ...]] = {
    "string": (
        _call("set", VALUES),
        _call("set", NUMBERS),
        _call("set", VALUES, nx=True),
        _call("set", VALUES, xx=True),
        _call("set", VALUES, get=True),
        _call("set", VALUES, keepttl=True),
        _call("set", VALUES, ifeq="a"),
        _call("setnx", VALUES),
        _call("getset", VALUES),
        _call("getdel"),
        _call("getex", persist=True),
        _call("delex", VALUES),
        _call("append", ("a", "b", "", "7", "é")),
        _call("setrange", (0, 1, 3), ("a", "b", "")),
        _call("setbit", (7, 15), (0, 1)),
        _call("bitfield", ("WRAP", "SAT", "FAIL"), ("#0", "#1"), (97, 98), ("#0", "#2"), (1, -1, 200)),
        _call("incr"),
        _call("incr", AMOUNTS),
        _call("incrby", AMOUNTS),
        _call("decr", AMOUNTS),
        _call("decrby", AMOUNTS),
        _call("incrbyfloat", HALVES),
        _call("increx", byint=2),
        *_ANY_KEY,
    ),
    "hashable": (
        _call("hset", VALUES),
        _call("hset", NUMBERS),
        _call("hsetnx", VALUES),
        _call("hincrby", AMOUNTS),
        _call("hincrbyfloat", HALVES),
        _call("hdel"),
        _call("delete"),
        _call("hgetdel"),
        _call("hgetex", persist=True),
        _call("hsetex", VALUES),
        _call("hsetex", VALUES, data_persist_option="FNX"),
        _call("hsetex", VALUES, data_persist_option="FXX"),
        _call("hpersist"),
    ),
    "set": (
        _call("sadd", MEMBERS),
        _call("srem", MEMBERS),
        _call("spop"),
        _call("spop", (0, 1, 3)),
        *_ANY_KEY,
    ),
    "list": (
        _call("rpush", MEMBERS),
        _call("lpush", MEMBERS),
        _call("rpushx", MEMBERS),
        _call("lpushx", MEMBERS),
        _call("rpush", Some(MANY)),
        _call("lpush", Some(MANY)),
        _call("linsert", ("BEFORE", "AFTER"), VALUES, VALUES),
        _call("lset", INDEXES, VALUES),
        _call("lpop"),
        _call("rpop"),
        _call("lpop", (*COUNTS, 998, 2**62)),
        _call("rpop", (*COUNTS, 998)),
        _call("lmpop", ("LEFT", "RIGHT"), COUNTS),
        _call("lrem", (0, 1, -1, -2, 200), VALUES),
        _call("ltrim", (0, 1, -3, -1000), (-1, 0, 2, 998, 1000)),
        *_ANY_KEY,
    ),
    "zset": (
        _call("zadd", Mapping(VALUES, SCORES)),
        _call("zadd", Mapping(VALUES, SCORES), nx=True),
        _call("zadd", Mapping(VALUES, SCORES), xx=True, ch=True),
        _call("zadd", Mapping(VALUES, SCORES), gt=True),
        _call("zadd", Mapping(VALUES, SCORES), lt=True, ch=True),
        _call("zadd", tuple({member: 1.5} for member in VALUES), incr=True),
        _call("zadd", tuple({member: -1} for member in VALUES), incr=True, gt=True),
        _call("zincrby", (*SCORES, float("-inf")), VALUES),
        _call("zrem", MEMBERS),
        _call("zremrangebyrank", (0, 1, -2), (-1, 0, 1)),
        _call("zremrangebyscore", ("-inf", "(0", "1"), ("1", "(1.5", "+inf")),
        _call("zremrangebylex", ("-", "[a", "(a"), ("+", "[b", "(c")),
        _call("zpopmin"),
        _call("zpopmax"),
        _call("zpopmin", COUNTS),
        _call("zpopmax", COUNTS),
        _call("zmpop", min=True),
        _call("zmpop", (False,), (True,), COUNTS),
        *_ANY_KEY,
    ),
    "hash": (
        _call("hset", ENTRIES, ENTRY_VALUES),
        _call("hset", (None,), (None,), ENTRY_MAPPING),
        _call("hmset", ENTRY_MAPPING),
        _call("hsetnx", ENTRIES, ENTRY_VALUES),
        _call("hincrby", ENTRIES, AMOUNTS),
        _call("hincrbyfloat", ENTRIES, HALVES),
        _call("hdel", Some(ENTRIES)),
        _call("hgetdel", tuple(ENTRIES)),
        _call("hgetdel", ("a",), ("n",)),
        _call("hgetex", ENTRIES, persist=True),
        _call("hsetex", (None,), (None,), ENTRY_MAPPING),
        _call("hsetex", (None,), (None,), ENTRY_MAPPING, data_persist_option="FNX"),
        _call("hsetex", (None,), (None,), ENTRY_MAPPING, data_persist_option="FXX"),
        _call("hpersist", ENTRIES),
        *_ANY_KEY,
    ),
}

STARTS: dict[str, Argument] = {
    "string": VALUES,
    "hashable": VALUES,
    "set": tuple({member} for member in VALUES),
    "list": (*([member, member] for member in VALUES), *map(list, MANY)),
    "zset": Mapping(VALUES, SCORES),
    "hash": ENTRY_MAPPING,
}
"""What new objects of each type start with."""


def choose(random: Random, kind: str) -> Write:
    """A random write of a type."""
    return choose_arguments(random, random.choice(WRITES[kind]))


def choose_arguments(random: Random, pattern: Pattern) -> Write:
    """A write with random arguments."""
    arguments: list[Any] = []
    for argument in pattern.arguments:
        chosen = _choose(random, argument)
        arguments += chosen if isinstance(argument, Some) else [chosen]
    return Write(pattern.name, tuple(arguments), pattern.options)


def choose_start(random: Random, kind: str) -> Any:
    """A random value of a type, to create an object with."""
    return _choose(random, STARTS[kind])


def _choose(random: Random, argument: Argument) -> Any:
    number = random.randint(1, 4)
    if isinstance(argument, Mapping):
        return {random.choice(argument.keys): random.choice(argument.values) for _ in range(number)}
    if not isinstance(argument, Some):
        return random.choice(argument)
    if isinstance(argument.choices[0], tuple):
        return random.choice(argument.choices)
    return [random.choice(argument.choices) for _ in range(number)]
