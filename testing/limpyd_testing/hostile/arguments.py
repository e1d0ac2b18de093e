"""Hostile input: texts, bytes, numbers and objects that nobody should send, and calls that are made of them.

The arguments of a call are chosen by the annotations of the method, so that most calls get as far as Redis;
some arguments are of any type at all. An annotation that is not in the table is an error: whoever adds a
method has to say what can be hostile about its arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

__all__ = [
    "ENTRIES",
    "KEYWORDS",
    "LUA",
    "MEGABYTE",
    "TEXTS",
    "Call",
    "Sly",
    "anything",
    "calls",
    "hostile_values",
    "integers",
    "mixed",
    "public_methods",
    "texts",
]

LUA = (
    "redis.call('SET', 'pwned', '1')",
    "') redis.call('SET', 'pwned', '1') --",
    "]] redis.call('SET', 'pwned', '1') --[[",
    "\"..redis.call('SET', 'pwned', '1')..\"",
    "%d %s %1 %%",
    "--@include argv",
    "return atomically(function() return 1 end)",
)
"""Lua, and what is special inside of it."""

TEXTS = (
    "",
    "a",
    "b",
    "7",
    "-1",
    "0",
    " ",
    ":",
    "::",
    "a:b",
    ":hash",
    "1:hash",
    "__scratch",
    "a:__repeats",
    "collection",
    "max_pk",
    "*",
    "?",
    "[a-z]",
    "\\",
    "{a}",
    "->",
    "*->a",
    "#",
    "=",
    "=1",
    "\0",
    "a\0b",
    "\r\n",
    "a\r\nSET pwned 1\r\n",
    "\x1b[2J\x7f",
    "nan",
    "inf",
    "1e400",
    "0x10",
    "OK",
    "missing",
    "unique",
    "(a",
    "[a",
    "+",
    "-",
    "é",
    "\u2028",
    "🦉",
    "\udcff",
    "a\udc80b",
    "\ud800",
    "x" * 300,
    *LUA,
)
"""Texts with a meaning to Redis, to its protocol, to Lua, to limpyd, or to none of them."""

MEGABYTE = "m\0é*" * 210_000
"""A text of a little more than 2**20 bytes."""

ENTRIES = ("", "a", "a:b", "a__b", "->x", "\0", "*", "é", "\udcff", LUA[0])
KEYWORDS = ("", "pk", "pk__x", "nosuch", "a b", "__class__", "*", ":", "\ud800", LUA[0])
"""Names that a model has no field of."""


def mixed(*choices: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of the strategies, each as often as it is named (`one_of` counts all that they are made of)."""
    return st.integers(0, len(choices) - 1).flatmap(lambda number: choices[number])


class Huge(int):
    """A number of more digits than Python makes a text of."""

    def __repr__(self) -> str:
        return "Huge()"


HUGE = Huge(10**5000)

texts: st.SearchStrategy[str] = (
    st.sampled_from(TEXTS) | st.text(max_size=8) | st.text(st.characters(max_codepoint=127), max_size=8)
)
numbers: st.SearchStrategy[Any] = st.sampled_from(
    [
        0,
        1,
        -1,
        7,
        2**53 + 1,
        2**63 - 1,
        2**63,
        -(2**63) - 1,
        10**40,
        HUGE,
        0.0,
        -0.0,
        0.5,
        1e300,
        1e-7,
        float("inf"),
        float("-inf"),
        float("nan"),
    ]
)
raw: st.SearchStrategy[Any] = st.sampled_from(
    [b"", b"\xff", b"\0", b"a", b"7", b"\xc3(", b"a:b"]
) | st.binary(max_size=8)
hostile_values: st.SearchStrategy[Any] = mixed(texts, texts, texts, raw, numbers, raw.map(memoryview))
"""What Redis can store, of whatever type."""


class Odd:
    """An object that no field takes, with texts of itself that look like one it would take."""

    def __str__(self) -> str:
        return "a"

    def __format__(self, spec: str) -> str:
        return "a"


class Sly(str):
    """A text that shows another one when it is formatted."""

    __slots__ = ()

    def __str__(self) -> str:
        return "pwned"

    def __format__(self, spec: str) -> str:
        return "pwned"


def _anything() -> Any:
    return mixed(
        hostile_values,
        st.sampled_from([None, True, False, (), [], {}, set(), bytearray(b"a"), 1j, Ellipsis, Odd]),
        st.builds(Odd),
        texts.map(Sly),
        st.just([["a"]]),
        st.just({"a": {"b": 1}}),
    )


anything: st.SearchStrategy[Any] = st.deferred(_anything)
"""Anything at all."""

