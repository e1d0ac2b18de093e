"""Processes that write are killed; the others go on at once, since there is no lock that could be left."""

from __future__ import annotations

from random import Random

from limpyd_testing.connection import connect
from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import check
from limpyd_testing.load.load import Load
from limpyd_testing.report import Report
from limpyd_testing.server import Server


@quick_and_deep("kills", 6, 100)
def test_a_killed_client_leaves_whole_data_and_hinders_nobody(kills: int, report: Report) -> None:
    random = Random(kills)
    with Server() as server, Load(server.url, 8) as load:
        for _ in range(kills):
            load.kill(random.choice(load.alive))
            load.wait_for_progress(5)
            load.add()
        verdict = check(load, server.url)
        connection = connect(server.url).connection
        models = {key.split(":")[1] for key in connection.scan_iter()}
        connection.close()
    assert models <= {"author", "book", "reader", "note", "board", "rival"}
    report.add("client killed, of eight that write", kills, verdict)
