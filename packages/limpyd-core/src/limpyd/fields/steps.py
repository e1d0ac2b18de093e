"""What a script is told of one command on a field: see `scripts/lib/step.lua`, the other half of this.

A `Touch` says which members of a value a command may change, so that only those are read and indexed.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ALL",
    "FIRST_AS_REPLY",
    "GIVEN_VALUE",
    "NOTHING",
    "PUSH",
    "VALUE",
    "VALUE_AS_REPLY",
    "WHOLE",
    "Touch",
    "members",
    "range_of",
    "replied",
]


class Touch(NamedTuple):
    """The arguments that come before the command; their meaning is told in `step.lua`."""

    how: str
    at: int | str = ""
    step: int = 0
    combine: str = ""
    """How a long command is sent in parts, and what its reply is: `sum`, `last`, `join`, or not at all."""
    answer: str = "reply"


NOTHING = Touch("none")
"""A read."""

VALUE = Touch("value")
"""The one value of a string or of a hashable field."""

GIVEN_VALUE = Touch("value", answer="given")
"""The same where the command sets the value to its arguments: it is known beforehand."""

VALUE_AS_REPLY = Touch("value", answer="value")
"""The same where the reply is the new value: read as text, since Lua's numbers end at 2**53."""

FIRST_AS_REPLY = Touch("value", answer="first")
"""The same where the first part of the reply is the new value."""

ALL = Touch("all")
"""Every member of a set, a sorted set, a hash or a list."""

WHOLE = Touch("whole")
"""Every member, before and after."""

PUSH = Touch("push", 1, 1, "last")
"""Every argument, as a new value of a list."""


def members(at: int = 1, step: int = 1, combine: str = "", answer: str = "reply") -> Touch:
    """The members that stand among the arguments: number `at`, and every `step`-th behind it."""
    return Touch("members", at, step, combine, answer)


def replied(step: int = 1) -> Touch:
    """The members that the reply tells, every `step`-th, because the command took them out."""
    return Touch("reply", 1, step)


def range_of(command: str) -> Touch:
    """The members that `command` reads with the same arguments."""
    return Touch("range", command)
