"""Writes the Lua scripts of all packages as Redis gets them: `python -m limpyd_testing.lua FOLDER`."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from limpyd.scripts import Script

__all__ = ["write_scripts"]

PACKAGES = ("limpyd.scripts", "limpyd.contrib.related.scripts")


def write_scripts(folder: Path) -> None:
    """Write each script, its includes put in, to a file of its own."""
    for package in PACKAGES:
        for file in files(package).iterdir():
            if file.name.endswith(".lua"):
                source = Script(file.name.removesuffix(".lua"), package).source
                (folder / f"{package}.{file.name}").write_text(source)


if __name__ == "__main__":
    write_scripts(Path(sys.argv[1]))
