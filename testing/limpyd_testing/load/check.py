"""The end of every test of a fault: journals and data agree, and so do data and indexes."""

from __future__ import annotations

from collections.abc import Iterable

from limpyd.database import RedisDatabase

from limpyd_testing.connection import connect
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis
from limpyd_testing.load.judge import Verdict, judge
from limpyd_testing.load.load import Load
from limpyd_testing.load.models import define_models

__all__ = ["LOST", "assert_whole", "check"]

LOST = ("ConnectionError", "TimeoutError", "BusyLoadingError")
"""What an operation may raise while the server or the connection fails."""


def check(load: Load, url: str, *, allowed: Iterable[str] = (), lossy: bool = False) -> Verdict:
    """Stop a load, and judge what it left on the server: see `judge`. Fails if anything is wrong."""
    load.stop()
    database = connect(url)
    verdict = judge(load.folder, database, allowed=allowed, lossy=lossy)
    assert not verdict.mistakes, str(verdict)
    assert_whole(database)
    database.connection.close()
    return verdict


def assert_whole(database: RedisDatabase) -> None:
    """Fail if the indexes of a load's models are not what their data call for, by limpyd and without it."""
    for model in define_models(database).all:
        report = model.check()
        assert report.is_clean, str(report)
        assert not report.unknown, str(report)
        assert indexes_in_redis(model) == indexes_by_scan(model)
