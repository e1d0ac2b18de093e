"""The pool of the client that a database makes for itself.

For each request, redis-py's pool takes a lock, moves the connection between two collections, and tells
listeners and metrics of both: that is a fifth of the time of a short request. Here a connection that is given
back is a *spare*, which whoever comes next takes without all that. To redis-py's pool, whose class this one
extends by its public methods alone, a spare is in use like any other. So the rules are:

- Everybody goes by `get_connection` and `release`, and spares are taken first: they are nobody's, and keep
  nobody from a connection however low `max_connections` is.
- A spare is handed out only if a request can be sent over it, and its reply will be the next one: it is
  connected, the server has not closed it, and what waits to be read, if anything does, are notifications.
  Any other goes back to redis-py's pool, which is asked for a connection instead. What redis-py's pool itself
  would hand out where notifications are on, a connection on which a reply was left, is closed before.
- `disconnect` gives the spares back before it closes what nobody uses.
- A forked process has no spares: their sockets are its parent's.
"""

from __future__ import annotations

import os
import secrets
from collections import deque
from contextlib import suppress
from typing import Any

import redis
from redis.connection import ConnectionPool
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

__all__ = ["QuickConnectionPool", "with_quick_pool"]


class QuickConnectionPool(ConnectionPool):
    """redis-py's `ConnectionPool`, whose connections change hands in a third of the time.

    `with_quick_pool` makes it, for the settings that it can serve. Any number of threads may use it.
    redis-py's metrics count spares as used.
    """

    def reset(self) -> None:
        """Start with no connections. redis-py calls it in a forked process, before anything else."""
        self._spares: deque[Any] = deque()
        self._lent: set[Any] = set()
        super().reset()

    def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection that is ready for a request, and nobody else's until it is released.

        Raises redis-py's `MaxConnectionsError` if there are too many, and `ConnectionError` if there is no
        server.
        """
        if self.pid == os.getpid():
            try:
                connection = self._spares.pop()
            except IndexError:
                pass
            else:
                if self._is_ready(connection):
                    self._lent.add(connection)
                    return connection
        connection = super().get_connection(*args, **options)
        self._lent.add(connection)
        return connection

    def release(self, connection: Any) -> None:
        """Take a connection back; one that is back already is ignored."""
        try:
            self._lent.remove(connection)
        except KeyError:
            if connection not in self._spares:
                super().release(connection)
            return
        if self.pid == os.getpid():
            self._spares.append(connection)
        else:
            super().release(connection)

    def disconnect(self, inuse_connections: bool = True) -> None:
        """Close all connections, or only those that nobody uses."""
        if self.pid == os.getpid():
            with suppress(IndexError):
                while True:
                    super().release(self._spares.pop())
        super().disconnect(inuse_connections)

    def _is_ready(self, connection: Any) -> bool:
        """Whether a request can be sent over a spare; if not, redis-py's pool gets it back."""
        is_ready = False
        try:
            is_ready = (
                connection.is_connected
                and not connection.should_reconnect()
                and (not connection.can_read() or _answers(connection))
            )
        except (RedisError, OSError):
            pass
        finally:
            if not is_ready:
                super().release(connection)
        return is_ready


def _answers(connection: Any) -> bool:
    """Whether the next reply is the one to what is asked next; closes the connection if it is not.

    Notifications that come before it are passed to whom redis-py has for them.
    """
    token = secrets.token_hex(8)
    is_next = False
    try:
        connection.send_command("PING", token, check_health=False)
        is_next = connection.read_response() in (token, token.encode())
    finally:
        if not is_next:
            connection.disconnect()
    return is_next


def with_quick_pool(client: redis.Redis) -> redis.Redis:
    """A client that was just made, with a quick pool of the same settings instead of its plain one.

    A client keeps the pool that it has if that is of another class, caches replies, or logs its connections
    in again by new credentials when they are released; and one that has a single connection keeps that.
    """
    pool = client.connection_pool
    if (
        type(pool) is ConnectionPool
        and pool.cache is None
        and pool.connection_kwargs.get("credential_provider") is None
        and client.connection is None
    ):
        settings = dict(pool.connection_kwargs)
        plain: Any = pool
        if not plain.maint_notifications_enabled():  # the settings of a pool tell of it only where they are
            settings["maint_notifications_config"] = MaintNotificationsConfig(enabled=False)
        client.connection_pool = QuickConnectionPool(pool.connection_class, pool.max_connections, **settings)
    return client
