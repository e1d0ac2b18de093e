"""Redis's types of value in plain Python: what the tests hold limpyd's replies, data and indexes against.

A class per type, whose methods are its write commands, named, called and replying as the field's. `terms` are
what an index has of the value, `stored` is what a scan of Redis finds (None: no key). Texts are compared by
their UTF-8 bytes, as Redis does. What Redis leaves undefined raises `UndefinedError`.
"""

from __future__ import annotations

from limpyd_testing.plain.base import PlainValue, UndefinedError
from limpyd_testing.plain.members import PlainHash, PlainList, PlainSet, PlainSortedSet
from limpyd_testing.plain.text import PlainHashable, PlainString

__all__ = ["PLAIN", "PlainValue", "UndefinedError"]

PLAIN: dict[str, type[PlainValue]] = {
    "string": PlainString,
    "hashable": PlainHashable,
    "set": PlainSet,
    "list": PlainList,
    "zset": PlainSortedSet,
    "hash": PlainHash,
}
