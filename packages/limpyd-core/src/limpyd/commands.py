"""A command as a value: what to send, how to read the reply, where it comes from.

Fields, models and collections build commands; only a database runs them. A command does no I/O
and is never changed, so that the same one can be sent now, queued in a pipeline, or awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from limpyd.keys import Key, Value

if TYPE_CHECKING:
    from limpyd.scripts import Script

__all__ = ["Command", "as_is"]

T = TypeVar("T")
U = TypeVar("U")


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
    """What to send instead where the server doesn't know the command, or may not or can't do it."""
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
    on_wait: Callable[[bool], None] | None = None
    """Called with True when the command is queued, to be sent later, and with False when the wait is over:
    before `on_reply`, or when it failed or was dropped. Not called for a command that is sent at once."""
    operation: str = ""
    """What the user called, where `name` is a script that does it: `HSET`."""
    read: tuple[Hashable, ...] = ()
    """What tells the read of fields of an object from others of the same fields: the Redis command, the
    decoder, `binary`, and the arguments. The first middleware was asked to `recall` such a read. Empty where
    there is none, where no cache may be used, and where nothing would tell that the same call is the same."""

    def __str__(self) -> str:
        name = self.operation or self.name
        if self.model is None:
            return name
        pk = getattr(self.instance, "_pk", None)
        target = self.model.__name__ if pk is None else f"{self.model.__name__}({pk})"
        if not self.reads:
            return f"{name} {target}"
        fields = self.reads[0] if len(self.reads) == 1 else f"({', '.join(self.reads)})"
        return f"{name} {target}.{fields}"

    @property
    def request(self) -> tuple[Value, ...]:
        """Name and arguments as they are sent."""
        if self.script is None:
            if " " in self.name:
                return (*self.name.split(" "), *self.args)
            return (self.name, *self.args)
        return ("EVALSHA", self.script.sha, len(self.keys), *self.keys, *self.args)

    def then(self, function: Callable[[T], U]) -> Command[U]:
        """The same command, whose value is what `function` makes of this one's."""
        return cast(
            "Command[U]",
            self._replace(
                decode=cast(Any, partial(_decode_then, self.decode, function)),
                fallback=None if self.fallback is None else cast(Any, self.fallback.then(function)),
            ),
        )


def _decode_then(decode: Callable[[Any], T], function: Callable[[T], U], reply: Any) -> U:
    return function(decode(reply))
