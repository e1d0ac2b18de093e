"""Eight processes write at random at once: afterwards, indexes equal data, and unique values are unique."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd_testing.competitors import compete
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis
from limpyd_testing.expected import define_example, repeats, repeats_in_redis
from limpyd_testing.writes import TYPES

PROCESSES = 8


def check(database: RedisDatabase, url: str, seconds: float) -> None:
    assert compete(url, PROCESSES, seconds) > PROCESSES
    connection: Any = database.connection
    models = {kind: define_example(database, kind, pk=fields.PKField()) for kind in TYPES}
    for kind, model in models.items():
        found = indexes_in_redis(model)
        assert found == indexes_by_scan(model)
        unique = {key: pks for key, pks in found.items() if key.startswith(f":{kind}:unique:")}
        assert all(len(pks) == 1 for pks in unique.values())
        assert all(pks <= set(model.collection()) for pks in found.values())
    for pk in connection.smembers(":list:collection"):
        for name in ("indexed", "unique"):
            counted = repeats_in_redis(models["list"], pk, name)
            assert not counted or counted == repeats(connection.lrange(f":list:{pk}:{name}", 0, -1))
    assert not connection.keys("*:__scratch")


def test_eight_processes_keep_indexes_and_data_together(database: RedisDatabase, server_url: str) -> None:
    check(database, server_url, seconds=3)


@pytest.mark.deep
def test_eight_processes_keep_indexes_and_data_together_for_long(
    database: RedisDatabase, server_url: str
) -> None:
    check(database, server_url, seconds=120)
