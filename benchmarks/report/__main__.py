"""Writes the page and its charts."""

from __future__ import annotations

from benchmarks.report.charts import growth_chart, operations_chart
from benchmarks.report.figures import Figures
from benchmarks.report.page import page, unexplained
from benchmarks.results import FOLDER, read


def main() -> None:
    """Write all files; say what has no explanation."""
    figures, growth = Figures(read("peers")), read("growth")
    operations_chart(figures, FOLDER / "operations.svg")
    growth_chart(growth, FOLDER / "growth.svg")
    FOLDER.with_suffix(".md").write_text(page(figures, growth), encoding="utf-8")
    for each in unexplained(figures):
        print(f"faster than limpyd, and not explained in benchmarks/report/explanations.toml: {each}")


if __name__ == "__main__":
    main()
