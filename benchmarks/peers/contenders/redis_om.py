"""redis-om, by its `HashModel`, on a server without modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import redis
from redis_om import Field, HashModel

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import FIELDS, Row

_NO_SEARCH = "needs modules: it finds objects by RediSearch, which the server doesn't have"


class Adapter(Contender):
    """Pydantic models in hashes. The indexes are the module's, so without it there are none."""

    title = "redis-om"
    distributions = ("redis-om",)
    cant: Mapping[str, str] = {
        "filter_pks": _NO_SEARCH,
        "filter_objects": _NO_SEARCH,
        "sorted_page": _NO_SEARCH,
        "count": _NO_SEARCH,
        "reverse_relation": "it has no relations, and without RediSearch no indexes",
        "cached_read": "it has no cache",
    }
    less: Mapping[str, str] = {
        "create": "writes one hash: no unique fields, and without RediSearch no indexes",
        "update_indexed": "loads the object first, and writes all values; without RediSearch no indexes",
        "delete": "deletes one hash: without RediSearch no indexes",
        "bulk_create": "`add`, a pipeline of hashes: no unique fields, and without RediSearch no indexes",
    }
    notes: Mapping[str, str] = {"read_one": "reads the whole object"}

    def __init__(self, socket: str, db: int) -> None:
        client = redis.Redis(unix_socket_path=socket, db=db, decode_responses=True)

        class Person(HashModel, index=True):  # type: ignore[misc, call-arg]  # it is not there for mypy
            name: str = Field(index=True)
            email: str = Field(index=True)
            city: str = Field(index=True)
            country: str = Field(index=True)
            note: str

            class Meta:
                database = client

        self.person: Any = Person

    def create(self, row: Row) -> str:
        pk: str = self.person(**row).save().pk
        return pk

    def read_all(self, pk: str) -> Row:
        person = self.person.get(pk)
        return {name: getattr(person, name) for name in FIELDS}

    def read_one(self, pk: str) -> str:
        value: str = self.person.get(pk).email
        return value

    def update_indexed(self, pk: str, city: str) -> None:
        self.person.get(pk).update(city=city)

    def delete(self, pk: str) -> None:
        self.person.delete(pk)

    def bulk_create(self, rows: Sequence[Row]) -> list[str]:
        return [each.pk for each in self.person.add([self.person(**row) for row in rows])]
