"""A user's mistakes, each of which mypy and pyright must report on its line (see `test_typing.py`)."""

from __future__ import annotations

from limpyd import fields, model


class Example(model.RedisModel):
    text = fields.StringField(indexed=True)
    tags = fields.SetField(True)
    log = fields.ListField()
    scores = fields.SortedSetField()


example = Example()
example.text.sadd("a")
example.text.get().upper()
example.text.incr("1")
example.tags.smembers()[0]
example.log.linsert("NEAR", "a", "b")
example.log.lpop(1.5)
example.scores.zadd(["a", 1])
example.no_field.get()
Example.lazy_connect()
Example.collection().instances()[0].no_field.get()
