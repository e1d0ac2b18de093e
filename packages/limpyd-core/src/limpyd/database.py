"""The only door to Redis: `RedisDatabase.execute` runs a command.

A database knows commands, never fields. The models that live on it register themselves, so that no two of
them share keys.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import redis
from limpyd.commands import Command
from limpyd.connections import with_quick_pool
from limpyd.exceptions import ImplementationError, add_detail
from limpyd.middleware import MISS, Middleware
from limpyd.registry import Registry
from limpyd.runner import Runner, finish
from limpyd.trace import Request, Tracer
from limpyd.transport import Transport, default_settings

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["RedisDatabase", "raise_first"]

T = TypeVar("T")


class RedisDatabase:
    """A Redis server with its database number, and the models that live there.

    `RedisDatabase(host="localhost", port=6379, db=0)` takes what `redis.Redis` takes, with three other
    defaults: replies are `str` (bytes that are no UTF-8 come as surrogate escapes and are written back as
    they were), and a lost connection is tried once more and not ten times.

    - `connection`: a `redis.Redis` client to use instead, with its own settings.
    - `middleware`: hooks around every command, see `limpyd.middleware`.
    - `retry_writes`: let redis-py's retries repeat writes too. An increment whose answer was lost may then
      count twice; without it the caller gets redis-py's `ConnectionError` or `TimeoutError`.
    """

    def __init__(
        self,
        host: str = "localhost",
        port: int = 6379,
        db: int = 0,
        *,
        connection: redis.Redis | None = None,
        middleware: Sequence[Middleware] = (),
        retry_writes: bool = False,
        **settings: Any,
    ) -> None:
        if connection is None:
            connection = with_quick_pool(redis.Redis(host, port, db, **(default_settings() | settings)))
        elif settings or (host, port, db) != ("localhost", 6379, 0):
            raise ImplementationError(
                "RedisDatabase: give either a `connection` or the settings of one, not both"
            )
        self.connection: redis.Redis = connection
        """The redis-py client, for anything else that you want of Redis."""
        self.models = Registry()
        """The models that live here; iterate over it to see them."""
        self._middleware = tuple(middleware)
        self._after = tuple(each.after for each in reversed(self._middleware))
        # each with the ones to tell of its answer: those in front of it
        self._before = tuple(
            (each.before, self._after[len(self._after) - position :])
            for position, each in enumerate(self._middleware)
        )
        self._recalls = bool(middleware) and type(middleware[0]).recall is not Middleware.recall
        self._before_read = self._before[1:] if self._recalls else self._before
        self._tracer = Tracer()
        self._runner = Runner(Transport(connection), self._tracer, retry_writes=retry_writes)
        for hooks in self._middleware:
            hooks.join(self)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        middleware: Sequence[Middleware] = (),
        retry_writes: bool = False,
        **settings: Any,
    ) -> Self:
        """A database by its URL: `redis://host:port/db`, `rediss://…` or `unix:///path?db=0`."""
        connection = with_quick_pool(redis.Redis.from_url(url, **(default_settings() | settings)))
        return cls(connection=connection, middleware=middleware, retry_writes=retry_writes)

    def __repr__(self) -> str:
        settings = self.connection.connection_pool.connection_kwargs
        place = settings.get("path") or f"{settings.get('host')}:{settings.get('port')}"
        return f"<{type(self).__name__} {place} db {settings.get('db', 0)}>"

    @property
    def retry_writes(self) -> bool:
        """Whether redis-py's retries may repeat writes."""
        return self._runner.retry_writes

    def trace(self) -> AbstractContextManager[list[Request]]:
        """Collect every request that the block sends, as sent.

        ```python
        with database.trace() as requests:
            person.name.get()
        print(requests[0], requests[0].seconds)
        ```

        What other threads and tasks send meanwhile is not in it, nor what goes through `connection`.
        """
        return self._tracer.trace()

    def recall(self, instance: RedisModel, names: tuple[str, ...], read: tuple[Hashable, ...]) -> object:
        """The answer of the first middleware to a read whose command is not made yet, or `MISS`.

        See `Middleware.recall`. A hook: a database on which no read may be answered says `MISS`.
        """
        return self._middleware[0].recall(instance, names, read) if self._recalls else MISS

    def execute(self, command: Command[T]) -> T:
        """Run a command: send it, and return its decoded reply. One request, whatever it does.

        Raises what the command's decoder raises, and Redis's own errors unchanged.
        """
        if not self._middleware:
            return self._runner.run(command)
        told = self._after
        for before, passed in self._before_read if command.read else self._before:
            value: Any = before(command)
            if value is not MISS:
                told = passed
                break
        else:
            value = self._runner.run(command)
        for after in told:
            after(command, value)
        return value  # type: ignore[no-any-return]  # a middleware's hit is what the command would give

    def execute_now(self, command: Command[T]) -> T:
        """The same, for a caller that needs the value at once, as `len(collection)` does.

        Databases whose `execute` returns something that will have the value later refuse it.
        """
        return self.execute(command)

    def execute_together(self, commands: Sequence[Command[T]], *, raise_on_error: bool = True) -> list[T]:
        """Run commands in one round trip, each for itself, and return their values in order.

        An error of one keeps no other from being run. The first one is raised when all are done; without
        `raise_on_error` the errors stand in the list. If the connection breaks, all are repeated only if
        none of them writes. Every middleware sees every command, but can't answer it.
        """
        outcomes = self._outcomes(commands, self._ask(self._runner, commands, transaction=False))
        if raise_on_error:
            raise_first(outcomes)
        return outcomes

    def _ask(
        self, runner: Runner, commands: Sequence[Command[Any]], *, transaction: bool
    ) -> list[tuple[Command[Any], Any]]:
        """Send commands in one round trip, which all middlewares are told of: see `Runner.run_together`."""
        for middleware in self._middleware:
            for command in commands:
                middleware.before_together(command)
        return runner.run_together(commands, transaction=transaction)

    def _outcomes(
        self, commands: Sequence[Command[Any]], answers: Sequence[tuple[Command[Any], Any]]
    ) -> list[Any]:
        """The value of each command, or in its place the error, which says which command it was."""
        outcomes: list[Any] = []
        for number, (command, (sent, reply)) in enumerate(zip(commands, answers, strict=True), 1):
            outcome = self._outcome(command, sent, reply)
            if isinstance(outcome, Exception):
                add_detail(outcome, f"operation {number} of {len(commands)}: {command}")
            outcomes.append(outcome)
        return outcomes

    def _outcome(self, command: Command[Any], sent: Command[Any], reply: Any) -> Any:
        if isinstance(reply, Exception):
            return reply
        try:
            value = finish(sent, reply)
        except Exception as error:  # whatever a decoder raises is this command's error
            return error
        for middleware in reversed(self._middleware):
            middleware.after(command, value)
        return value


def raise_first(outcomes: Sequence[Any]) -> None:
    """Raise the first error that stands among values, if there is one."""
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
