"""The pytest plugin that gathers what the tests of faults found, and writes it into `docs/reliability.md`.

`--write-report`, which `hatch run test:deep` passes, puts the figures of a run that passed, with the soak,
between two comments of that page. Every run with `--deep` shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # plugins that a package's own tests do without
    from limpyd_testing.load.judge import Verdict

__all__ = ["Report", "report"]

BEGIN = "<!-- figures: `hatch run test:deep` writes them -->"
END = "<!-- end of figures -->"

_COLUMNS = (
    "fault",
    "times",
    "operations",
    "refused",
    "in flight",
    "of these done",
    "lost",
    "half-done",
    "repeated",
)


@dataclass
class Report:
    """What was found: a row for each fault, and what the soak measured."""

    faults: dict[str, tuple[int, Verdict, bool]] = field(default_factory=dict)
    soak: dict[str, str] = field(default_factory=dict)

    def add(self, fault: str, times: int, verdict: Verdict, *, is_judged: bool = True) -> None:
        """Note that a fault was tried so many times, and whether data were compared with journals."""
        self.faults[fault] = (times, verdict, is_judged)

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [_COLUMNS, ("---", *["---:"] * (len(_COLUMNS) - 1))]
        for fault, (times, found, is_judged) in self.faults.items():
            counted = [times, found.done, found.refused, found.unknown]
            judged = [found.happened, len(found.lost), len(found.half_done), len(found.repeated)]
            figures = [f"{number:,}" for number in counted]
            rows.append((fault, *figures, *(f"{number:,}" if is_judged else "-" for number in judged)))
        tables = [_table(rows)]
        if self.soak:
            tables.append(_table([("soak", ""), ("---", "---:"), *self.soak.items()]))
        return "\n\n".join(tables)

    def write(self, page: Path) -> None:
        """Put it between the two comments of a page."""
        text = page.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n\n{self}\n\n{END}{after}", encoding="utf-8")


def _table(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


_REPORT = pytest.StashKey[Report]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--write-report`."""
    parser.addoption(
        "--write-report", action="store_true", help="write what was found into docs/reliability.md"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the report of the run."""
    config.stash[_REPORT] = Report()


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    """What the tests of faults have found so far."""
    return request.config.stash[_REPORT]


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Show the report of a long run, and write it where that was asked for."""
    found = config.stash[_REPORT]
    if not config.getoption("--deep") or not found.faults:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(str(found))
    if config.getoption("--write-report") and exitstatus == pytest.ExitCode.OK and found.soak:
        found.write(config.rootpath / "docs" / "reliability.md")
