"""Counts requests as the server sees them, by `MONITOR`.

A request is a command that a client sends. What a script calls is none: the server names `lua` as its source.
The commands of a pipeline and of a transaction count each, and `MULTI` and `EXEC` as well. What comes between
two marks counts, which the one that is watched sends as `ECHO`.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

import redis

__all__ = ["BEGIN", "END", "Monitor"]

BEGIN = "limpyd benchmarks: begin"
END = "limpyd benchmarks: end"


class Monitor:
    """Counts the requests to one database between the marks that are sent in the block."""

    def __init__(self, socket: str, db: int) -> None:
        self.requests = 0
        self._db = db
        client: Any = redis.Redis(unix_socket_path=socket)  # redis-py's monitor has no types
        self._client = client
        self._monitor = client.monitor()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._monitor.__enter__()
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc is None:
            self._thread.join(60)
        self._monitor.__exit__(exc_type, exc, traceback)
        self._client.close()
        if exc is None and self._thread.is_alive():
            raise RuntimeError("MONITOR did not show the end of the measurement")

    def _listen(self) -> None:
        inside = False
        for seen in self._monitor.listen():
            if seen["client_type"] == "lua" or seen["db"] != self._db:
                continue
            if seen["command"] == f"ECHO {BEGIN}":
                inside = True
            elif seen["command"] == f"ECHO {END}":
                return
            elif inside:
                self.requests += 1
