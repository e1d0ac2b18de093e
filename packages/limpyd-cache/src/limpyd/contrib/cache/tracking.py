"""The connection over which the server tells which keys have changed.

It says `CLIENT TRACKING ON BCAST PREFIX ...` and then listens: the server names every key under the prefixes
that any client changes, and keeps no list of who read what, so that reads may go over any connection. The
prefixes are those of models, since without them a busy server would tell of all keys of everybody. A thread
listens; while the connection is lost, anything may have changed.

Invalidation messages came with Redis 6.0, and with every Valkey.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

import redis
from redis.exceptions import RedisError

__all__ = ["HEARTBEAT", "Tracking"]

HEARTBEAT = 5.0
"""After this many seconds of silence the server is asked whether it is there, and has as long to answer."""

_RETRY = 0.5

_log = logging.getLogger(__name__)


class Tracking:
    """Listens to a server for changes of keys; made for some prefixes, started once, and closed.

    - `client`: whose settings the connection has.
    - `on_change`: called by the listening thread with the keys that changed, or None when any may have.
    """

    def __init__(
        self,
        client: redis.Redis,
        prefixes: Iterable[str],
        on_change: Callable[[Iterable[str] | None], None],
    ) -> None:
        self._pool = client.connection_pool
        self._prefixes = tuple(prefixes)
        self._on_change = on_change
        self.listening = False
        """Whether every change is heard of; it turns False just before `on_change(None)`."""
        self._connection: Any = None
        self._sending = Lock()
        self._closed = Event()
        self._pid = os.getpid()
        self._thread = Thread(target=self._listen, name="limpyd-cache", daemon=True)

    def start(self) -> None:
        """Connect, and listen from now on.

        Raises redis-py's `ResponseError` if the server refuses, which one without tracking does, and
        `ConnectionError` if there is none.
        """
        self._connect()
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, soon. In a forked process, which has no such thread, nothing is done."""
        self._closed.set()
        if os.getpid() == self._pid and self._thread.is_alive():
            with suppress(RedisError, OSError):
                self._send("PING")  # wakes the thread

    def close(self) -> None:
        """Stop listening, and wait until the thread has ended."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(HEARTBEAT)

    def _connect(self) -> None:
        settings = self._pool.connection_kwargs | {
            "protocol": 3,
            "decode_responses": True,
            "encoding_errors": "surrogateescape",
            "socket_timeout": HEARTBEAT,
            "health_check_interval": 0,
        }
        connection: Any = self._pool.connection_class(**settings)
        try:
            connection.connect()
            connection._parser.set_invalidation_push_handler(_as_it_is)
            options = [word for prefix in self._prefixes for word in ("PREFIX", prefix)]
            connection.send_command("CLIENT", "TRACKING", "ON", "BCAST", *options)
            connection.read_response()
        except BaseException:
            connection.disconnect()
            raise
        self._connection = connection
        self.listening = True

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._receive()
            except Exception as error:  # whatever it is: changes may be missed from here on
                _log.warning("the connection that tells what changed is lost: %s", error)
            self.listening = False
            self._on_change(None)
            self._connection.disconnect()
            self._reconnect()

    def _receive(self) -> None:
        """Pass on what the server says, until the connection breaks or is closed."""
        asked = False
        while not self._closed.is_set():
            if self._connection.can_read(timeout=HEARTBEAT):
                message = self._connection.read_response(push_request=True)
                asked = False
                if isinstance(message, list) and message[0] == "invalidate":
                    self._on_change(message[1])
            elif asked:
                raise redis.TimeoutError("the server is silent")
            else:
                self._send("PING")
                asked = True

    def _reconnect(self) -> None:
        while not self._closed.wait(_RETRY):
            try:
                self._connect()
            except (RedisError, OSError):
                continue
            return

    def _send(self, *args: str) -> None:
        with self._sending:
            self._connection.send_command(*args, check_health=False)


def _as_it_is(message: Any) -> Any:
    return message
