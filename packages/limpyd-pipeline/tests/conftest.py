"""A clean `PipelineDatabase` for each test, and models on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.database import PipelineDatabase
from limpyd.database import RedisDatabase
from limpyd_testing.models import Visitor, define


def connect(url: str) -> PipelineDatabase:
    return PipelineDatabase.from_url(url, protocol=int(os.environ.get("LIMPYD_PROTOCOL", "3")))


@pytest.fixture
def pipelines(server_url: str, database: RedisDatabase) -> Iterator[PipelineDatabase]:
    """The same empty database as the fixture `database`, with pipelines."""
    pipelines = connect(server_url)
    yield pipelines
    pipelines.connection.close()


class BaseNamed(model.RedisModel):
    abstract = True
    id = fields.PKField()
    name = fields.StringField()
    email = fields.StringField(unique=True)


@pytest.fixture
def person(pipelines: PipelineDatabase) -> Any:
    return define(Visitor, pipelines, "Person")


@pytest.fixture
def named(pipelines: PipelineDatabase) -> Any:
    return type("Named", (BaseNamed,), {"database": pipelines})
