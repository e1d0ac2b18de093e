"""Which reads are kept: every read that core has is decided upon."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module

import limpyd.fields
from limpyd.contrib.cache.reads import KEPT, NOT_KEPT

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
