"""A master with a replica, and a Sentinel that watches over them."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import Any, Self

import redis
from limpyd.contrib.database import PipelineDatabase
from limpyd.middleware import Middleware
from redis.exceptions import RedisError
from redis.sentinel import Sentinel

from limpyd_testing.connection import protocol
from limpyd_testing.load.opener import Opener
from limpyd_testing.server import Server, binary, free_port
from limpyd_testing.waiting import wait_for

__all__ = ["Watched", "follow"]

_NAME = "main"

_SETTINGS = """
bind 127.0.0.1
port {port}
dir {folder}
sentinel monitor {name} 127.0.0.1 {master} 1
sentinel down-after-milliseconds {name} 30000
sentinel failover-timeout {name} 3000
"""


def follow(replica: Server, master: Server) -> None:
    """Make a server the replica of another, and wait until it has its data."""
    with redis.Redis(unix_socket_path=replica.socket) as client:
        client.replicaof("127.0.0.1", str(master.port))
        wait_for(lambda: _info(client).get("master_link_status") == "up")


def _wait_for_replication(master: Server) -> None:
    """Wait until the replica has all that the master has now."""
    with redis.Redis(unix_socket_path=master.socket) as client:
        written = _info(client)["master_repl_offset"]
        wait_for(lambda: _info(client).get("slave0", {}).get("offset", -1) >= written)


def _info(client: redis.Redis) -> dict[str, Any]:
    return dict(client.info("replication"))


def _open(sentinel: int, protocol: int, middleware: Sequence[Middleware]) -> PipelineDatabase:
    """A database on whatever server is the master, by the Sentinel on this port."""
    ask: Any = Sentinel([("127.0.0.1", sentinel)], socket_timeout=1)  # type: ignore[no-untyped-call]  # redis-py's are untyped
    client = ask.master_for(_NAME, decode_responses=True, protocol=protocol, socket_timeout=2)
    return PipelineDatabase(connection=client, middleware=middleware)


class Watched:
    """Two servers, a master and a replica, and a Sentinel; a context manager."""

    def __init__(self) -> None:
        self.servers = (Server(tcp=True), Server(tcp=True))
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="limpyd-sentinel-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def opener(self) -> Opener:
        """Makes databases on the master."""
        return partial(_open, self.port, protocol())

    @property
    def master(self) -> Server:
        """The server that Sentinel takes for the master."""
        with redis.Redis(port=self.port) as client:
            port = int(dict(client.sentinel_master(_NAME))["port"])
        return next(server for server in self.servers if server.port == port)

    def fail_over(self) -> Server:
        """Kill the master, wait until the other one is the master, and return the dead one.

        What was written before is not lost, since the replica has it; what is written meanwhile may be.
        Sentinel is told of it, and has much patience otherwise: on a busy machine it would take a master for
        dead that is only slow.
        """
        dead = self.master
        _wait_for_replication(dead)
        dead.stop(kill=True)
        with redis.Redis(port=self.port) as client:
            client.execute_command("SENTINEL", "FAILOVER", _NAME)
        wait_for(lambda: self.master is not dead, seconds=60)
        wait_for(self._is_writable)
        return dead

    def wait_for_replica(self) -> None:
        """Wait until Sentinel knows a replica that it could make the master."""
        with redis.Redis(port=self.port) as client:
            wait_for(lambda: self._good_replicas(client))

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> Self:
        """Start all three, and wait until Sentinel could make the replica the master."""
        first, second = (server.start() for server in self.servers)
        follow(second, first)
        settings = self._folder / "sentinel.conf"
        settings.write_text(
            _SETTINGS.format(port=self.port, folder=self._folder, name=_NAME, master=first.port)
        )
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen([binary(), settings, "--sentinel"], stdout=log, stderr=log)
        wait_for(self._is_there)
        self.wait_for_replica()
        return self

    def close(self) -> None:
        """Stop all three for good."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        for server in self.servers:
            server.close()
        rmtree(self._folder, ignore_errors=True)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _is_there(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text(errors="replace")
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def _is_writable(self) -> bool:
        with redis.Redis(unix_socket_path=self.master.socket) as client:
            return bool(_info(client)["role"] == "master")

    def _good_replicas(self, client: redis.Redis) -> bool:
        replicas: Any = client.sentinel_slaves(_NAME)
        return any(not (one["is_odown"] or one["is_sdown"] or one["is_disconnected"]) for one in replicas)
