"""What can be hooked around every command of a database.

A middleware is given to a database when that is made: `RedisDatabase(..., middleware=[first, second])`. For a
command, `before` is called from first to last, and `after` from last to first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from limpyd.commands import Command

if TYPE_CHECKING:
    from limpyd.database import RedisDatabase
    from limpyd.model import RedisModel

__all__ = ["MISS", "Middleware", "Preloader", "added_method"]

Preloader = Callable[[Any, Sequence["str | None"]], None]
"""What takes an object and the values of some of its fields."""


class _Miss:
    def __repr__(self) -> str:
        return "MISS"


MISS: Final = _Miss()
"""What `Middleware.before` answers when the command is to be sent."""


class Middleware:
    """The hooks, which do nothing here. Override the ones that you need."""

    object_methods: Mapping[str, Callable[[Any], object]] = {}
    """Methods for the objects of the database, by name; each is called with the object."""
    field_methods: Mapping[str, Callable[[Any], object]] = {}
    """Methods for the fields of these objects, by name; each is called with the bound field."""

    def join(self, database: RedisDatabase) -> None:
        """Called once for each database that is made with this middleware."""

    def recall(self, instance: RedisModel, names: tuple[str, ...], read: tuple[Hashable, ...]) -> object:
        """Called instead of `before`, before a read has its command. Return the value to answer, else `MISS`.

        For a middleware that knows many answers: making a command takes longer than looking one up. The read
        is one of the field `names[0]` of an object that has a pk, or one that the object has for several of
        its hashable fields. `read` is what its command is going to have as `Command.read`: reads of the same
        fields that are equal get equal replies, as long as nothing is written.

        Only the first middleware of a database is asked, and only if it overrides this: an answer of any
        other is for those in front to know.
        """
        return MISS

    def before(self, command: Command[Any]) -> object:
        """Called before the command is sent. Return the value to answer without sending it, else `MISS`.

        An answer is passed to `after` of the middlewares in front of this one, as if it came from Redis.
        """
        return MISS

    def before_together(self, command: Command[Any]) -> None:
        """Called instead of `before` where nothing may answer: a read in a transaction has to be fresh.

        Commands that are sent together (`execute_together`, pipelines and transactions) are always sent: this
        is called for each, just before. Unless it is overridden, `before` is called, and its answer ignored.
        """
        self.before(command)

    def preload(self, model: type[RedisModel], names: tuple[str, ...]) -> Preloader | None:
        """Called before the values of the fields `names` are read along with the pks of a collection.

        Return what is to be called with each object of the collection that is made, and its values in the
        order of the names; None if there is no use for them.
        """
        return None

    def after(self, command: Command[Any], value: Any) -> None:
        """Called with the decoded value once it is there; not called for a command that failed."""


def added_method(target: Any, name: str, methods: Iterable[Mapping[str, Callable[[Any], object]]]) -> Any:
    """The method `name` that middlewares add to `target`, which calls what each of them has for it.

    Raises `AttributeError`, with Python's own text, if none has any.
    """
    found = [by_name[name] for by_name in methods if name in by_name]
    if not found:
        raise AttributeError(
            f"{type(target).__name__!r} object has no attribute {name!r}", name=name, obj=target
        )
    return partial(_call_all, found, target)


def _call_all(functions: list[Callable[[Any], object]], target: Any) -> None:
    for function in functions:
        function(target)
