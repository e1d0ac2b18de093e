"""Sends requests over a connection of a redis-py client, and reads their replies.

This is the part of the client's `execute_command` and of its pipelines that limpyd needs, by public calls of
redis-py: without the reply callbacks, which shape replies differently by protocol, and with retries for what
may be repeated only. Nothing here knows what a request means.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

import redis
from limpyd.keys import Value
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import DataError, ResponseError, WatchError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

__all__ = ["HeldTransport", "Transport", "default_settings"]

T = TypeVar("T")

hiredis: Any = import_module("hiredis") if find_spec("hiredis") else None


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
        encoder = self._pool.get_encoder()
        self._decodes = bool(encoder.decode_responses)
        self._packs = hiredis is not None and encoder.encoding == "utf-8"

    def send(self, args: tuple[Value, ...], *, repeat: bool, binary: bool) -> Any:
        """Send one request; return its raw reply, as `str` where it is text, unless `binary`.

        The pool hands out live connections only, so connecting again is safe at any time. If the connection
        breaks later, the request is sent again only if `repeat`; else redis-py's error is raised, and
        whether Redis got the request is unknown.
        """
        connection = self._take()
        try:
            reply = self._ask(connection, args, binary)
        except Exception as error:
            if not repeat:
                raise
            reply = self._repeat(connection, error, partial(self._ask, connection, args, binary))
        finally:
            self._give_back(connection)
        return reply if self._decodes or binary else self.as_text(reply)

    def send_together(
        self, requests: Sequence[tuple[Value, ...]], *, repeat: bool, binary: Container[int] = ()
    ) -> list[Any]:
        """Send requests in one go, and read all replies; an error of Redis stands in the list as itself.

        `binary` has the numbers of the requests whose replies stay `bytes`. If the connection breaks, all of
        it is sent again only if `repeat`.
        """
        connection = self._take()
        try:
            replies = self._ask_together(connection, requests, binary)
        except Exception as error:
            if not repeat:
                raise
            replies = self._repeat(
                connection, error, partial(self._ask_together, connection, requests, binary)
            )
        finally:
            self._give_back(connection)
        if self._decodes:
            return replies
        return [reply if n in binary else self.as_text(reply) for n, reply in enumerate(replies)]

    @contextmanager
    def hold(self) -> Iterator[HeldTransport]:
        """A transport over one connection, which is nobody else's inside the block."""
        connection = self._pool.get_connection()
        try:
            yield HeldTransport(self.client, connection)
        finally:
            self._pool.release(connection)

    def as_text(self, reply: Any) -> Any:
        """A reply with its bytes decoded, as a client with `decode_responses` does it."""
        if isinstance(reply, bytes):
            return reply.decode("utf-8", "surrogateescape")
        if isinstance(reply, list):
            return [self.as_text(item) for item in reply]
        if isinstance(reply, set):
            return {self.as_text(item) for item in reply}
        if isinstance(reply, dict):
            return {self.as_text(key): self.as_text(value) for key, value in reply.items()}
        return reply

    def _ask(self, connection: Any, args: tuple[Value, ...], binary: bool) -> Any:
        """One round trip. What was not read can't be taken for a later reply: the connection is closed."""
        try:
            packed = [_packed(args)] if self._packs else connection.pack_command(*args)
        except ValueError as error:
            raise _unsendable(error) from error
        try:
            connection.send_packed_command(packed)
            return connection.read_response(disable_decoding=binary)
        except ResponseError:
            raise
        except BaseException:
            connection.disconnect()
            raise

    def _ask_together(
        self, connection: Any, requests: Sequence[tuple[Value, ...]], binary: Container[int]
    ) -> list[Any]:
        """The same for many requests, whose errors are replies, too."""
        try:
            packed = [b"".join(map(_packed, requests))] if self._packs else connection.pack_commands(requests)
        except ValueError as error:
            raise _unsendable(error) from error
        try:
            connection.send_packed_command(packed)
            return [_read(connection, number in binary) for number in range(len(requests))]
        except BaseException:
            connection.disconnect()
            raise

    def _repeat(self, connection: Any, error: Exception, ask: Callable[[], T]) -> T:
        """What `ask` gives, after a first time that ended with `error`, by redis-py's rules of retrying."""
        failed = [error]
        del error  # which is going to hold this frame

        def attempt() -> T:
            if failed:
                raise failed.pop()
            return ask()

        return connection.retry.call_with_retry(  # type: ignore[no-any-return]  # redis-py's are untyped
            attempt, lambda _error: connection.disconnect()
        )

    def _take(self) -> Any:
        """A connection for one request: one of the pool, or the client's only one once it is free."""
        if self.client.connection is None:
            return self._pool.get_connection()
        self.client.single_connection_lock.acquire()
        return self.client.connection

    def _give_back(self, connection: Any) -> None:
        if self.client.connection is None:
            self._pool.release(connection)
        else:
            self.client.single_connection_lock.release()


class HeldTransport(Transport):
    """Sends over one connection, whose state at the server (a WATCH) the requests rely on.

    When the connection breaks, so does that state: then nothing is repeated, and what could have been is a
    `WatchError`, upon which the caller starts anew.
    """

    def __init__(self, client: redis.Redis, connection: Any) -> None:
        super().__init__(client)
        self._held = connection

    @property
    def is_alive(self) -> bool:
        """Whether the connection is still the one that was handed out."""
        return bool(self._held.is_connected)

    def disconnect(self) -> None:
        """Close the connection, with all its state at the server."""
        self._held.disconnect()

    def _take(self) -> Any:
        if not self.is_alive:
            raise WatchError("The connection was lost while watching; nothing was sent")
        return self._held

    def _give_back(self, connection: Any) -> None:
        pass

    def _repeat(self, connection: Any, error: Exception, ask: Callable[[], T]) -> T:
        if isinstance(error, (RedisConnectionError, RedisTimeoutError)):
            raise WatchError(f"The connection was lost while watching: {error}") from error
        raise error


def _read(connection: Any, binary: bool) -> Any:
    try:
        return connection.read_response(disable_decoding=binary)
    except ResponseError as error:
        return error


def _packed(request: tuple[Value, ...]) -> bytes:
    """A request as the bytes to send, made by hiredis at once.

    It knows UTF-8 only, and refuses the surrogate escapes that stand for bytes which are no text.
    """
    pack: Callable[[tuple[Value, ...]], bytes] = hiredis.pack_command
    try:
        return pack(request)
    except UnicodeEncodeError:
        return pack(tuple(map(_encoded, request)))


def _encoded(arg: Value) -> Value:
    return arg.encode("utf-8", "surrogateescape") if isinstance(arg, str) else arg


def _unsendable(error: ValueError) -> DataError:
    """What is raised for a text that has no bytes (half a surrogate pair), or a number of too many digits."""
    return DataError(f"Invalid input: {error}")
