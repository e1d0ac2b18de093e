"""What mypy (strict) and pyright see of a user's program: they reveal the types that it names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "typing_samples"
SOURCE = Path(__file__).parents[1] / "src"

Reports = dict[int, str]


def run(*command: str, folder: Path) -> str:
    environment = os.environ | {"MYPYPATH": str(SOURCE)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def mypy(sample: Path, folder: Path) -> tuple[Reports, Reports]:
    """The types that mypy reveals, and its errors, by line."""
    options = ["--strict", "--config-file=", "--no-error-summary", "--explicit-package-bases"]
    text = run(sys.executable, "-m", "mypy", *options, str(sample), folder=folder)
    found = re.findall(r"^\S*?:(\d+): (\w+): (.*)$", text, re.MULTILINE)
    return _sorted([(int(line), message) for line, _, message in found])


def pyright(sample: Path, folder: Path) -> tuple[Reports, Reports]:
    """The types that pyright reveals in strict mode, and its errors, by line."""
    settings = {"include": [str(sample)], "extraPaths": [str(SOURCE)], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    options = ["--outputjson", "--pythonpath", sys.executable, "--project", str(folder)]
    text = run(sys.executable, "-m", "basedpyright", *options, folder=folder)
    reports = json.loads(text)["generalDiagnostics"]
    return _sorted([(each["range"]["start"]["line"] + 1, each["message"]) for each in reports])


def _sorted(reports: list[tuple[int, str]]) -> tuple[Reports, Reports]:
    revealed: Reports = {}
    errors: Reports = {}
    for line, message in reports:
        found = re.search(r'(?:Revealed type is|Type of .* is) "(.*)"$', message, re.DOTALL)
        if found:
            revealed[line] = _plain(found[1])
        else:
            errors.setdefault(line, message)
    return revealed, errors


def _plain(revealed: str) -> str:
    """A type without the modules of its names."""
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", revealed)


def lines(sample: Path, pattern: str) -> dict[int, str]:
    """What the pattern's group finds in each line of a sample."""
    text = sample.read_text().splitlines()
    found = ((number, re.search(pattern, line)) for number, line in enumerate(text, 1))
    return {number: match[1] for number, match in found if match}


checkers = pytest.mark.parametrize("check", [mypy, pyright], ids=["mypy", "pyright"])
Check = Callable[[Path, Path], tuple[Reports, Reports]]


@checkers
def test_a_users_program_has_the_types_that_it_names(check: Check, tmp_path: Path) -> None:
    sample = SAMPLES / "user.py"
    revealed, errors = check(sample, tmp_path)
    assert errors == {}
    assert revealed == lines(sample, r"reveal_type\(.*\)  # (.*)")


@checkers
def test_a_users_mistakes_are_reported(check: Check, tmp_path: Path) -> None:
    sample = SAMPLES / "mistakes.py"
    _, errors = check(sample, tmp_path)
    assert set(errors) == set(lines(sample, r"(= fields\.(?:StringField|SetField)\(|^example\.|^Example\.)"))
