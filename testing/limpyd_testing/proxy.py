"""A TCP proxy before a server, which loses replies and cuts connections when a test says so."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

__all__ = ["Proxy"]


class Proxy:
    """Passes connections to 127.0.0.1:`port` on to the unix socket `target`; a context manager."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        """How many connections were made."""
        self._to_lose = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def lose_replies(self, number: int) -> None:
        """Let the next `number` requests through, but cut their connection instead of the reply.

        A new connection's greeting is passed on as ever.
        """
        with self._lock:
            self._to_lose = number

    def cut(self) -> None:
        """Close all connections."""
        with self._lock:
            sockets, self._open = self._open, []
        for one in sockets:
            _close(one)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _close(self._listener)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            with self._lock:
                self.connections += 1
                self._open += [client, server]
            greeted = threading.Event()
            threading.Thread(target=self._pass_requests, args=(client, server, greeted), daemon=True).start()
            threading.Thread(target=self._pass_replies, args=(server, client, greeted), daemon=True).start()

    def _pass_requests(self, client: socket.socket, server: socket.socket, asked: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if not _is_greeting(data):
                    asked.set()
                server.sendall(data)
        _close(client, server)

    def _pass_replies(self, server: socket.socket, client: socket.socket, asked: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if asked.is_set() and self._is_to_be_lost():
                    break
                client.sendall(data)
        _close(client, server)

    def _is_to_be_lost(self) -> bool:
        with self._lock:
            if not self._to_lose:
                return False
            self._to_lose -= 1
            return True


def _is_greeting(data: bytes) -> bool:
    """Whether a request is one of those with which redis-py opens a connection."""
    return any(word in data[:64] for word in (b"HELLO", b"CLIENT", b"SELECT", b"AUTH"))


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
