"""redis-limpyd 2.1.2, the last release of the library that limpyd succeeds.

Its modules have the names of limpyd's, so they are imported here without their types.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import FIELDS, Row

database: Any = import_module("limpyd.database")
model: Any = import_module("limpyd.model")
fields: Any = import_module("limpyd.fields")
related: Any = import_module("limpyd.contrib.related")
collection: Any = import_module("limpyd.contrib.collection")


class Adapter(Contender):
    """Its models with hash fields, and its extended collections, which can give values."""

    title = "redis-limpyd"
    distributions = ("redis-limpyd",)
    notes: Mapping[str, str] = {
        "create": "not atomic; takes a lock for each index",
        "update_indexed": "not atomic; takes a lock",
        "filter_pks": "keeps the result in Redis while it is read",
        "filter_objects": "`values`; keeps the result in Redis while it is read",
        "sorted_page": "`values`",
        "count": "keeps the result in Redis while it is counted",
        "delete": "not atomic; takes a lock for each index",
        "bulk_create": "one by one",
    }
    cant: Mapping[str, str] = {"cached_read": "it has no cache"}

    def __init__(self, socket: str, db: int) -> None:
        where, relations = (database.RedisDatabase(unix_socket_path=socket, db=db) for _ in range(2))

        class Person(model.RedisModel):  # type: ignore[misc]  # it is Any
            database = where
            collection_manager = collection.ExtendedCollectionManager

            name = fields.InstanceHashField(indexable=True)
            email = fields.InstanceHashField(unique=True)
            city = fields.InstanceHashField(indexable=True)
            country = fields.InstanceHashField(indexable=True)
            note = fields.InstanceHashField()

        class Owner(related.RelatedModel):  # type: ignore[misc]
            database = relations

        class Group(related.RelatedModel):  # type: ignore[misc]
            database = relations

            owner = related.FKInstanceHashField("Owner")

        self.person: Any = Person
        self.owner: Any = Owner
        self.group: Any = Group

    def create(self, row: Row) -> str:
        return str(self.person(**row).pk.get())

    def read_all(self, pk: str) -> Row:
        values: Row = self.person.lazy_connect(pk).hgetall()
        return values

    def read_one(self, pk: str) -> str:
        value: str = self.person.lazy_connect(pk).email.hget()
        return value

    def update_indexed(self, pk: str, city: str) -> None:
        self.person.lazy_connect(pk).city.hset(city)

    def delete(self, pk: str) -> None:
        self.person.lazy_connect(pk).delete()

    def bulk_create(self, rows: Sequence[Row]) -> list[str]:
        return [self.create(row) for row in rows]

    def filter_pks(self, city: str, country: str) -> Collection[str]:
        return list(self.person.collection(city=city, country=country))

    def filter_objects(self, city: str, country: str) -> list[Row]:
        return list(self.person.collection(city=city, country=country).values(*FIELDS))

    def sorted_page(self, city: str, start: int, number: int) -> list[Row]:
        found = self.person.collection(city=city).sort(by="email", alpha=True).values(*FIELDS)
        return list(found[start : start + number])

    def count(self, city: str, country: str) -> int:
        return len(self.person.collection(city=city, country=country))

    def load_relation(self, pk: str, number: int) -> None:
        for _ in range(number):
            self.group(owner=pk)

    def reverse_relation(self, pk: str) -> Collection[str]:
        return list(self.owner.lazy_connect(pk).group_set())
