"""Runs the Python examples of the READMEs and of the docs, each page in a namespace of its own.

A fenced block marked `python` is run: with `>>>` in it as a doctest, whose output has to be what the page
shows, else as it stands. Whatever server an example names, it gets the one of the tests.
"""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("packages/*/README.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```python$\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[int, str]]:
    """The Python blocks of a page, each with the number of lines before it."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start(1)), match[1]


def run(page: Path) -> None:
    """Run the blocks of a page in order; raises what fails."""
    namespace: dict[str, Any] = {"__name__": page.stem}
    runner = doctest.DebugRunner(optionflags=doctest.ELLIPSIS)
    for line, source in blocks(page):
        if ">>> " in source:
            test = doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), line)
            test.globs = namespace
            try:
                runner.run(test, clear_globs=False)
            except doctest.DocTestFailure as failure:
                at = line + (failure.example.lineno or 0) + 1
                pytest.fail(
                    f"{page.relative_to(ROOT)}:{at}: {failure.example.source}"
                    f"shows {failure.example.want!r}, but gives {failure.got!r}",
                    pytrace=False,
                )
            except doctest.UnexpectedException as unexpected:
                raise unexpected.exc_info[1] from None
        else:
            exec(compile("\n" * line + source, str(page), "exec"), namespace)


@pytest.fixture
def one_server(database: RedisDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every database that is made has the connection of the tests."""
    make = RedisDatabase.__init__

    def make_here(self: RedisDatabase, *_place: Any, **settings: Any) -> None:
        own = {name: value for name, value in settings.items() if name in ("middleware", "retry_writes")}
        make(self, connection=database.connection, **own)

    monkeypatch.setattr(RedisDatabase, "__init__", make_here)


@pytest.mark.usefixtures("one_server")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_do_what_it_says(page: Path) -> None:
    run(page)


def test_every_type_of_field_has_a_page_of_its_commands() -> None:
    types = {getattr(fields, name) for name in fields.__all__} - {fields.Field}
    wanted = {f"::: {field.__module__}.{field.__name__}" for field in types}

    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert not wanted - set(pages.splitlines())


def test_a_page_that_shows_the_wrong_output_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("# Sums\n\n```python\n>>> 1 + 1\n3\n```\n")

    with pytest.raises(pytest.fail.Exception, match=r"page\.md:4: 1 \+ 1\nshows '3\\n', but gives '2\\n'"):
        run(page)
