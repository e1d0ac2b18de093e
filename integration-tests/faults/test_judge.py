"""The judge of the tests of faults sees what it is there for: each kind of damage, made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from limpyd.database import RedisDatabase
from limpyd_testing.load.check import assert_whole
from limpyd_testing.load.journal import REFUSED, UNKNOWN, Journal, read_journals
from limpyd_testing.load.judge import Verdict, judge
from limpyd_testing.load.models import BOARD, Models, define_models
from limpyd_testing.load.opener import opener
from limpyd_testing.load.worker import Plan, work


@pytest.fixture
def models(database: RedisDatabase) -> Models:
    models = define_models(database)
    models.board(name=BOARD)
    return models


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "1.journal")
    yield journal
    journal.close()


@pytest.fixture
def book(models: Models, journal: Journal) -> Any:
    """A book with an author, of which a journal tells."""
    for name, args in (("open", []), ("publish", ["Moon", "1828", "novel"]), ("note", []), ("sell", [])):
        journal.begin("t", name, list(args))
        journal.end("done")
    models.author(name="t", born="1828")
    models.note(token="t")
    return models.book(
        isbn="t",
        title="Moon",
        author="t",
        year="1828",
        copies=2,
        genres=["novel"],
        chapters=["start"],
        ratings={"good": 1},
        details={"language": "fr"},
    )


def test_a_worker_that_nothing_happened_to_leaves_what_its_journal_says(
    models: Models, database: RedisDatabase, server_url: str, tmp_path: Path
) -> None:
    for number in (1, 2):
        work(tmp_path, number, Plan(opener(server_url), limit=500))

    verdict = judge(tmp_path, database)

    assert verdict.mistakes == []
    assert (verdict.done + verdict.refused, verdict.unknown) == (1000, 0)
    assert verdict.stories > 10
    assert_whole(database)


def test_a_tidy_worker_leaves_nothing_of_stories_that_are_over(
    models: Models, database: RedisDatabase, server_url: str, tmp_path: Path
) -> None:
    work(tmp_path, 1, Plan(opener(server_url), tidy=True, limit=1000))

    verdict = judge(tmp_path, database)

    assert verdict.mistakes == []
    assert verdict.done + verdict.refused == 1000
    assert verdict.stories <= 1
    assert len(models.author.collection()) <= 1


DAMAGE: dict[str, tuple[Callable[[Models, Any], Any], str]] = {
    "a write is gone": (lambda models, book: book.copies.decr(), "lost"),
    "an object is gone": (lambda models, book: book.delete(), "half_done"),
    "an increment came twice": (lambda models, book: book.copies.incr(), "repeated"),
    "a creation came twice": (lambda models, book: models.note(token="t"), "repeated"),
    "a value is gone": (lambda models, book: book.genres.delete(), "half_done"),
    "a cascade stopped halfway": (
        lambda models, book: models.author.database.connection.srem(":author:collection", "t"),
        "half_done",
    ),
    "an object that nobody made": (lambda models, book: models.author(name="x"), "half_done"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.usefixtures("journal")
def test_damage_is_found_and_called_by_its_name(
    models: Models, book: Any, database: RedisDatabase, tmp_path: Path, damage: str
) -> None:
    assert judge(tmp_path, database).mistakes == []
    call, kind = DAMAGE[damage]
    call(models, book)
    found: Verdict = judge(tmp_path, database)
    assert getattr(found, kind)
    assert found.mistakes == getattr(found, kind)


def test_an_operation_whose_answer_was_lost_may_have_happened_or_not_but_not_twice(
    book: Any, journal: Journal, database: RedisDatabase, tmp_path: Path
) -> None:
    journal.begin("t", "sell", [])
    journal.end(UNKNOWN, "ConnectionError")

    happened = []
    for _ in range(3):
        verdict = judge(tmp_path, database, allowed=["ConnectionError"])
        happened.append((verdict.happened, len(verdict.mistakes), len(verdict.repeated)))
        book.copies.incr()

    assert happened == [(0, 0, 0), (1, 0, 0), (0, 1, 1)]


def test_what_was_refused_must_not_have_happened(
    book: Any, journal: Journal, database: RedisDatabase, tmp_path: Path
) -> None:
    journal.begin("t", "sell", [])
    journal.end(REFUSED, "OutOfMemoryError")
    assert judge(tmp_path, database, allowed=["OutOfMemoryError"]).mistakes == []
    assert judge(tmp_path, database).wrong
    book.copies.incr()
    assert judge(tmp_path, database, allowed=["OutOfMemoryError"]).repeated


def test_the_board_shows_what_was_lost_and_what_came_twice(
    models: Models, journal: Journal, database: RedisDatabase, tmp_path: Path
) -> None:
    board = models.board(BOARD)
    for name in ("hit", "post"):
        journal.begin("board", name, ["token"])
        journal.end("done")
    assert len(judge(tmp_path, database).lost) == 2
    board.hits.incr()
    board.posts.rpush("token")
    assert judge(tmp_path, database).mistakes == []
    board.hits.incr()
    board.posts.rpush("token")
    assert len(judge(tmp_path, database).repeated) == 2


def test_an_older_state_is_right_only_where_acknowledged_writes_may_be_lost(
    book: Any, database: RedisDatabase, journal: Journal, tmp_path: Path
) -> None:
    book.copies.decr()
    assert judge(tmp_path, database).lost
    assert judge(tmp_path, database, lossy=True).mistakes == []


def test_a_journal_whose_last_line_was_torn_is_read_up_to_it(tmp_path: Path, journal: Journal) -> None:
    journal.begin("t", "open", [])
    journal.end("done")
    journal.begin("t", "publish", ["Moon", "1828", "novel"])
    path = tmp_path / "1.journal"
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert len(list(read_journals(tmp_path))) <= 1
    path.write_bytes(whole)
    assert [entry.outcome for entry in read_journals(tmp_path)] == ["done", UNKNOWN]
