"""Which reads are kept: every read that core has is decided upon."""

from __future__ import annotations

import inspect
import pkgutil
import re
from functools import partial
from importlib import import_module
from typing import Any

import limpyd.fields
import pytest
from limpyd.commands import Command
from limpyd.contrib.cache.reads import KEPT, NOT_KEPT, entry_key
from limpyd.decoders import scored

_READ = re.compile(r'''self\._(?:read|range|scan)\([^"]*"([A-Z_ ]+)"''')


def reads_of_core() -> set[str]:
    """The Redis commands in the sources of all fields that are sent as reads."""
    names = [info.name for info in pkgutil.iter_modules(limpyd.fields.__path__)]
    sources = [inspect.getsource(import_module(f"limpyd.fields.{name}")) for name in names]
    return {name for source in sources for name in _READ.findall(source)}


def test_the_reads_of_core_are_found() -> None:
    assert {"GET", "HGET", "SMEMBERS", "LRANGE", "ZRANGE", "TTL", "MEMORY USAGE"} <= reads_of_core()


def test_every_read_of_core_is_decided_upon() -> None:
    assert reads_of_core() - KEPT - set(NOT_KEPT) == set()


def test_no_read_is_decided_upon_twice() -> None:
    assert not KEPT & set(NOT_KEPT)


def command(decode: Any, *args: Any) -> Command[Any]:
    return Command("ZRANGE", ("key",), ("key", *args), decode)


def test_the_same_read_has_the_same_key() -> None:
    assert entry_key(command(list, 0, -1)) == entry_key(command(list, 0, -1))
    assert entry_key(command(scored(int), 0, -1)) == entry_key(command(scored(int), 0, -1))


@pytest.mark.parametrize(
    "other", [command(set, 0, -1), command(list, 0, 1), command(list, 0), command(partial(list), 0, -1)]
)
def test_another_read_has_another_key(other: Command[Any]) -> None:
    assert entry_key(command(list, 0, -1)) != entry_key(other)
    assert entry_key(command(scored(int), 0, -1)) != entry_key(command(scored(float), 0, -1))
