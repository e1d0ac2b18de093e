"""Markdown: tables, footnotes, and numbers as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["NONE", "Footnotes", "number", "ratio", "table"]

NONE = "\N{EN DASH}"
"""Where there is no number."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """A table whose first columns, `left` of them, are aligned left, and the others right."""
    marks = ["---" if column < left else "---:" for column in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def number(value: float) -> str:
    """A number with three digits that say something, or all that stand before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def ratio(value: float) -> str:
    """A ratio with two digits that say something."""
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 0.095 else f"{value:.2g}"


class Footnotes:
    """Texts that are referred to by numbers, each once."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def mark(self, text: str) -> str:
        """The reference to a text."""
        if text not in self._texts:
            self._texts.append(text)
        return f"<sup>{self._texts.index(text) + 1}</sup>"

    def __str__(self) -> str:
        return "\n".join(
            f"{place}. {text[0].upper()}{text[1:]}." for place, text in enumerate(self._texts, 1)
        )
