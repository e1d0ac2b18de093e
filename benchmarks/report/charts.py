"""The charts, as SVG. The same numbers make the same file: no dates, no ids by chance, and text as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.peers.adapter import OPERATIONS
from benchmarks.report.figures import FLOOR, OURS, Figures
from benchmarks.report.tables import number, ratio

__all__ = ["growth_chart", "operations_chart"]

_INK = "#333333"
_PALE = "#b8bcc4"
_COLORS = {FLOOR: "#5b6472", OURS: "#d1495b"}

mpl.use("svg")
mpl.rcParams.update(
    {
        "axes.edgecolor": _PALE,
        "axes.labelcolor": _INK,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 10,
        "font.size": 8.5,
        "svg.fonttype": "none",
        "svg.hashsalt": "limpyd",
        "text.color": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
)


def operations_chart(figures: Figures, path: Path) -> None:
    """A panel for each operation, with a bar for each contender: its rate, where by hand is 1."""
    shown = [each for each in figures.contenders if each.runs]
    drawing, panels = plt.subplots(4, 3, figsize=(11, 12), sharex=True, layout="constrained")
    for panel, (operation, label) in zip(panels.flat, OPERATIONS.items(), strict=True):
        panel.set_title(label, fontweight="bold")
        panel.set_xscale("log")
        panel.set_xlim(0.001, 10)
        panel.set_xticks([0.001, 0.01, 0.1, 1], ["1/1000", "1/100", "1/10", "by hand"])
        panel.minorticks_off()
        panel.axvline(1, color=_PALE, linewidth=1, zorder=0)
        panel.set_yticks(range(len(shown)), [each.title for each in shown])
        panel.set_ylim(len(shown) - 0.4, -0.6)
        panel.tick_params(axis="y", length=0)
        for place, each in enumerate(shown):
            rate = figures.rate(each, operation)
            if rate is None:
                why = each.cant[operation].partition(":")[0]
                text = why if why == "needs modules" else "can't"
                panel.text(0.0012, place, text, va="center", color=_INK, style="italic")
            else:
                color = _COLORS.get(each.name, _PALE)
                hatch = "////" if operation in each.less else None
                face = "white" if hatch else color
                panel.barh(place, rate, color=face, edgecolor=color, hatch=hatch, height=0.7)
                panel.text(max(rate, 0.001) * 1.12, place, ratio(rate), va="center")
    drawing.supxlabel("speed on a logarithmic scale; hatched: leaves something out")
    _save(drawing, path)


def growth_chart(result: dict[str, Any], path: Path) -> None:
    """A panel for each operation, with a line over the number of objects."""
    sizes = result["sizes"]
    rows = -(-len(result["seconds"]) // 5)
    drawing, panels = plt.subplots(
        rows, 5, figsize=(11, 2.3 * rows), sharex=True, sharey=True, layout="constrained"
    )
    for panel in list(panels.flat)[len(result["seconds"]) :]:
        panel.set_visible(False)
    for panel, (name, seconds) in zip(panels.flat, result["seconds"].items(), strict=False):
        taken = [each * 1e6 for each in seconds]
        panel.set_title(name, fontsize=8.5, fontweight="bold")
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_xticks(sizes, [_short(size) for size in sizes])
        panel.minorticks_off()
        panel.set_xlim(sizes[0] / 2, sizes[-1] * 2)
        color = _COLORS[OURS] if name in result["grows"] else _COLORS[FLOOR]
        panel.plot(sizes, taken, color=color, marker="o", markersize=4)
        for size, each in zip(sizes, taken, strict=True):
            panel.annotate(
                number(each), (size, each), (0, 5), textcoords="offset points", ha="center", fontsize=7
            )
        panel.grid(visible=True, axis="y", color="#e6e8ec")
        panel.margins(y=0.15)
    drawing.supxlabel("objects")
    drawing.supylabel("microseconds a call")
    _save(drawing, path)


def _short(size: int) -> str:
    if size >= 1_000_000:
        return f"{size // 1_000_000}M"
    return f"{size // 1000}k" if size >= 1000 else str(size)


def _save(drawing: Any, path: Path) -> None:
    drawing.savefig(path, facecolor="white", metadata={"Date": None, "Creator": None})
    plt.close(drawing)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")
