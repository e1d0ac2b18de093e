"""A load of all four packages for `LIMPYD_SOAK_MINUTES` minutes: how fast it is, and that nothing is left."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from limpyd_testing.connection import connect
from limpyd_testing.load.check import check
from limpyd_testing.load.figures import Latencies, read_figures
from limpyd_testing.load.load import Load
from limpyd_testing.report import Report
from limpyd_testing.server import Server

WORKERS = 8
WARM_UP = 3000
"""So many operations are done by each worker before memory is measured."""

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def used_memory(connection: Any) -> str:
    return f"{connection.info('memory')['used_memory'] / MEGABYTE:.1f} MB"


def setup(connection: Any) -> str:
    info = connection.info("server")
    name = info.get("server_name", "redis").capitalize()
    version = info.get("valkey_version", info["redis_version"])
    python = f"redis-py {redis.__version__}, Python {platform.python_version()}"
    return f"{name} {version}, {python}, {os.cpu_count()} cores"


@pytest.mark.deep
def test_a_long_load_leaves_nothing_behind_but_what_is_in_flight(server: Server, report: Report) -> None:
    minutes = float(os.environ.get("LIMPYD_SOAK_MINUTES", "1"))
    connection: Any = connect(server.url).connection
    with Load(server.url, WORKERS, tidy=True) as load:
        load.wait_for_progress(WARM_UP)
        memory, done, begin = used_memory(connection), sum(load.progress().values()), time.monotonic()
        time.sleep(60 * minutes)
        done, seconds = sum(load.progress().values()) - done, time.monotonic() - begin
        verdict = check(load, server.url)
        figures = read_figures(load.folder)
    assert connection.scard(":author:collection") <= WORKERS
    latencies = Latencies()
    for each in figures:
        latencies.update(each.latencies)
    clients = [
        f"{min(sizes) / MEGABYTE:.1f} to {max(sizes) / MEGABYTE:.1f} MB"
        for sizes in zip(*((each.memory_at_start, each.memory_at_end) for each in figures), strict=True)
    ]
    errors = ", ".join(f"{name}: {number:,}" for name, number in sorted(verdict.errors.items()))
    report.soak = {
        "on": setup(connection),
        "minutes": f"{seconds / 60:.1f}",
        "processes": str(WORKERS),
        "operations": f"{done:,} ({done / seconds:,.0f} a second)",
        "errors, all of operations that compete for the same objects": errors,
        "latency of an operation, p50 and p99": " and ".join(
            f"{latencies.percentile(percent) / 1000:.1f} ms" for percent in (50, 99)
        ),
        "memory of each process, at start": clients[0],
        "memory of each process, at end": clients[1],
        "memory of the server, at start": memory,
        "memory of the server, at end": used_memory(connection),
        "lost, half-done or repeated": str(len(verdict.mistakes)),
    }
    connection.close()
