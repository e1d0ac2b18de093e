"""What hostile input comes to: models with their objects, strangers beside them, and a look at all keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from limpyd import fields
from limpyd.commands import Command
from limpyd.contrib import related
from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.contrib.database import PipelineDatabase
from limpyd.database import RedisDatabase
from limpyd.exceptions import LimpydException
from limpyd.middleware import MISS, Middleware
from limpyd.model import RedisModel
from redis.exceptions import RedisError

from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis
from limpyd_testing.hostile.arguments import Call
from limpyd_testing.keyspace import changed_keys, raw_client, read_keys
from limpyd_testing.writes import TYPES

if TYPE_CHECKING:
    from limpyd_testing.hostile.steps import Step

__all__ = ["KINDS", "OURS", "PK", "Allowed", "World", "encoded"]

OURS = (LimpydException, RedisError, TypeError)
"""What may be raised; a `TypeError` is for arguments that don't fit, and nothing is sent then."""

KINDS = {
    **TYPES,
    "fk": related.FKStringField,
    "fk_hashable": related.FKHashableField,
    "m2m_set": related.M2MSetField,
    "m2m_list": related.M2MListField,
    "m2m_zset": related.M2MSortedSetField,
}


def encoded(text: str) -> bytes:
    """The bytes of a text; of one that has none, some that no key has."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return b"no bytes"


class Watcher(Middleware):
    """Remembers whether a command that writes was sent."""

    def __init__(self) -> None:
        self.has_written = False

    def before(self, command: Command[Any]) -> object:
        """Note a write."""
        self.has_written |= command.is_write
        return MISS


class Allowed(NamedTuple):
    """The keys that a step may change: some, and all that start with some bytes, but for some."""

    keys: frozenset[bytes] = frozenset()
    prefixes: tuple[bytes, ...] = ()
    but: frozenset[bytes] = frozenset()

    def has(self, key: bytes) -> bool:
        """Whether a key is one of them."""
        return key in self.keys or (key.startswith(self.prefixes) and key not in self.but)


class PK(NamedTuple):
    """The pk of an object that need not exist."""

    value: Any
    connects: bool

    @property
    def stored(self) -> bytes:
        """The bytes that the pk is in keys; of what can be no pk, some that no key has."""
        if isinstance(self.value, str):
            return encoded(str.__str__(self.value))
        if isinstance(self.value, (bytes, memoryview)):
            return bytes(self.value)
        return repr(self.value).encode() if isinstance(self.value, (int, float)) else b"no bytes"


class World:
    """Two models that refer to each other, some of their objects, and others that nobody may touch."""

    def __init__(self, database: RedisDatabase, url: str, cache: Any = None) -> None:
        self.watcher = Watcher()
        middleware = [self.watcher] if cache is None else [self.watcher, cache]
        self.database = PipelineDatabase(connection=database.connection, middleware=middleware)
        self.cache = cache
        self.raw = raw_client(url)
        names: dict[str, Any] = {}
        for kind, field in TYPES.items():
            names[f"plain_{kind}"] = field()
            names[f"indexed_{kind}"] = field(indexable=True)
            names[f"unique_{kind}"] = field(unique=True)
        for kind in KINDS.keys() - TYPES:
            names[kind] = KINDS[kind]("Named", related_name=f"things_{kind}")
        space = {"database": self.database, "namespace": "app"}
        self.thing: Any = type("Thing", (related.RelatedModel,), space | names)
        own = {"name": fields.PKField(), "color": fields.StringField(indexable=True)}
        self.named: Any = type("Named", (related.RelatedModel,), space | own)
        bystander = {"text": fields.StringField(indexable=True), "data": fields.HashField(indexable=True)}
        self.bystander: Any = type("Things", (RedisModel,), space | bystander)
        self.fill()

    def fill(self) -> None:
        """Empty the database, and make what each example starts with."""
        self.raw.flushdb()
        self.raw.mset(
            {
                "": "empty",
                "app": "1",
                "app:thin": "1",
                "app:thing": "1",
                "app:thing*": "1",
                "app:things1:hash": "1",
                "apo:thing:1:hash": "1",
                ":thing:1:hash": "1",
                "thing:1:hash": "1",
                "app:thinh:1:hash": "1",
                "xapp:thing:1:plain_string": "1",
                "a": "1",
                "1": "1",
                "collection": "1",
                "__scratch": "1",
            }
        )
        self.raw.hset("app:THING:1:hash", "indexed_hashable", "1")
        self.bystander(text="a", data={"a": "b"})
        values = {
            "string": "7",
            "hashable": "7",
            "set": ["a", "1"],
            "list": ["a", "b", "a"],
            "zset": {"a": 1, "b": 2},
            "hash": {"a": "b", "n": "7"},
        }
        self.pks = {"named": b"a:b", "first": b"1", "second": b"2"}
        named = self.named(name="a:b", color="a")
        relations = {"fk": named, "fk_hashable": named, "m2m_set": [named], "m2m_list": [named, "b", named]}
        first = {
            f"{how}_{kind}": value for kind, value in values.items() for how in ("plain", "indexed", "unique")
        }
        self.objects: dict[str, Any] = {
            "named": named,
            "first": self.thing(**first, **relations, m2m_zset={"a:b": 2}),
            "second": self.thing(plain_string="b"),
        }
        self.keys = read_keys(self.raw)
        self.is_shared = False

    def close(self) -> None:
        """Close the connections."""
        self.raw.close()
        if isinstance(self.cache, SharedCache):
            self.cache.close()

    def object(self, who: Any) -> Any:
        """An object by its name here, a new one (`new`), or the one of a pk, whether it exists or not."""
        if isinstance(who, PK) or who == "named":
            self.is_shared = True
        if isinstance(who, PK):
            return self.thing(who.value) if who.connects else self.thing.lazy_connect(who.value)
        return self.thing() if who == "new" else self.objects[who]

    def indexes(self, model: Any, names: Any) -> list[Allowed]:
        """The index keys of some fields of a model."""
        indexed = [name for name in names if model._fields[name].indexes]
        return [Allowed(prefixes=tuple(encoded(f"{model._key}:{name}:") for name in indexed))]

    def value_keys(self, model: Any, pk: bytes, names: Any) -> frozenset[bytes]:
        """The keys of the values of some fields of an object."""
        start = encoded(f"{model._key}:") + pk
        own = {start + encoded(f":{model._fields[name].suffix}") for name in names}
        return frozenset(own | {key + b":__repeats" for key in own})

    def values(self, model: Any, pk: bytes, names: Any) -> list[Allowed]:
        """The keys of the values of some fields of an object, and of their indexes."""
        return [Allowed(self.value_keys(model, pk, names)), *self.indexes(model, names)]

    def creation(self, model: Any) -> list[Allowed]:
        """All keys of a model but for those of the values of objects that there were."""
        counters = {encoded(f"{model._key}:collection"), encoded(f"{model._key}:max_pk")}
        pks = [b"a:b"] if model is self.named else [b"1", b"2"]
        theirs = [self.value_keys(model, pk, model._fields) for pk in pks]
        everything = (encoded(f"{model._key}:"),)
        return [Allowed(frozenset(counters), everything, frozenset().union(*theirs) | counters)]

    def changes(self, who: Any, names: Any) -> list[Allowed]:
        """What a write on some fields of an object may change."""
        if who == "new":
            return self.creation(self.thing)
        model = self.named if who == "named" else self.thing
        pk = self.pks[who] if isinstance(who, str) else who.stored
        return self.values(model, pk, names)

    def take(self, step: Step) -> None:
        """Take a step, and look at what it changed."""
        self.watcher.has_written = False
        try:
            step.run(self)
            failed = None
        except OURS as error:
            failed = error
        before, self.keys = self.keys, read_keys(self.raw)
        changed = changed_keys(before, self.keys)
        if failed is not None and not step.is_of_many:
            assert not changed, (step, failed)
        if not self.watcher.has_written:
            assert not changed, (step, failed)
        allowed = step.allowed(self)
        outside = [key for key in changed if not any(each.has(key) for each in allowed)]
        assert outside == [], (step, failed)

    def check(self) -> None:
        """What has to hold at the end: indexes are whole, and what a cache answers is what Redis has."""
        for model in (self.thing, self.named, self.bystander):
            assert indexes_in_redis(model) == indexes_by_scan(model)
        for who in ("first", "second"):
            if isinstance(self.cache, InstanceCache) and self.is_shared:
                self.objects[who].init_cache()  # which can't know what was written by way of other objects
            if self.objects[who]._deleted is None:
                self.check_reads(self.objects[who])

    def check_reads(self, thing: Any) -> None:
        """Compare what the fields of an object answer with what Redis has."""
        whole: dict[str, Call] = {
            "string": Call("get", (), {}),
            "hashable": Call("hget", (), {}),
            "set": Call("smembers", (), {}),
            "list": Call("lrange", (0, -1), {}),
            "zset": Call("zrange", (0, -1), {}),
            "hash": Call("hgetall", (), {}),
        }
        for name, field in self.thing._fields.items():
            if field is not self.thing.pk:
                read = whole[field.kind]
                assert outcome(read, getattr(thing, name)) == self.stored(thing, field), name

    def stored(self, thing: Any, field: Any) -> Any:
        """What Redis has for a field, as its reads answer it."""
        kind, value, _ = self.keys.get(
            encoded(f"{thing._key}:{thing._pk}:{field.suffix}"), (b"", None, False)
        )
        types = {"hashable": b"hash"}
        if value is None:
            return {"set": set(), "list": [], "zset": [], "hash": {}}.get(field.kind)
        if kind != types.get(field.kind, field.kind.encode()):
            return "ResponseError"
        return as_text(value, field)


def as_text(value: Any, field: Any) -> Any:
    def text(part: Any) -> str:
        return str(part.decode("utf-8", "surrogateescape"))

    if field.kind == "string":
        return text(value)
    if field.kind == "set":
        return {text(member) for member in value}
    if field.kind == "list":
        return [text(item) for item in value]
    if field.kind == "zset":
        return [text(member) for member in value[::2]]
    entries = {text(entry): text(part) for entry, part in value.items()}
    return entries.get(field.name) if field.kind == "hashable" else entries


def outcome(call: Call, target: Any) -> Any:
    try:
        return call(target)
    except RedisError as error:
        return type(error).__name__
