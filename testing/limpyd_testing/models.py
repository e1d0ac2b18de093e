"""Models for tests, each put on the test's own database."""

from __future__ import annotations

from typing import Any, TypeVar

from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel

__all__ = ["Named", "Person", "Visitor", "define"]

M = TypeVar("M", bound=RedisModel)


def define(
    base: type[M], database: RedisDatabase | None = None, name: str | None = None, **members: Any
) -> type[M]:
    """A subclass of `base`, on `database` or on that of `base`, named like it if it is given no name."""
    if database is not None:
        members = {"database": database, **members}
    return type(name or base.__name__, (base,), members)


class Person(RedisModel):
    """A model whose pk is counted, with plain, indexed and unique fields, and a default."""

    abstract = True

    name = fields.HashableField(unique=True)
    city = fields.HashableField(indexable=True)
    age = fields.HashableField()
    visits = fields.StringField(default=0)
    motto = fields.StringField(indexable=True)


class Named(RedisModel):
    """A model whose pk is given."""

    abstract = True

    name = fields.PKField()
    color = fields.StringField(indexable=True)


class Visitor(RedisModel):
    """A model with a unique field, one index in the hash and one outside of it."""

    abstract = True

    name = fields.HashableField(indexable=True)
    email = fields.HashableField(unique=True)
    city = fields.StringField(indexable=True)
    visits = fields.StringField()
