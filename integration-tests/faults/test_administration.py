"""Somebody flushes scripts, kills connections or empties the server in the middle of a load."""

from __future__ import annotations

import time
from random import Random

from limpyd_testing.connection import connect
from limpyd_testing.forms import quick_and_deep
from limpyd_testing.load.check import LOST, assert_whole, check
from limpyd_testing.load.journal import read_journals
from limpyd_testing.load.judge import Verdict, count
from limpyd_testing.load.load import Load
from limpyd_testing.load.models import define_models
from limpyd_testing.report import Report
from limpyd_testing.server import Server


@quick_and_deep("times", 50, 5000)
def test_flushed_scripts_are_loaded_again_without_anybody_s_notice(times: int, report: Report) -> None:
    with Server() as server, Load(server.url, 4) as load:
        with connect(server.url).connection as connection:
            for _ in range(times):
                connection.script_flush()
                time.sleep(0.005)
        verdict = check(load, server.url)
    report.add("`SCRIPT FLUSH`", times, verdict)


@quick_and_deep("times", 40, 2000)
def test_killed_connections_leave_each_operation_whole_or_not_done(times: int, report: Report) -> None:
    random = Random(times)
    with Server() as server, Load(server.url, 4) as load:
        with connect(server.url).connection as connection:
            for _ in range(times):
                connection.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                time.sleep(random.uniform(0, 0.03))
        load.wait_for_progress(10)
        verdict = check(load, server.url, allowed=LOST)
    report.add("`CLIENT KILL` of all clients", times, verdict)


@quick_and_deep("times", 3, 100)
def test_an_emptied_server_lets_objects_not_exist_and_indexes_be_whole(times: int, report: Report) -> None:
    """Workers go on writing to objects that are gone, or to new ones that got their pks."""
    with Server() as server, Load(server.url, 4) as load:
        database = connect(server.url)
        for _ in range(times):
            load.wait_for_progress(10)
            database.connection.flushall()
        load.wait_for_progress(10)
        load.stop()
        verdict = Verdict()
        for entry in read_journals(load.folder):
            count(verdict, entry, {"DoesNotExist", "UniquenessError", "WrongReply"})
        assert not verdict.wrong
        for model in define_models(database).all:
            found = model.repair()  # a plain command on a field of an object that is gone has made a key
            assert not any((found.missing, found.dangling, found.without_pk, found.duplicates)), str(found)
        assert_whole(database)
        database.connection.close()
    report.add("`FLUSHALL`", times, verdict, is_judged=False)
