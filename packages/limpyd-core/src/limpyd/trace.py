"""What a block of code sent to Redis, for tests, for the curious, and for `database.trace()`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from limpyd.keys import Value

__all__ = ["Request", "Tracer"]


@dataclass
class Request:
    """One request, as it was sent. `str()` shows it as one would type it in redis-cli, a line per command.

    The source of a script, which is long, is shown as its name: `SCRIPT LOAD <create>`.
    """

    args: tuple[Value, ...]
    """The name of the command and its arguments."""
    script: str | None = None
    """The name of the script that an `EVALSHA` ran, or that a `SCRIPT LOAD` brought."""
    seconds: float | None = None
    """How long it took until the reply was there; None if none came."""
    parts: tuple[Request, ...] = ()
    """The commands that were sent together, where it was a pipeline; `args` has the arguments of all."""

    @classmethod
    def of_parts(cls, parts: tuple[Request, ...]) -> Request:
        """The request that sends commands together."""
        return cls(tuple(arg for part in parts for arg in part.args), parts=parts)

    @property
    def name(self) -> str:
        """The Redis command, such as `SMEMBERS` or `EVALSHA`; of a pipeline the first."""
        return str(self.args[0])

    def __str__(self) -> str:
        if self.parts:
            return "\n".join(map(str, self.parts))
        if self.script is not None and self.name == "SCRIPT":
            return f"SCRIPT LOAD <{self.script}>"
        return " ".join(_quoted(arg) for arg in self.args)


def _quoted(arg: Value) -> str:
    text = arg.decode("utf-8", "backslashreplace") if isinstance(arg, bytes) else str(arg)
    if text and text.isprintable() and not set(text) & set(" \"'\\"):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in escaped) + '"'


_current: ContextVar[tuple[tuple[Tracer, list[Request]], ...]] = ContextVar("limpyd_traces", default=())


class Tracer:
    """Records the requests of one database, for each thread or task that asked for it."""

    def __init__(self) -> None:
        self.active = 0

    @contextmanager
    def trace(self) -> Iterator[list[Request]]:
        """Collect the requests that the current thread or task sends inside the block."""
        requests: list[Request] = []
        token = _current.set((*_current.get(), (self, requests)))
        self.active += 1
        try:
            yield requests
        finally:
            self.active -= 1
            _current.reset(token)

    @contextmanager
    def record(self, request: Request) -> Iterator[None]:
        """Give a request to every block that it is sent in; what runs inside is timed as its round trip."""
        for tracer, requests in _current.get():
            if tracer is self:
                requests.append(request)
        started = time.perf_counter()
        yield
        request.seconds = time.perf_counter() - started
