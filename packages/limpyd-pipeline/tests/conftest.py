"""A clean `PipelineDatabase` for each test, and models on it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from limpyd.contrib.database import PipelineDatabase
from limpyd.database import RedisDatabase


def connect(url: str) -> PipelineDatabase:
    return PipelineDatabase.from_url(url, protocol=int(os.environ.get("LIMPYD_PROTOCOL", "3")))


@pytest.fixture
def pipelines(server_url: str, database: RedisDatabase) -> Iterator[PipelineDatabase]:
    """The same empty database as the fixture `database`, with pipelines."""
    pipelines = connect(server_url)
    yield pipelines
    pipelines.connection.close()
