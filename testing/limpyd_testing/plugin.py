"""The pytest plugin: one server for the run, and a clean database on it for each test.

`LIMPYD_SERVER` chooses the server that is started (see `limpyd_testing.server.binary`); `LIMPYD_REDIS_URL`
uses one that runs already, whose database must be empty. `LIMPYD_PROTOCOL` is the RESP version, 3 or 2, and
`LIMPYD_ACCESS` the way to the server (see `limpyd_testing.access`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import pytest
import redis
from limpyd.database import RedisDatabase
from limpyd.scripts import Script

from limpyd_testing.access import open_database, start_server
from limpyd_testing.connection import connect

__all__ = ["connect", "database", "load_scripts", "server_url"]

for package in ("hostile", "load"):  # whose assertions are to tell as much as those of the tests
    pytest.register_assert_rewrite(f"limpyd_testing.{package}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--deep`, which runs the long tests alone."""
    parser.addoption("--deep", action="store_true", help="run the tests marked `deep`, and no others")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose between the usual tests and the long ones."""
    deep = bool(config.getoption("--deep"))
    chosen = [item for item in items if bool(item.get_closest_marker("deep")) is deep]
    others = [item for item in items if bool(item.get_closest_marker("deep")) is not deep]
    items[:] = chosen
    if others:
        config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The URL of the server that the tests run on."""
    url = os.environ.get("LIMPYD_REDIS_URL")
    if url is not None:
        if connect(url).connection.dbsize():
            pytest.exit(f"{url} is not empty, and the tests would empty it", returncode=2)
        yield url
        return
    with start_server() as url:
        yield url


@cache
def core_scripts() -> dict[str, str]:
    """The sources of all of core's scripts, by their SHA."""
    names = [file.name for file in files("limpyd.scripts").iterdir() if file.name.endswith(".lua")]
    scripts = [Script(name.removesuffix(".lua")) for name in names]
    return {script.sha: script.source for script in scripts}


def load_scripts(client: redis.Redis) -> None:
    """Load those of core's scripts that a server does not know, so that tests see what comes afterwards."""
    scripts = core_scripts()
    for sha, is_known in zip(scripts, client.script_exists(*scripts), strict=True):
        if not is_known:
            client.script_load(scripts[sha])


@pytest.fixture
def database(server_url: str) -> Iterator[RedisDatabase]:
    """An empty database, on which a test defines its own models; the server knows core's scripts."""
    with open_database(server_url) as database:
        client = database.connection
        client.flushdb()
        load_scripts(client)
        yield database
        client.flushdb()
