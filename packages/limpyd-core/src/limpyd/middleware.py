"""What can be hooked around every command of a database.

A middleware is given to a database when that is made: `RedisDatabase(..., middleware=[first, second])`. For a
command, `before` is called from first to last, and `after` from last to first.
"""

from __future__ import annotations

from typing import Any, Final

from limpyd.commands import Command

__all__ = ["MISS", "Middleware"]


class _Miss:
    def __repr__(self) -> str:
        return "MISS"


MISS: Final = _Miss()
"""What `Middleware.before` answers when the command is to be sent."""


class Middleware:
    """The hooks, which do nothing here. Override the ones that you need."""

    def before(self, command: Command[Any]) -> object:
        """Called before the command is sent. Return the value to answer without sending it, else `MISS`.

        An answer is passed to `after` of the middlewares in front of this one, as if it came from Redis.
        """
        return MISS

    def after(self, command: Command[Any], value: Any) -> None:
        """Called with the decoded value once it is there; not called for a command that failed."""
