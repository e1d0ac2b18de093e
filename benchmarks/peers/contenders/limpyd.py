"""limpyd: the core, with a cache and relations where the work asks for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from limpyd import fields, model
from limpyd.contrib import related
from limpyd.contrib.cache import InstanceCache
from limpyd.database import RedisDatabase

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import FIELDS, Row


def _person(where: RedisDatabase) -> Any:
    class Person(model.RedisModel):
        database = where

        name = fields.HashableField(indexable=True)
        email = fields.HashableField(unique=True)
        city = fields.HashableField(indexable=True)
        country = fields.HashableField(indexable=True)
        note = fields.HashableField()

    return Person


class Adapter(Contender):
    """Models as the docs show them."""

    title = "limpyd"
    distributions = ("limpyd-core", "limpyd-related", "limpyd-cache")
    notes: Mapping[str, str] = {
        "filter_objects": "`instances(preload=...)`, with an `InstanceCache`",
        "sorted_page": "`instances(preload=...)`, with an `InstanceCache`",
        "cached_read": "an `InstanceCache`, which never learns of a change, on objects that are kept; a "
        "[`SharedCache`](cache.md), which takes a little longer, does learn of them",
    }

    def __init__(self, socket: str, db: int) -> None:
        def database(*middleware: Any) -> RedisDatabase:
            return RedisDatabase.from_url(f"unix://{socket}?db={db}", middleware=middleware)

        self.person = _person(database())
        self.caching = _person(database(InstanceCache()))
        self.kept: dict[str, Any] = {}
        relations = database()

        class Owner(related.RelatedModel):
            database = relations

        class Group(related.RelatedModel):
            database = relations

            owner = related.FKHashableField("Owner")

        self.owner: Any = Owner
        self.group: Any = Group

    def create(self, row: Row) -> str:
        pk: str = self.person(**row).get_pk()
        return pk

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
        pks: list[str] = self.person.create_many(rows)
        return pks

    def filter_pks(self, city: str, country: str) -> Collection[str]:
        return list(self.person.collection(city=city, country=country))

    def filter_objects(self, city: str, country: str) -> list[Row]:
        found = self.caching.collection(city=city, country=country)
        return [each.hgetall() for each in found.instances(preload=FIELDS)]

    def sorted_page(self, city: str, start: int, number: int) -> list[Row]:
        found = self.caching.collection(city=city).sort(by="email", alpha=True)[start : start + number]
        return [each.hgetall() for each in found.instances(preload=FIELDS)]

    def count(self, city: str, country: str) -> int:
        return len(self.person.collection(city=city, country=country))

    def load_relation(self, pk: str, number: int) -> None:
        self.group.create_many([{"owner": pk}] * number)

    def reverse_relation(self, pk: str) -> Collection[str]:
        return list(self.owner.lazy_connect(pk).group_set())

    def cached_read(self, pk: str) -> str:
        person = self.kept.get(pk)
        if person is None:
            person = self.kept[pk] = self.caching.lazy_connect(pk)
        value: str = person.email.hget()
        return value

    def forget(self) -> None:
        self.kept.clear()
