"""A TCP proxy before a server, which loses replies and cuts connections when a test says so, or at random."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from random import Random
from types import TracebackType
from typing import Self

__all__ = ["CUTS", "Proxy"]

CUTS = ("in the request", "before the reply", "in the reply", "after the reply")
"""Where a connection is cut at random."""


class Proxy:
    """Passes connections to 127.0.0.1:`port` on to the unix socket `target`; a context manager."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        """How many connections were made."""
        self.cuts: Counter[str] = Counter()
        """How many connections were cut at random, by the place."""
        self._to_lose = 0
        self._chance = 0.0
        self._random = Random()
        self._places: Iterator[str] = cycle(CUTS)
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def lose_replies(self, number: int) -> None:
        """Let the next `number` requests through, but cut their connection instead of the reply.

        A new connection's greeting is passed on as ever.
        """
        with self._lock:
            self._to_lose = number

    def cut_at_random(self, chance: float, random: Random) -> None:
        """From now on cut the connection of a request with this chance, at all of `CUTS` in turn."""
        with self._lock:
            self._chance, self._random = chance, random

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
            line = _Line()
            threading.Thread(target=self._pass_requests, args=(client, server, line), daemon=True).start()
            threading.Thread(target=self._pass_replies, args=(server, client, line), daemon=True).start()

    def _pass_requests(self, client: socket.socket, server: socket.socket, line: _Line) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if not _is_greeting(data):
                    line.cut = self._choose_cut()
                    line.asked.set()
                if line.cut == "in the request":
                    server.sendall(self._part(data))
                    break
                server.sendall(data)
        _close(client, server)

    def _pass_replies(self, server: socket.socket, client: socket.socket, line: _Line) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if line.asked.is_set() and self._is_to_be_lost():
                    break
                if line.cut != "before the reply":
                    client.sendall(self._part(data) if line.cut == "in the reply" else data)
                if line.cut is not None:
                    break
        _close(client, server)

    def _choose_cut(self) -> str | None:
        with self._lock:
            if self._random.random() >= self._chance:
                return None
            place = next(self._places)
            self.cuts[place] += 1
            return place

    def _part(self, data: bytes) -> bytes:
        with self._lock:
            return data[: self._random.randrange(len(data))]

    def _is_to_be_lost(self) -> bool:
        with self._lock:
            if not self._to_lose:
                return False
            self._to_lose -= 1
            return True


class _Line:
    """What the two threads of a connection tell each other."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        """There was a request after the greeting."""
        self.cut: str | None = None
        """Where the connection will be cut."""


def _is_greeting(data: bytes) -> bool:
    """Whether a request is one of those with which redis-py opens a connection."""
    return any(word in data[:64] for word in (b"HELLO", b"CLIENT", b"SELECT", b"AUTH"))


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
