"""Where the results of the benchmarks are: `docs/benchmarks/*.json`, beside the page that shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "read", "write"]

FOLDER = Path(__file__).parent.parent / "docs" / "benchmarks"


def write(result: dict[str, Any], name: str, path: Path | None, *, quick: bool) -> None:
    """Keep a result: in the file `path`, or in its place in the docs, unless it comes of a quick run."""
    if path is None:
        if quick:
            print("a quick run is not kept; --json FILE keeps it")
            return
        path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_rounded(result), indent=1) + "\n", encoding="utf-8")


def read(name: str) -> dict[str, Any]:
    """A result that was kept in the docs."""
    result: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return result


def _rounded(value: Any) -> Any:
    """The same with numbers of four digits that say something."""
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
