"""Scripts are put together from files, and their answers become values or exceptions."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from limpyd.exceptions import (
    DoesNotExist,
    ImplementationError,
    MultipleObjectsReturned,
    UniquenessError,
)
from limpyd.scripts import Script, answer

SCRIPTS = [
    "check_keys",
    "check_objects",
    "collect",
    "connect",
    "create",
    "create_many",
    "delete",
    "start",
    "write",
    "write_value",
]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of scripts; the fixture gives its folder."""
    folder = tmp_path / "some_scripts"
    (folder / "lib").mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sys.modules.pop("some_scripts", None)


def test_each_include_is_put_in_once_before_what_needs_it(package: Path) -> None:
    (package / "main.lua").write_text("--@include a\n--@include b\nmain\n")
    (package / "lib/a.lua").write_text("--@include c\na\n")
    (package / "lib/b.lua").write_text("--@include c\nb\n")
    (package / "lib/c.lua").write_text("c\n")
    assert Script("main", "some_scripts").source.split() == [
        "--!df",
        "flags=allow-undeclared-keys",
        *("c", "a", "b", "main"),
    ]


def test_a_plugin_s_script_can_include_the_core_s(package: Path) -> None:
    (package / "main.lua").write_text("--@include argv\ntake_list()\n")
    assert "local function take_list()" in Script("main", "some_scripts").source


def test_what_a_script_does_not_use_is_left_out(package: Path) -> None:
    (package / "main.lua").write_text("--@include a\n\n-- Says what, and why not unused().\nused()\n")
    (package / "lib/a.lua").write_text(
        "-- A comment.\n\nlocal function unused()\n  helper()\nend\n\n"
        "local function helper()\n  return 1\nend\n\nlocal function used()\n  return 2 -- two\nend\n"
    )
    assert Script("main", "some_scripts").source == (
        "--!df flags=allow-undeclared-keys\nlocal function used()\n  return 2 -- two\nend\nused()\n"
    )


def test_circular_includes_are_refused(package: Path) -> None:
    (package / "main.lua").write_text("--@include a\n")
    (package / "lib/a.lua").write_text("--@include b\n")
    (package / "lib/b.lua").write_text("--@include a\n")
    with pytest.raises(ImplementationError) as caught:
        Script("main", "some_scripts").source  # noqa: B018  # reading it fails
    assert str(caught.value) == (
        "script main: circular include: main.lua > lib/a.lua > lib/b.lua > lib/a.lua"
    )


def test_a_missing_include_is_named(package: Path) -> None:
    (package / "main.lua").write_text("--@include nothing\n")
    with pytest.raises(ImplementationError, match=r"there is no lib/nothing\.lua in some_scripts"):
        Script("main", "some_scripts").source  # noqa: B018  # reading it fails


def test_every_script_has_a_test_here() -> None:
    found = {file.name for file in files("limpyd.scripts").iterdir() if file.name.endswith(".lua")}
    assert found == {f"{name}.lua" for name in SCRIPTS}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_header_tells_of_the_keys_that_the_script_uses(name: str) -> None:
    source = files("limpyd.scripts").joinpath(f"{name}.lua").read_text()
    header = "".join(line for line in source.splitlines(keepends=True) if line.startswith("--"))
    for section in ("-- KEYS", "-- ARGV", "-- reply", "-- errors"):
        assert section in header
    used = set(re.findall(r"KEYS\[(\d)\]", source))
    told = set(re.findall(r"(?:KEYS +|, )(\d) (?:the|its) ", header))
    assert used <= told


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_header_tells_of_every_refusal(name: str) -> None:
    script = Script(name)
    header = files("limpyd.scripts").joinpath(f"{name}.lua").read_text().partition("--@include")[0]
    own = re.findall(r"refuse\('(\w+)'", files("limpyd.scripts").joinpath(f"{name}.lua").read_text())
    assert all(f"'{code}'" in header for code in own)
    assert "return atomically(" in script.source


def test_an_answer_of_one_is_the_value() -> None:
    assert answer([5], "Example") == 5
    assert answer([None], "Example") is None
    assert answer([["1", 2]], "Example") == ["1", 2]


@pytest.mark.parametrize(
    ("reply", "error", "text"),
    [
        (["missing", "7"], DoesNotExist, "Example with pk 7 does not exist"),
        (["unique", ":e:a:x", "x", "3"], UniquenessError, "Key :e:a:x already exists (for instance 3)"),
        (
            ["taken", ":e:collection", "7"],
            UniquenessError,
            "Example with pk 7 already exists; Example('7') connects to it",
        ),
        (["multiple", 2], MultipleObjectsReturned, "Example: 2 objects match, where one was asked for"),
    ],
)
def test_a_longer_answer_is_a_refusal(reply: list[object], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        answer(reply, "Example")
    assert str(caught.value) == text
