"""The page: fills the prose of `page.md` with the numbers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from string import Template
from typing import Any

from benchmarks.peers.adapter import OPERATIONS
from benchmarks.report.figures import Contender, Figures
from benchmarks.report.tables import NONE, Footnotes, number, ratio, table

__all__ = ["page", "unexplained"]

_PROSE = Path(__file__).with_name("page.md")
_EXPLANATIONS = Path(__file__).with_name("explanations.toml")
_OF_ONE_OBJECT = ("create", "read_all", "read_one", "update_indexed", "delete")


def page(figures: Figures, growth: dict[str, Any]) -> str:
    """The text of `docs/benchmarks.md`."""
    prose = Template(_PROSE.read_text(encoding="utf-8"))
    people, settings = figures.settings["people"], figures.settings
    return prose.substitute(
        _speed(figures),
        **_growth(growth),
        short=_short(figures),
        times=_times(figures),
        requests=_requests(figures),
        ahead=_ahead(figures),
        machine=_machine(figures.machine),
        versions=_versions(figures),
        people=f"{people:,}",
        both=people // 800,
        city=people // 40,
        counted=f"{settings['counted']:,}",
        groups=f"{settings['groups']:,}",
        rounds=settings["rounds"],
        load_rounds=settings["load_rounds"],
    )


def unexplained(figures: Figures) -> list[str]:
    """Where something is faster than limpyd and nothing says why."""
    known = _explanations()
    return [
        f"[{operation}] {each.name}"
        for operation in OPERATIONS
        for each, _ in figures.ahead(operation)
        if each.name not in known.get(operation, {})
    ]


def _explanations() -> dict[str, dict[str, str]]:
    """Why something is faster than limpyd, by operation and contender."""
    return tomllib.loads(_EXPLANATIONS.read_text(encoding="utf-8"))


def _short(figures: Figures) -> str:
    behind = [each for each in OPERATIONS if _faster(figures, each)]
    ours = figures.ours
    single = [figures.rate(ours, operation) or 0 for operation in _OF_ONE_OBJECT]
    bulk = figures.rate(ours, "bulk_create") or 0
    first = len(OPERATIONS) - len(behind)
    lines = [f"- In {first} of {len(OPERATIONS)} rows no other mapper is faster than limpyd."]
    lines += [f"    - {OPERATIONS[each]}: {_faster(figures, each)}" for each in behind]
    lines.append(
        f"- With one object, limpyd works at {ratio(min(single))} to {ratio(max(single))} of the speed of "
        f"what is written by hand for this one model; in bulk creation at {ratio(bulk)} of it."
    )
    lines.append(
        "- limpyd sends one request for each operation, and for each fifty objects in bulk creation."
    )
    return "\n".join(lines)


def _faster(figures: Figures, operation: str) -> str:
    """The mappers that do the same work faster than limpyd, if there are any."""
    mappers = figures.mappers(operation)
    found = [pair for pair in figures.ahead(operation) if pair[0] in mappers]
    texts = [f"{each.title} is {ratio(rate)} times as fast" for each, rate in found]
    return ", ".join(texts) and f"{', '.join(texts)} ([why](#where-something-is-faster-than-limpyd))"


def _speed(figures: Figures) -> dict[str, str]:
    footnotes = Footnotes()
    rows = []
    for operation, label in OPERATIONS.items():
        best = figures.best(operation)
        row = [label]
        for each in figures.contenders:
            rate = figures.rate(each, operation)
            text = NONE if rate is None else ratio(rate)
            if each is best:
                text = f"**{text}**"
            elif operation in each.less:
                text = f"*{text}*"
            about = (each.cant | each.less | each.notes).get(operation)
            row.append(text + (footnotes.mark(about) if about else ""))
        rows.append(row)
    head = ["", *(each.title for each in figures.contenders)]
    return {"rates": table(head, rows), "footnotes": str(footnotes)}


def _times(figures: Figures) -> str:
    return _table_of_all(figures, lambda each, operation: number(figures.microseconds(each, operation)))


def _requests(figures: Figures) -> str:
    def sent(each: Contender, operation: str) -> str:
        requests, trips = each.requests[operation], each.round_trips[operation]
        return number(requests) if trips >= requests else f"{number(requests)} / {number(trips)}"

    return _table_of_all(figures, sent)


def _table_of_all(figures: Figures, show: Any) -> str:
    """A row for each operation, a column for each contender that runs at all."""
    shown = [each for each in figures.contenders if each.runs]
    rows = [
        [label, *(NONE if operation in each.cant else show(each, operation) for each in shown)]
        for operation, label in OPERATIONS.items()
    ]
    return table(["", *(each.title for each in shown)], rows)


def _ahead(figures: Figures) -> str:
    known = _explanations()
    lines = []
    for operation, label in OPERATIONS.items():
        for each, rate in figures.ahead(operation):
            why = known.get(operation, {}).get(each.name, "Not explained yet.")
            lines.append(
                f"- **{label[0].upper()}{label[1:]}**, {each.title}: {ratio(rate)} times as fast. {why}"
            )
    return "\n".join(lines) or "Nothing is."


def _growth(growth: dict[str, Any]) -> dict[str, str]:
    head = ["", *(f"{size:,}" for size in growth["sizes"])]
    flat: list[list[str]] = []
    grown: list[list[str]] = []
    for name, seconds in growth["seconds"].items():
        row = [name, *(number(each * 1e6) for each in seconds)]
        (grown if name in growth["grows"] else flat).append(row)
    server = [[title, *map(number, each)] for title, each in growth["server_bytes"].items()]
    client = [[each["way"], f"{each['bytes'] / 1e6:,.0f}"] for each in growth["client_memory"]]
    return {
        "flat": table(head, flat),
        "grown": table(head, grown),
        "server": table(head, server),
        "client": table(["", "MB"], client),
        "pks": f"{growth['client_memory'][0]['pks']:,}",
    }


def _machine(machine: dict[str, Any]) -> str:
    parts = [machine["processor"], f"{machine['cores']} cores"]
    if machine["memory"]:
        parts.append(f"{int(machine['memory'].split()[0]) / 1e6:.0f} GB of memory")
    parts.append(machine["system"])
    return f"{', '.join(parts)}; idle cores {machine['idle']}. {machine['server']}, on a unix socket"


def _versions(figures: Figures) -> str:
    rows = [
        [each.title, each.version, each.versions["redis"], each.versions["hiredis"], each.python]
        for each in figures.contenders
    ]
    return table(["", "version", "redis-py", "hiredis", "Python"], rows)
