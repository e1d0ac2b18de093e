"""popoto, on its backend for Redis."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import popoto
import redis
from popoto import redis_db

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import FIELDS, Row


class Adapter(Contender):
    """Models with an `AutoKeyField`, which makes a pk in the process, and indexed fields."""

    title = "popoto"
    distributions = ("popoto",)
    cant: Mapping[str, str] = {"cached_read": "it has no cache"}
    notes: Mapping[str, str] = {
        "create": "not atomic; checks uniqueness beforehand, so two at the same time can both pass",
        "update_indexed": "loads the object first; writes that one field",
        "filter_pks": "`filter_for_keys_set`, which reads both sets and compares them in the client",
        "sorted_page": "no slices: reads, as dicts, those up to the page's end, and cuts",
        "delete": "loads the object first, and what it has to delete",
        "bulk_create": "`bulk_create`, pipelines, but a request for each check and each index",
        "reverse_relation": "`filter_for_keys_set`",
    }

    def __init__(self, socket: str, db: int) -> None:
        pool = redis.ConnectionPool(connection_class=redis.UnixDomainSocketConnection, path=socket, db=db)
        redis_db.set_REDIS_DB_settings(connection_pool=pool)

        class Person(popoto.Model):  # type: ignore[misc]  # popoto has no types
            pk_ = popoto.AutoKeyField()
            name = popoto.IndexedField(type=str)
            email = popoto.UniqueField(type=str)
            city = popoto.IndexedField(type=str)
            country = popoto.IndexedField(type=str)
            note = popoto.Field(type=str)

        class Group(popoto.Model):  # type: ignore[misc]
            pk_ = popoto.AutoKeyField()
            owner = popoto.Relationship(model=Person)

        self.person: Any = Person
        self.group: Any = Group

    def _get(self, pk: str) -> Any:
        return self.person.query.get(redis_key=pk)

    def create(self, row: Row) -> str:
        pk: str = self.person.create(**row).db_key.redis_key
        return pk

    def read_all(self, pk: str) -> Row:
        values: Row = self.person.load_fields(pk, *FIELDS)
        return values

    def read_one(self, pk: str) -> str:
        value: str = self.person.load_fields(pk, "email")["email"]
        return value

    def update_indexed(self, pk: str, city: str) -> None:
        person = self._get(pk)
        person.city = city
        person.save(update_fields=["city"])

    def delete(self, pk: str) -> None:
        self._get(pk).delete()

    def bulk_create(self, rows: Sequence[Row]) -> list[str]:
        created = self.person.bulk_create([self.person(**row) for row in rows])
        return [each.db_key.redis_key for each in created]

    def filter_pks(self, city: str, country: str) -> Collection[str]:
        found = self.person.query.filter_for_keys_set(city=city, country=country)
        return [key.decode() for key in found]

    def filter_objects(self, city: str, country: str) -> list[Row]:
        return list(self.person.query.filter(city=city, country=country).values(*FIELDS).all())

    def sorted_page(self, city: str, start: int, number: int) -> list[Row]:
        found = self.person.query.filter(city=city).order_by("email").values(*FIELDS)
        return list(found.limit(start + number).all())[start:]

    def count(self, city: str, country: str) -> int:
        number: int = self.person.query.count(city=city, country=country)
        return number

    def load_relation(self, pk: str, number: int) -> None:
        owner = self._get(pk)
        self.group.bulk_create([self.group(owner=owner) for _ in range(number)])

    def reverse_relation(self, pk: str) -> Collection[str]:
        found = self.group.query.filter_for_keys_set(owner=self._get(pk))
        return [key.decode() for key in found]
