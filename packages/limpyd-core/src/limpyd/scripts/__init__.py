"""The Lua scripts, and how Python reads what they say.

A script is a `.lua` file. A line `--@include NAME` in it stands for the file `lib/NAME.lua`, each of
which is put in once, before whatever needs it. A line `--@module NAME` stands for a function `NAME`, whose
body the file is. Redis runs the definitions of a script at each call; those of a module only where needed,
and functions of includes that a script does not use are left out.

Every script answers `{value}` when it did its work, and `{code, detail...}` when it refused to and changed
nothing; `answer` tells the two apart.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from importlib.resources import files
from typing import Any

from limpyd.exceptions import (
    DoesNotExist,
    ImplementationError,
    LimpydException,
    MultipleObjectsReturned,
    UniquenessError,
)

__all__ = ["Script", "answer"]

_DIRECTIVE = re.compile(r"^--@(include|module) +(\S+) *$", re.MULTILINE)
_FUNCTION = re.compile(r"^local function (\w+)\(.*?^end\n", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^ *--(?!!).*\n|^\n", re.MULTILINE)
_HEADER = "--!df flags=allow-undeclared-keys\n"


class Script:
    """A Lua script of the package `package`, read from `NAME.lua` when first used.

    Includes are looked for in `lib/` of that package, then in `lib/` of `limpyd.scripts`, so that a
    plugin's scripts can share the core's functions.
    """

    def __init__(self, name: str, package: str = "limpyd.scripts") -> None:
        self.name = name
        self.package = package

    def __repr__(self) -> str:
        return f"<Script {self.name}>"

    @cached_property
    def source(self) -> str:
        """The whole text, as Redis gets it: with all includes, less what they have that is not used."""
        text = _COMMENT.sub("", self._expand(f"{self.name}.lua", set(), ()))
        while (used := _without_unused(text)) != text:
            text = used
        return _HEADER + text

    @cached_property
    def sha(self) -> str:
        """The name under which Redis knows the script: the SHA1 of its source, in hexadecimal."""
        return hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()

    def _read(self, path: str) -> str:
        for package in dict.fromkeys((self.package, "limpyd.scripts")):
            file = files(package).joinpath(path)
            if file.is_file():
                return file.read_text(encoding="utf-8")
        raise ImplementationError(f"script {self.name}: there is no {path} in {self.package}")

    def _expand(self, path: str, done: set[str], chain: tuple[str, ...]) -> str:
        chain = (*chain, path)

        def put_in(match: re.Match[str]) -> str:
            directive, name = match.groups()
            included = f"lib/{name}.lua"
            if included in chain:
                raise ImplementationError(
                    f"script {self.name}: circular include: {' > '.join((*chain, included))}"
                )
            if included in done:
                return ""
            done.add(included)
            if directive == "include":
                return self._expand(included, done, chain)
            return f"local function {name}()\n{self._read_module(included)}end\n"

        return _DIRECTIVE.sub(put_in, self._read(path))

    def _read_module(self, path: str) -> str:
        text = self._read(path)
        if _DIRECTIVE.search(text):
            raise ImplementationError(
                f"script {self.name}: the module {path} can't include; what it uses has to come before"
            )
        return text


def _without_unused(text: str) -> str:
    """A script without the functions at its top whose names stand nowhere else in it."""
    words = Counter(re.findall(r"\w+", text))
    return _FUNCTION.sub(lambda match: match[0] if words[match[1]] > 1 else "", text)


def answer(reply: Any, model: str) -> Any:
    """The value that a script answered with; what it refused is raised as the exception for it.

    `model` is the name of the model's class, for the text.
    """
    if len(reply) == 1:
        return reply[0]
    raise _REFUSALS[reply[0]](model, *reply[1:])


def _pk_taken(model: str, key: str, pk: str) -> LimpydException:
    text = f"{model} with pk {pk} already exists; {model}({pk!r}) connects to it"
    return UniquenessError(text, key=key, value=pk, pk=pk)


def _value_taken(_model: str, key: str, value: str, pk: str) -> LimpydException:
    text = f"Key {key} already exists (for instance {pk})"
    return UniquenessError(text, key=key, value=value, pk=pk)


def _missing(model: str, pk: str) -> LimpydException:
    return DoesNotExist(model, pk)


def _multiple(model: str, count: int) -> LimpydException:
    return MultipleObjectsReturned(f"{model}: {count} objects match, where one was asked for")


_REFUSALS: dict[str, Callable[..., LimpydException]] = {
    "taken": _pk_taken,
    "unique": _value_taken,
    "missing": _missing,
    "multiple": _multiple,
}
