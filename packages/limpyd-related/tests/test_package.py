"""The distribution: it needs core alone."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import requires
from importlib.resources import files

from limpyd.contrib import related


def test_it_requires_core_and_nothing_else() -> None:
    assert requires("limpyd-related") == ["limpyd-core~=0.1.0"]


def test_it_imports_no_other_plugin() -> None:
    code = (
        "import sys, limpyd.contrib.related\n"
        "print(*(name for name in sys.modules if name.startswith('limpyd.contrib.')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = {name.split(".")[2] for name in run.stdout.split()}
    assert names == {"related"}


def test_everything_public_is_documented_and_there() -> None:
    for name in related.__all__:
        assert getattr(related, name).__doc__ or name == "OnDelete"
    assert files("limpyd.contrib.related").joinpath("py.typed").is_file()
