"""The only door to Redis: `RedisDatabase.execute` runs a command.

A database knows commands, never fields. The models that live on it register themselves, so that no two of
them share keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import redis
from limpyd.commands import Command
from limpyd.exceptions import ImplementationError
from limpyd.keys import Value
from limpyd.middleware import MISS, Middleware
from limpyd.registry import Registry
from limpyd.trace import Request, Tracer
from limpyd.transport import Transport, default_settings
from redis.exceptions import NoScriptError, ResponseError

__all__ = ["RedisDatabase"]

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
            connection = redis.Redis(host, port, db, **(default_settings() | settings))
        elif settings or (host, port, db) != ("localhost", 6379, 0):
            raise ImplementationError(
                "RedisDatabase: give either a `connection` or the settings of one, not both"
            )
        self.connection: redis.Redis = connection
        """The redis-py client, for anything else that you want of Redis."""
        self.retry_writes = retry_writes
        self.models = Registry()
        """The models that live here; iterate over it to see them."""
        self._middleware = tuple(middleware)
        self._tracer = Tracer()
        self._unknown: set[str] = set()
        self._transport = Transport(connection)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        middleware: Sequence[Middleware] = (),
        retry_writes: bool = False,
        **settings: Any,
    ) -> RedisDatabase:
        """A database by its URL: `redis://host:port/db`, `rediss://…` or `unix:///path?db=0`."""
        connection = redis.Redis.from_url(url, **(default_settings() | settings))
        return cls(connection=connection, middleware=middleware, retry_writes=retry_writes)

    def __repr__(self) -> str:
        settings = self.connection.connection_pool.connection_kwargs
        place = settings.get("path") or f"{settings.get('host')}:{settings.get('port')}"
        return f"<{type(self).__name__} {place} db {settings.get('db', 0)}>"

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

    def execute(self, command: Command[T]) -> T:
        """Run a command: send it, and return its decoded reply. One request, whatever it does.

        Raises what the command's decoder raises, and Redis's own errors unchanged.
        """
        if not self._middleware:
            return self._run(command)
        for position, middleware in enumerate(self._middleware):
            value: Any = middleware.before(command)
            if value is not MISS:
                passed = self._middleware[:position]
                break
        else:
            value = self._run(command)
            passed = self._middleware
        for middleware in reversed(passed):
            middleware.after(command, value)
        return value  # type: ignore[no-any-return]  # a middleware's hit is what the command would give

    def _run(self, command: Command[T]) -> T:
        if command.name in self._unknown and command.fallback is not None:
            command = command.fallback
        try:
            reply = self._reply(command)
        except ResponseError as error:
            if command.fallback is None or not str(error).lower().startswith("unknown command"):
                raise
            self._unknown.add(command.name)
            return self._run(command.fallback)
        value = command.decode(reply)
        if command.on_reply is not None:
            command.on_reply(reply)
        return value

    def _reply(self, command: Command[Any]) -> Any:
        """The raw reply to a command; a script that the server doesn't know (any more) is loaded first."""
        repeat = self.retry_writes or not command.is_write
        try:
            return self._send(command.request, repeat, command)
        except NoScriptError:
            if command.script is None:
                raise
        self._send(("SCRIPT", "LOAD", command.script.source), True, None)
        return self._send(command.request, repeat, command)

    def _send(self, args: tuple[Value, ...], repeat: bool, command: Command[Any] | None) -> Any:
        binary = command is not None and command.binary
        if not self._tracer.active:
            return self._transport.send(args, repeat=repeat, binary=binary)
        script = command.script.name if command is not None and command.script else None
        with self._tracer.record(Request(args, script)):
            return self._transport.send(args, repeat=repeat, binary=binary)
