"""The server is killed in the middle of a load, and restarted with its append-only file."""

from __future__ import annotations

import time
from random import Random

from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import LOST, check
from limpyd_testing.load.load import Load
from limpyd_testing.report import Report
from limpyd_testing.server import Server


@quick_and_deep("kills", 2, 30)
def test_what_a_killed_server_acknowledged_is_there_and_the_rest_is_whole_or_not(
    kills: int, report: Report
) -> None:
    random = Random(kills)
    with Server(appendonly="yes", appendfsync="always") as server, Load(server.url, 4) as load:
        for _ in range(kills):
            time.sleep(random.uniform(0.05, 0.2))
            server.stop(kill=True)
            server.start()
            load.wait_for_progress(10)
        verdict = check(load, server.url, allowed=LOST)
    assert verdict.unknown >= kills
    report.add("server killed, restarted with its AOF (`appendfsync always`)", kills, verdict)
