"""Which models live on a database. Two models whose keys could meet are refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from limpyd.exceptions import ImplementationError

__all__ = ["Registry", "Source"]


class Source(NamedTuple):
    """Where a class statement stands."""

    file: str
    line: int
    spec: object
    """The import that ran it, which `importlib.reload` makes anew."""

    @classmethod
    def of_class_statement(cls) -> Source:
        """The place of the class statement that is being run, for `__init_subclass__` to ask."""
        frame = sys._getframe(1)
        while frame.f_code.co_name == "__init_subclass__" and frame.f_back is not None:
            frame = frame.f_back
        spec = frame.f_globals.get("__spec__")
        return cls(frame.f_code.co_filename, frame.f_lineno, object() if spec is None else spec)


class Registry:
    """The models of one database by the prefix of their keys (`namespace:classname`)."""

    def __init__(self) -> None:
        self._models: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._models.values()))

    def get(self, key: str) -> Any:
        """The model whose keys start with `key`, or None."""
        return self._models.get(key)

    def add(self, model: Any) -> None:
        """Take a model in; if its module was imported again, the newer class takes the older one's place.

        Raises `ImplementationError` if another model has the same keys, or keys inside of which, or around
        which, this one's would lie (`a:b` and `a:b:c`).
        """
        key = model._key
        for other_key, other in self._models.items():
            if other_key == key:
                if _same_statement(model, other):
                    continue
                problem = "has the same namespace and name"
            elif f"{key}:".startswith(f"{other_key}:") or f"{other_key}:".startswith(f"{key}:"):
                problem = f"has keys ({other_key!r}) that could meet its own ({key!r})"
            else:
                continue
            raise ImplementationError(
                f"{model.__name__}: the model {other.__module__}.{other.__qualname__} on this database "
                f"{problem}; give one of the two another `namespace`"
            )
        self._models[key] = model

    def remove(self, model: Any) -> None:
        """Let a model go, if it is in."""
        self._models = {key: other for key, other in self._models.items() if other is not model}


def _same_statement(model: Any, other: Any) -> bool:
    """Whether both come from one class statement: run again, imported under two names, or reloaded."""
    one, two = model._source, other._source
    if model.__qualname__ != other.__qualname__:
        return False
    if (one.file, one.line) == (two.file, two.line):
        return True
    return model.__module__ == other.__module__ and one.spec is not two.spec
