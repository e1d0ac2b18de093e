"""What a contender has to be able to do: the one interface that everything is measured through.

A contender is a class `Adapter` in a module of its own in `contenders`. It does each piece of work the best
way that its library has, and says what it can't do and what it leaves out. Nothing is measured here.

Objects are named by their pks, as `str`, and given out as dicts of their five values: what is measured is the
way from a pk or a filter to values that a program can use.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import version

from benchmarks.peers.people import Row

__all__ = ["OPERATIONS", "Contender"]

OPERATIONS = {
    "create": "create",
    "read_all": "read all fields",
    "read_one": "read one field",
    "update_indexed": "update an indexed field",
    "filter_pks": "filter by two, to pks",
    "filter_objects": "filter by two, to objects",
    "sorted_page": "sorted page of 10 of a filter",
    "count": "count by two",
    "delete": "delete",
    "bulk_create": "create 10,000",
    "reverse_relation": "reverse relation of 1,000",
    "cached_read": "cached read",
}
"""The work, by the name of the method that does it, in the order of the report."""


class Contender(ABC):
    """One way to keep people in Redis, on a database of its own of a server.

    What it can't do it leaves as it is here: an operation that `cant` names is never called.
    """

    title: str
    """What the report calls it."""
    distributions: tuple[str, ...]
    """What is installed for it; the first one's version is its own."""
    cant: Mapping[str, str] = {}
    """Why it doesn't do an operation, for each that it doesn't."""
    less: Mapping[str, str] = {}
    """What it leaves out of the work, such as indexes, by operation: there it competes with nobody."""
    notes: Mapping[str, str] = {}
    """What it does differently, or what its caller has to know, by operation."""

    @abstractmethod
    def __init__(self, socket: str, db: int) -> None:
        """Connect to the server on a unix socket; sends no more than it must."""

    def versions(self) -> dict[str, str]:
        """The versions of what it uses."""
        return {name: version(name) for name in (*self.distributions, "redis", "hiredis")}

    def create(self, row: Row) -> str:
        """Create a person; the pk."""
        raise NotImplementedError

    def read_all(self, pk: str) -> Row:
        """All values of a person."""
        raise NotImplementedError

    def read_one(self, pk: str) -> str:
        """The email of a person."""
        raise NotImplementedError

    def update_indexed(self, pk: str, city: str) -> None:
        """Let a person live in another city, and the index follow."""
        raise NotImplementedError

    def delete(self, pk: str) -> None:
        """Delete a person, with what the indexes have of it."""
        raise NotImplementedError

    def bulk_create(self, rows: Sequence[Row]) -> list[str]:
        """Create many people; the pks, in order."""
        raise NotImplementedError

    def filter_pks(self, city: str, country: str) -> Collection[str]:
        """The pks of the people in a city and a country."""
        raise NotImplementedError

    def filter_objects(self, city: str, country: str) -> list[Row]:
        """All values of the people in a city and a country."""
        raise NotImplementedError

    def sorted_page(self, city: str, start: int, number: int) -> list[Row]:
        """All values of some of the people in a city, which are sorted by email."""
        raise NotImplementedError

    def count(self, city: str, country: str) -> int:
        """How many people there are in a city and a country."""
        raise NotImplementedError

    def load_relation(self, pk: str, number: int) -> None:
        """Create so many groups, whose owner is a person. It is not measured."""
        raise NotImplementedError

    def reverse_relation(self, pk: str) -> Collection[str]:
        """The pks of the groups whose owner is a person."""
        raise NotImplementedError

    def cached_read(self, pk: str) -> str:
        """The email of a person that was read before, from a cache in the process."""
        raise NotImplementedError

    def forget(self) -> None:
        """Drop what the process remembers of objects, before something is timed; nothing, if it does not."""
        return
