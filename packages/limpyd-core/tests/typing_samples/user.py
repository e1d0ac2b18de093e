"""A user's program, whose types mypy and pyright must see as the comments say (see `test_typing.py`)."""

# ruff: noqa: F821  # reveal_type is the type checkers'

from __future__ import annotations

from limpyd import fields, model
from limpyd.database import RedisDatabase


class Example(model.RedisModel):
    database = RedisDatabase()

    name = fields.HashableField(unique=True)
    text = fields.StringField(indexable=True)
    tags = fields.SetField(indexable=True)
    log = fields.ListField()
    scores = fields.SortedSetField()
    data = fields.HashField()


example = Example(name="x", tags={"a"})

reveal_type(Example.text)  # StringField
reveal_type(example.text)  # StringField
reveal_type(example.tags)  # SetField
reveal_type(Example.log)  # ListField
reveal_type(example.scores)  # SortedSetField
reveal_type(example.data)  # HashField
reveal_type(example.name)  # HashableField

reveal_type(example.text.get())  # str | None
reveal_type(example.text.set("a", nx=True))  # bool | str | None
reveal_type(example.text.setnx("a"))  # bool
reveal_type(example.text.getset(1))  # str | None
reveal_type(example.text.incr())  # int
reveal_type(example.text.incrbyfloat(0.5))  # float
reveal_type(example.text.getrange(0, -1))  # str
reveal_type(example.text.append(b"a"))  # int
reveal_type(example.text.increx())  # list[int]
reveal_type(example.text.increx(byfloat=0.5))  # list[float]
reveal_type(example.text.bitfield().get("u8", 0).execute())  # list[int | None]
reveal_type(example.text.exists())  # bool
reveal_type(example.text.dump())  # bytes | None
reveal_type(example.text.key)  # str

reveal_type(example.name.hget())  # str | None
reveal_type(example.name.hset("a"))  # int
reveal_type(example.name.hincrbyfloat())  # float
reveal_type(example.hmget("name"))  # list[str | None]
reveal_type(example.hmset(name="a"))  # bool
reveal_type(example.hgetall())  # dict[str, str]

reveal_type(example.tags.smembers())  # set[str]
reveal_type(example.tags.sismember("a"))  # bool
reveal_type(example.tags.smismember(["a", "b"]))  # list[bool]
reveal_type(example.tags.spop())  # str | None
reveal_type(example.tags.spop(2))  # list[str]
reveal_type(example.tags.srandmember())  # str | None
reveal_type(example.tags.srandmember(-2))  # list[str]
reveal_type(example.tags.sscan())  # Iterator[str]
reveal_type(example.tags.sort(alpha=True))  # list[str]
reveal_type(example.tags.sort(get=["#", "w_*"], groups=True))  # list[tuple[str | None, ...]]

reveal_type(example.log.lpop())  # str | None
reveal_type(example.log.lpop(2))  # list[str] | None
reveal_type(example.log.rpop(count=2))  # list[str] | None
reveal_type(example.log.lrange(0, -1))  # list[str]
reveal_type(example.log.lindex(0))  # str | None
reveal_type(example.log.lpos("a"))  # int | None
reveal_type(example.log.lpos("a", count=0))  # list[int]
reveal_type(example.log.lset(0, "a"))  # bool
reveal_type(example.log.lmpop("LEFT"))  # list[str] | None

reveal_type(example.scores.zadd({"a": 1}))  # int
reveal_type(example.scores.zadd(a=1.5))  # int
reveal_type(example.scores.zadd({"a": 1}, incr=True))  # float | None
reveal_type(example.scores.zincrby(1, "a"))  # float
reveal_type(example.scores.zscore("a"))  # float | None
reveal_type(example.scores.zrange(0, -1))  # list[str]
reveal_type(example.scores.zrange(0, -1, withscores=True))  # list[tuple[str, float]]
reveal_type(example.scores.zrank("a"))  # int | None
reveal_type(example.scores.zpopmin())  # list[tuple[str, float]]
reveal_type(example.scores.zmpop(min=True))  # list[tuple[str, float]] | None

reveal_type(example.data.hget("a"))  # str | None
reveal_type(example.data.hmget("a", "b"))  # list[str | None]
reveal_type(example.data.hgetall())  # dict[str, str]
reveal_type(example.data.hrandfield())  # str | None
reveal_type(example.data.hrandfield(2))  # list[str]
reveal_type(example.data.hrandfield(2, withvalues=True))  # list[tuple[str, str]]
reveal_type(example.data.hscan())  # Iterator[tuple[str, str]]
reveal_type(example.data.hscan(no_values=True))  # Iterator[str]
reveal_type(example.data.hsetnx("a", 1))  # bool

reveal_type(Example.collection())  # Collection[Example, str]
reveal_type(Example.collection(text="a")[0])  # str
reveal_type(Example.collection().sort(by="-name")[2:4])  # Collection[Example, str]
reveal_type(Example.collection().instances())  # Collection[Example, Example]
reveal_type(Example.collection().instances()[0])  # Example
reveal_type([one.text.get() for one in Example.collection().instances()])  # list[str | None]
reveal_type(Example.collection().instances().fetch())  # list[Example]
reveal_type(Example.collection().count())  # int
reveal_type(Example.get(name="a"))  # Example
reveal_type(Example.lazy_connect(1))  # Example
reveal_type(Example.exists(1))  # bool
reveal_type(Example.get_or_connect(name="a"))  # tuple[Example, bool]
reveal_type(Example.create_many([{"name": "a"}]))  # list[str]
reveal_type(example.get_pk())  # str
reveal_type(example.pk.get())  # str
reveal_type(RedisDatabase.from_url("redis://localhost"))  # RedisDatabase

with Example.database.trace() as requests:
    reveal_type(requests)  # list[Request]
