"""Sends a request over a connection of a redis-py client, and reads its reply.

This is the part of the client's `execute_command` that limpyd needs, by redis-py's public calls: without the
reply callbacks, which shape replies differently by protocol, and with retries for what may be repeated only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from limpyd.keys import Value
from redis.backoff import NoBackoff
from redis.retry import Retry

__all__ = ["Transport", "default_settings"]


def default_settings() -> dict[str, Any]:
    """Where the client of a database differs from `redis.Redis()`, unless settings say otherwise."""
    return {
        "decode_responses": True,
        "encoding_errors": "surrogateescape",
        "retry": Retry(NoBackoff(), 1),
    }


class Transport:
    """Sends over connections of `client`, which it shares with everybody else who uses the client."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self._pool = client.connection_pool
        self._decodes = bool(self._pool.get_encoder().decode_responses)

    def send(self, args: tuple[Value, ...], *, repeat: bool, binary: bool) -> Any:
        """Send one request; return its raw reply, as `str` where it is text, unless `binary`.

        The pool hands out live connections only, so connecting again is safe at any time. If the connection
        breaks later, the request is sent again only if `repeat`; else redis-py's error is raised, and
        whether Redis got the request is unknown.
        """
        with self._connection() as connection:

            def roundtrip() -> Any:
                connection.send_command(*args)
                return connection.read_response(disable_decoding=binary)

            if repeat:
                reply = connection.retry.call_with_retry(roundtrip, lambda _error: connection.disconnect())
            else:
                reply = roundtrip()
        return reply if self._decodes or binary else _as_text(reply)

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        if self.client.connection is not None:
            with self.client.single_connection_lock:
                yield self.client.connection
            return
        connection = self._pool.get_connection()
        try:
            yield connection
        finally:
            self._pool.release(connection)


def _as_text(reply: Any) -> Any:
    """A reply with its bytes decoded, for a client that was made without `decode_responses`."""
    if isinstance(reply, bytes):
        return reply.decode("utf-8", "surrogateescape")
    if isinstance(reply, list):
        return [_as_text(item) for item in reply]
    if isinstance(reply, dict):
        return {_as_text(key): _as_text(value) for key, value in reply.items()}
    return reply
