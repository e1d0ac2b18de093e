"""rom, whose writes are one script each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import rom
from rom import util

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import FIELDS, Row


class Adapter(Contender):
    """Models with indexes for equality. Its session, which remembers objects, is emptied after each call."""

    title = "rom"
    distributions = ("rom",)
    cant: Mapping[str, str] = {"sorted_page": "its index for sorting texts has their first seven bytes only"}
    notes: Mapping[str, str] = {
        "create": "takes the pk in a request of its own",
        "read_one": "reads the whole object",
        "update_indexed": "loads the object first",
        "filter_pks": "keeps the result in Redis while it is read",
        "filter_objects": "`select`; keeps the result in Redis while it is read",
        "delete": "loads the object first",
        "bulk_create": "one by one",
        "reverse_relation": "reads all objects",
        "cached_read": "its session, which never learns of a change, and has the whole object",
    }

    def __init__(self, socket: str, db: int) -> None:
        util.set_connection_settings(unix_socket_path=socket, db=db)

        class Person(rom.Model):  # type: ignore[misc]  # rom has no types
            name = rom.Text(index=True, keygen=rom.IDENTITY)
            email = rom.Text(required=True, unique=True)
            city = rom.Text(index=True, keygen=rom.IDENTITY)
            country = rom.Text(index=True, keygen=rom.IDENTITY)
            note = rom.Text()

        class Owner(rom.Model):  # type: ignore[misc]
            groups = rom.OneToMany("Group")

        class Group(rom.Model):  # type: ignore[misc]
            owner = rom.ManyToOne("Owner", on_delete="no action")

        self.person: Any = Person
        self.owner: Any = Owner
        self.group: Any = Group
        self.owners: dict[str, int] = {}
        self.kept: dict[str, Any] = {}

    def create(self, row: Row) -> str:
        person = self.person(**row)
        person.save()
        self.forget()
        return str(person.id)

    def read_all(self, pk: str) -> Row:
        values = self.person.get(pk).to_dict()
        self.forget()
        del values["id"]
        return values  # type: ignore[no-any-return]

    def read_one(self, pk: str) -> str:
        value: str = self.person.get(pk).email
        self.forget()
        return value

    def update_indexed(self, pk: str, city: str) -> None:
        person = self.person.get(pk)
        person.city = city
        person.save()
        self.forget()

    def delete(self, pk: str) -> None:
        self.person.get(pk).delete()
        self.forget()

    def bulk_create(self, rows: Sequence[Row]) -> list[str]:
        return [self.create(row) for row in rows]

    def filter_pks(self, city: str, country: str) -> Collection[str]:
        found = self.person.query.filter(city=city, country=country)
        return [str(each["id"]) for each in found.select("id").execute()]

    def filter_objects(self, city: str, country: str) -> list[Row]:
        return list(self.person.query.filter(city=city, country=country).select(*FIELDS).execute())

    def count(self, city: str, country: str) -> int:
        number: int = self.person.query.filter(city=city, country=country).count()
        return number

    def load_relation(self, pk: str, number: int) -> None:
        owner = self.owner()
        owner.save()
        self.owners[pk] = owner.id
        for _ in range(number):
            self.group(owner=owner).save()
        self.forget()

    def reverse_relation(self, pk: str) -> Collection[str]:
        found = [str(each.id) for each in self.owner.get(self.owners[pk]).groups]
        self.forget()
        return found

    def cached_read(self, pk: str) -> str:
        person = self.person.get(pk)
        self.kept[pk] = person  # the session has what the program keeps
        value: str = person.email
        return value

    def forget(self) -> None:
        self.kept.clear()
        rom.session.rollback()
