"""walrus, by its models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any

from walrus import AutoIncrementField, Database, Model, TextField

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import FIELDS, Row

_values = attrgetter(*FIELDS)


def _row(person: Any) -> Row:
    return dict(zip(FIELDS, _values(person), strict=True))


class Adapter(Contender):
    """Models with indexed text fields. An object is loaded before it is changed or deleted."""

    title = "walrus"
    distributions = ("walrus",)
    cant: Mapping[str, str] = {"cached_read": "its cache is in Redis, not in the process"}
    less: Mapping[str, str] = {
        "create": "no unique fields, `email` is indexed only; not atomic",
        "bulk_create": "one by one; no unique fields",
    }
    notes: Mapping[str, str] = {
        "read_one": "reads the whole object",
        "update_indexed": "writes all values and indexes anew; not atomic",
        "filter_pks": "reads the objects, as it gives no pks alone; keeps the result in Redis",
        "filter_objects": "keeps the result in Redis, where it expires",
        "sorted_page": "no slices: reads and sorts all objects",
        "count": "reads the objects, as it can't count a filter",
        "delete": "loads the object first; not atomic",
        "reverse_relation": "no relations, but an indexed field with the pk; reads all objects",
    }

    def __init__(self, socket: str, db: int) -> None:
        class Base(Model):  # type: ignore[misc]  # walrus has no types
            __database__ = Database(unix_socket_path=socket, db=db)

        class Person(Base):
            pk = AutoIncrementField()
            name = TextField(index=True)
            email = TextField(index=True)
            city = TextField(index=True)
            country = TextField(index=True)
            note = TextField()

        class Group(Base):
            pk = AutoIncrementField()
            owner = TextField(index=True)

        self.person: Any = Person
        self.group: Any = Group

    def _find(self, city: str, country: str) -> Any:
        person = self.person
        return person.query((person.city == city) & (person.country == country))

    def create(self, row: Row) -> str:
        return str(self.person.create(**row).pk)

    def read_all(self, pk: str) -> Row:
        return _row(self.person.load(pk))

    def read_one(self, pk: str) -> str:
        value: str = self.person.load(pk).email
        return value

    def update_indexed(self, pk: str, city: str) -> None:
        person = self.person.load(pk)
        person.city = city
        person.save()

    def delete(self, pk: str) -> None:
        self.person.load(pk).delete()

    def bulk_create(self, rows: Sequence[Row]) -> list[str]:
        return [self.create(row) for row in rows]

    def filter_pks(self, city: str, country: str) -> Collection[str]:
        return [str(each.pk) for each in self._find(city, country)]

    def filter_objects(self, city: str, country: str) -> list[Row]:
        return [_row(each) for each in self._find(city, country)]

    def sorted_page(self, city: str, start: int, number: int) -> list[Row]:
        person = self.person
        found = list(person.query(person.city == city, order_by=person.email))
        return [_row(each) for each in found[start : start + number]]

    def count(self, city: str, country: str) -> int:
        return len(list(self._find(city, country)))

    def load_relation(self, pk: str, number: int) -> None:
        for _ in range(number):
            self.group.create(owner=pk)

    def reverse_relation(self, pk: str) -> Collection[str]:
        return [str(each.pk) for each in self.group.query(self.group.owner == pk)]
