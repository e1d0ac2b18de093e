"""The models of a load: relations, every type of field, indexed and unique and plain."""

from __future__ import annotations

from typing import Any, NamedTuple

from limpyd import fields
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel

__all__ = ["BOARD", "Models", "define_models"]

BOARD = "shared"
"""The pk of the one board, on which all workers write."""


class Models(NamedTuple):
    """The models of a load, on one database."""

    author: Any
    book: Any
    reader: Any
    note: Any
    board: Any
    rival: Any

    @property
    def all(self) -> tuple[type[RedisModel], ...]:
        """All of them."""
        return tuple(self)


def define_models(where: RedisDatabase) -> Models:
    """The models, on a database that has none of them yet."""

    class Author(related.RelatedModel):
        database = where
        name = fields.PKField()
        born = fields.StringField(indexable=True)

    class Book(related.RelatedModel):
        database = where
        isbn = fields.HashableField(unique=True)
        title = fields.HashableField(indexable=True)
        author = related.FKHashableField("Author", on_delete="cascade")
        year = fields.StringField(indexable=True)
        copies = fields.StringField(default=1)
        genres = fields.SetField(indexable=True)
        chapters = fields.ListField(indexable=True)
        ratings = fields.SortedSetField(indexable=True)
        details = fields.HashField(indexable=True)

    class Reader(related.RelatedModel):
        database = where
        name = fields.PKField()
        email = fields.HashableField(unique=True)
        favourites = related.M2MSetField("Book", related_name="fans")

    class Note(related.RelatedModel):
        """Nothing is unique here, so a creation that is repeated leaves two objects."""

        database = where
        token = fields.HashableField(indexable=True)

    class Board(related.RelatedModel):
        database = where
        name = fields.PKField()
        hits = fields.StringField(default=0)
        score = fields.StringField(default=0, indexable=True)
        posts = fields.ListField()

    class Rival(related.RelatedModel):
        """All workers write on the same few of them, and want the same unique values."""

        database = where
        name = fields.PKField()
        badge = fields.HashableField(unique=True)
        color = fields.StringField(indexable=True)
        tags = fields.SetField(unique=True)

    return Models(Author, Book, Reader, Note, Board, Rival)