_members = st.lists(hostile_values, max_size=4)
_scores = (
    st.sampled_from([0, 1, -2.5, 1e300, float("inf"), float("nan"), "3", "inf", "x", b"1"]) | hostile_values
)
_scored = st.dictionaries(texts, _scores, max_size=3)
_mappings = st.dictionaries(texts | raw, hostile_values, max_size=3)
integers: st.SearchStrategy[int] = st.sampled_from(
    [0, 1, -1, 2, 3, -3, 8, 100, 2**31, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), 2**64, 10**30, HUGE]
)
_sizes = st.sampled_from([0, 1, -1, 2, 100, 2**20, 2**40, 2**64])
_durations = st.sampled_from(  # none so short that values expire while they are looked at
    [10**6, 0, -1, 2**62, 10**30, timedelta(hours=1), timedelta(-1), timedelta.max]
)
_times = st.sampled_from(
    [1, 4 * 10**9, 0, -1, 2**62, datetime(2099, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
_none = st.none()
_conditions = st.sampled_from(["FNX", "FXX", "fnx", "x"])
_operations = st.lists(
    st.tuples(st.sampled_from(["u8", "i64", "x"]), st.sampled_from([0, "#1", "#x"])), max_size=2
)


def _cast(score: float) -> float:
    return score


BY_ANNOTATION: dict[str, st.SearchStrategy[Any]] = {
    "Any": mixed(*[hostile_values] * 6, _members, _mappings),
    "Bound": st.sampled_from(["-inf", "+inf", "(1", 0, float("nan")]) | hostile_values,
    "Callable[[float], Any]": st.sampled_from([int, str, _cast]),
    "Expiry | None": _none | _durations,
    "Expiry": _durations,
    "ExpiryTime | None": _none | _times,
    "ExpiryTime": _times,
    "Iterable[Any]": _members,
    "Literal['BEFORE', 'AFTER']": st.sampled_from(["BEFORE", "AFTER", "after"]),
    "Literal['LEFT', 'RIGHT']": st.sampled_from(["LEFT", "RIGHT", "left"]),
    "Literal['encoding', 'freq', 'idletime', 'refcount']": st.sampled_from(["encoding", "freq", "refcount"]),
    "Mapping[Any, Any] | None": _none | _mappings,
    "Mapping[Any, Any]": _mappings,
    "Mapping[Any, float | str] | None": _none | _scored,
    "Overflow | None": st.sampled_from([None, "WRAP", "SAT", "FAIL"]),
    "Overflow": st.sampled_from(["WRAP", "SAT", "FAIL"]),
    "Patterns | None": _none | texts | st.lists(texts, max_size=2),
    "Sequence[Any] | None": _none | _members,
    "SetCondition | None": _none | _conditions,
    "Unit | None": st.sampled_from([None, "BYTE", "BIT"]),
    "bool": st.booleans(),
    "bytes": raw,
    "float | None": _none | numbers,
    "float | str": _scores,
    "float": numbers,
    "int | None": _none | integers,
    "int | str": st.sampled_from(["#0", "#1", "#99", "x"]) | _sizes,
    "int": integers,
    "list[tuple[str, int | str]] | None": _none | _operations,
    "str | None": _none | texts,
    "str | bytes | None": _none | texts | raw,
    "str | bytes": texts | raw,
    "str": texts,
}
"""What fits each annotation of a public method, as badly as it can."""

LARGE = {("setrange", "offset"): _sizes, ("setbit", "offset"): _sizes, ("srandmember", "number"): _sizes}
LARGE |= {(name, "count"): _sizes for name in ("srandmember", "hrandfield", "zrandmember")}
LARGE |= {(name, "num"): _sizes for name in ("sort", "sort_ro")}
"""Arguments that may ask a server for more memory than it has."""


class Call(NamedTuple):
    """A method with arguments; it is called on whatever target has the method."""

    name: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def __call__(self, target: Any) -> Any:
        """Call it; items of an iterator are what it returns."""
        result = getattr(target, self.name)(*self.arguments, **self.options)
        return list(result) if inspect.isgenerator(result) else result


def public_methods(owner: type, base: type = object) -> dict[str, Callable[..., Any]]:
    """The public methods of a class that `base` does not have."""
    members = inspect.getmembers(owner, callable)
    return {name: method for name, method in members if not name.startswith("_") and not hasattr(base, name)}


def _draw_arguments(draw: st.DrawFn, method: Callable[..., Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and named arguments for a method, most of which fit its signature."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    is_positional = True
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            named |= draw(st.dictionaries(texts, BY_ANNOTATION[parameter.annotation], max_size=2))
            continue
        fitting = LARGE.get((method.__name__, parameter.name), BY_ANNOTATION[parameter.annotation])
        values = mixed(*[fitting] * 9, _limited(parameter, anything))
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += draw(st.lists(values, max_size=3)) if is_positional else []
        elif parameter.default is not parameter.empty and draw(st.integers(0, 2)):
            is_positional = False
        elif is_positional and parameter.kind is not parameter.KEYWORD_ONLY:
            positional.append(draw(values))
        else:
            named[parameter.name] = draw(values)
    return tuple(positional), named


def _limited(parameter: inspect.Parameter, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Numbers of things to make or to answer stay small enough for a server's memory; no time is short."""
    if "Expiry" in parameter.annotation:
        return values.filter(lambda value: not isinstance(value, int))
    if parameter.name not in ("offset", "count", "num", "number"):
        return values
    return values.filter(lambda value: not isinstance(value, int) or abs(value) < 2**21)


def calls(methods: dict[str, Callable[..., Any]]) -> st.SearchStrategy[Call]:
    """A call of one of the methods."""

    @st.composite
    def one(draw: st.DrawFn) -> Call:
        name = draw(st.sampled_from(sorted(methods)))
        arguments, options = _draw_arguments(draw, methods[name])
        return Call(name, arguments, options)

    return one()
