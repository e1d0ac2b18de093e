"""A command as a value: what to send, how to read the reply, where it comes from.

Fields, models and collections build commands; only a database runs them. A command does no I/O
and is never changed, so that the same one can be sent now, queued in a pipeline, or awaited.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from limpyd.keys import Key, Value

if TYPE_CHECKING:
    from limpyd.scripts import Script

__all__ = ["Command", "as_is"]

T = TypeVar("T")


def as_is(reply: Any) -> Any:
    """The decoder of commands whose reply is the value already."""
    return reply


class Command(NamedTuple, Generic[T]):
    """One request to Redis, of which the decoded reply is a `T`."""

    name: str
    """The Redis command (`GET`, `OBJECT ENCODING`), or, when there is a script, the script's name."""
    keys: tuple[Key, ...]
    """The keys. They open the arguments of a script; a plain command has them among `args`."""
    args: tuple[Value, ...]
    """The arguments as sent; for a script, the ones after its keys."""
    decode: Callable[[Any], T] = as_is
    """Makes the value from the reply, whatever the protocol (RESP2 or RESP3), or raises."""
    script: Script | None = None
    """The Lua script that does the work, or None for a plain command."""
    is_write: bool = False
    """Whether it may change data: such a command is never sent twice."""
    binary: bool = False
    """Whether the reply is to stay `bytes`."""
    fallback: Command[T] | None = None
    """What to send instead where the server doesn't know the command."""
    model: Any = None
    """The model that it works on."""
    instance: Any = None
    """The object that it works on, or None for a collection."""
    reads: tuple[str, ...] = ()
    """The names of the fields that it reads."""
    writes: tuple[str, ...] = ()
    """The names of the fields that it writes."""
    on_reply: Callable[[Any], None] | None = None
    """Called with the raw reply once it is there and was decoded without an error."""

    @property
    def request(self) -> tuple[Value, ...]:
        """Name and arguments as they are sent."""
        if self.script is None:
            if " " in self.name:
                return (*self.name.split(" "), *self.args)
            return (self.name, *self.args)
        return ("EVALSHA", self.script.sha, len(self.keys), *self.keys, *self.args)
