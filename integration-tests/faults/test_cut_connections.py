"""Connections are cut: in the middle of a request, before its reply, in the middle of the reply, after it."""

from __future__ import annotations

from random import Random

from limpyd_testing.connection import connect
from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import LOST, check
from limpyd_testing.load.judge import judge
from limpyd_testing.load.load import Load
from limpyd_testing.load.opener import opener
from limpyd_testing.proxy import CUTS, Proxy
from limpyd_testing.report import Report
from limpyd_testing.server import Server
from limpyd_testing.waiting import wait_for


@quick_and_deep("cuts", 60, 3000)
def test_an_operation_whose_connection_is_cut_happens_once_or_not_at_all(cuts: int, report: Report) -> None:
    with Server() as server, Proxy(server.socket) as proxy:
        through = opener(f"redis://127.0.0.1:{proxy.port}")
        with Load(server.url, 4, open_database=through) as load:
            proxy.cut_at_random(0.05, Random(cuts))
            wait_for(lambda: proxy.cuts.total() >= cuts, seconds=300)
            proxy.cut_at_random(0, Random())
            load.wait_for_progress(10)
            verdict = check(load, server.url, allowed=LOST)
    assert set(proxy.cuts) == set(CUTS)
    assert 0 < verdict.happened < verdict.unknown
    report.add("connection cut, in or around a request and its reply", proxy.cuts.total(), verdict)


def test_where_writes_may_be_repeated_some_are() -> None:
    """What `retry_writes` allows is seen, so the other test would see it where it must not be."""
    with Server() as server, Proxy(server.socket) as proxy:
        through = opener(f"redis://127.0.0.1:{proxy.port}", retry_writes=True)
        with Load(server.url, 2, open_database=through) as load:
            proxy.cut_at_random(0.1, Random(1))
            wait_for(lambda: proxy.cuts.total() >= 60, seconds=60)
            load.stop()
            database = connect(server.url)
            assert judge(load.folder, database, allowed=LOST).mistakes
            database.connection.close()
