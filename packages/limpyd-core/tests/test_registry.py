"""Two models whose keys could meet don't share a database; one model imported twice is one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel

STATEMENT = """
class Example(RedisModel):
    database = shared
"""


def run(path: Path, database: RedisDatabase, name: str = "models") -> type[RedisModel]:
    """Run a file as the import of a module does."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    module.__dict__.update(RedisModel=RedisModel, shared=database)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    example: type[RedisModel] = module.Example
    return example


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "models.py"
    sys.modules.pop("models", None)
    sys.modules.pop("other", None)


def test_two_models_of_one_namespace_and_name_are_refused(database: RedisDatabase, file: Path) -> None:
    file.write_text(STATEMENT + STATEMENT)
    with pytest.raises(ImplementationError, match=r"Example: the model models\.Example.*`namespace`"):
        run(file, database)
    assert len(list(database.models)) == 1


def test_names_that_differ_in_case_only_are_one_name(database: RedisDatabase, file: Path) -> None:
    file.write_text(STATEMENT + STATEMENT.replace("Example", "EXAMPLE"))
    with pytest.raises(ImplementationError, match=r"EXAMPLE.*same namespace and name"):
        run(file, database)


def test_a_namespace_keeps_two_models_of_one_name_apart(database: RedisDatabase, file: Path) -> None:
    file.write_text(STATEMENT + STATEMENT + "    namespace = 'second'\n")
    run(file, database)
    assert len(list(database.models)) == 2


def test_a_module_that_is_run_again_takes_the_place_of_its_models(
    database: RedisDatabase, file: Path
) -> None:
    file.write_text(STATEMENT)
    run(file, database)
    again = run(file, database)
    assert list(database.models) == [again]


def test_a_module_that_was_edited_can_be_reloaded(database: RedisDatabase, file: Path) -> None:
    file.write_text(STATEMENT)
    run(file, database)
    file.write_text("\n\n\n" + STATEMENT)
    again = run(file, database)
    assert list(database.models) == [again]


def test_a_file_that_is_imported_under_two_names_has_one_model(database: RedisDatabase, file: Path) -> None:
    file.write_text(STATEMENT)
    run(file, database)
    again = run(file, database, "other")
    assert list(database.models) == [again]


def test_two_modules_can_not_have_one_model_each_of_one_name(database: RedisDatabase, file: Path) -> None:
    file.write_text(STATEMENT)
    run(file, database)
    other = file.with_name("other.py")
    other.write_text(STATEMENT)
    with pytest.raises(ImplementationError, match=r"models\.Example"):
        run(other, database, "other")


def test_a_model_whose_keys_would_lie_inside_another_s_is_refused(
    database: RedisDatabase, file: Path
) -> None:
    file.write_text(STATEMENT + "class Inner(Example):\n    namespace = ':example'\n")
    with pytest.raises(ImplementationError, match="could meet"):
        run(file, database)


def test_an_abstract_model_is_not_registered(database: RedisDatabase, file: Path) -> None:
    file.write_text(STATEMENT + "    abstract = True\n")
    run(file, database)
    assert list(database.models) == []
