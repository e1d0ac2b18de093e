"""walrus 0.9. It has no unique fields (`email` is indexed instead), and no creation of many at once."""

from __future__ import annotations

import sys

from walrus import Database, Model, TextField

from benchmarks.peers.rows import measure


class Person(Model):  # type: ignore[misc]  # walrus has no types
    __database__ = Database.from_url(sys.argv[1])
    name = TextField(index=True)
    email = TextField(index=True)
    city = TextField(index=True)
    country = TextField(index=True)
    note = TextField()


if __name__ == "__main__":
    measure(lambda row: Person.create(**row))
