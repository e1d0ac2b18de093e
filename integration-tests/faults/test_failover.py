"""Sentinel makes a replica the master, because the master was killed in the middle of a load.

Replication is asynchronous: what the master acknowledged in its last moments may be lost with it. So the test
asks less than those of other faults: what there is must be whole, and an object may have an older state.
"""

from __future__ import annotations

from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import LOST, check
from limpyd_testing.load.load import Load
from limpyd_testing.report import Report
from limpyd_testing.sentinel import Watched, follow


@quick_and_deep("failovers", 1, 5)
def test_limpyd_goes_on_with_the_new_master_by_itself(failovers: int, report: Report) -> None:
    with Watched() as watched, Load(watched.master.url, 4, open_database=watched.opener) as load:
        for number in range(failovers):
            dead = watched.fail_over()
            load.wait_for_progress(10)
            if number < failovers - 1:
                follow(dead.start(), watched.master)
                watched.wait_for_replica()
        verdict = check(load, watched.master.url, allowed=[*LOST, "MasterNotFoundError"], lossy=True)
    report.add("failover by Sentinel", failovers, verdict)
