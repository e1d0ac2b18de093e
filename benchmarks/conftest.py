"""One server on a unix socket for all benchmarks, and a table of ratios at the end.

In a group, the benchmark whose name ends with `by_hand` is the floor: the best that a good developer would
write on redis-py for that one model. The others of the group are shown as their rate in relation to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from limpyd.database import RedisDatabase
from limpyd_testing.server import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server of the run."""
    with Server() as server:
        yield server


@pytest.fixture
def database(server: Server) -> Iterator[RedisDatabase]:
    """An empty database, as a user makes it."""
    database = RedisDatabase.from_url(server.url)
    database.connection.flushdb()
    yield database
    database.connection.close()


@pytest.fixture
def by_hand(server: Server) -> Iterator[redis.Redis]:
    """A client for what is written by hand, with the settings that limpyd's has."""
    client = redis.Redis.from_url(server.url, decode_responses=True)
    yield client
    client.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show each benchmark's rate in relation to its group's floor, by their fastest rounds."""
    session: Any = getattr(config, "_benchmarksession", None)
    groups: dict[str, list[Any]] = defaultdict(list)
    for benchmark in session.benchmarks if session else ():
        if benchmark.group and benchmark.stats.rounds:
            groups[benchmark.group].append(benchmark)
    if not groups:
        return
    terminalreporter.write_sep("-", "rate in relation to the work done by hand")
    for group, benchmarks in groups.items():
        floor = next((each for each in benchmarks if each.name.partition("[")[0].endswith("by_hand")), None)
        for benchmark in benchmarks:
            ratio = f"{floor.stats.min / benchmark.stats.min:6.2f}" if floor else "      "
            name = benchmark.name.removeprefix("test_")
            terminalreporter.write_line(f"{group:34} {name:44} {benchmark.stats.min * 1e6:12.1f} us {ratio}")
