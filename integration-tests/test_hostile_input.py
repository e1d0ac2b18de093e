"""Hostile names, pks and values through every entry point: nothing is written but what is asked for.

An example is a few steps, each a call of a public method with arguments of `limpyd_testing.hostile`. After
each one the whole key space is compared with what it was before.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limpyd import fields
from limpyd.collection import Collection
from limpyd.commands import Command
from limpyd.contrib import related
from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.contrib.database import PipelineDatabase
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError, LimpydException
from limpyd.fields.bitfield import BitField
from limpyd.hashes import HashCommands
from limpyd.middleware import MISS, Middleware
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis
from limpyd_testing.hostile import (
    ENTRIES,
    KEYWORDS,
    LUA,
    MEGABYTE,
    TEXTS,
    Call,
    Sly,
    anything,
    calls,
    hostile_values,
    integers,
    mixed,
    public_methods,
    texts,
)
from limpyd_testing.keyspace import changed_keys, outside, raw_client, read_keys
from limpyd_testing.writes import TYPES
from redis.exceptions import RedisError

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
METHODS = {kind: public_methods(field, fields.Field) for kind, field in KINDS.items()}
"""The operations of each type; what every field has are hooks, and upkeep of indexes."""
OBJECT_METHODS = public_methods(HashCommands) | {
    name: getattr(RedisModel, name) for name in ("delete", "get_pk")
}
MODEL_METHODS = ["collection", "create_many", "exists", "get", "get_or_connect", "lazy_connect"]
NO_INPUT = ["check", "repair", "use_database", "get_field"]
"""Operations of models that take no values of objects."""
COLLECTION_METHODS = ["count", "exists", "fetch", "instances", "sort"]


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
        self.has_written |= command.is_write
        return MISS


class Allowed(NamedTuple):
    """The keys that a step may change: some, and all that start with some bytes, but for some."""

    keys: frozenset[bytes] = frozenset()
    prefixes: tuple[bytes, ...] = ()
    but: frozenset[bytes] = frozenset()

    def has(self, key: bytes) -> bool:
        return key in self.keys or (key.startswith(self.prefixes) and key not in self.but)


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

    def take(self, step: Any) -> None:
        """Take a step, and look at what it changed."""
        self.watcher.has_written = False
        try:
            step.run(self)
            failed = None
        except OURS as error:
            failed = error
        before, self.keys = self.keys, read_keys(self.raw)
        changed = changed_keys(before, self.keys)
        if failed is not None and not is_of_many(step):
            assert not changed, (step, failed)
        if not self.watcher.has_written:
            assert not changed, step
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


# -- steps


class FieldStep(NamedTuple):
    """A call of a method of a field of an object."""

    who: Any
    name: str
    call: Call

    def run(self, world: World) -> Any:
        return self.call(getattr(world.object(self.who), self.name))

    def allowed(self, world: World) -> list[Allowed]:
        return world.changes(self.who, [self.name])


class BitFieldStep(NamedTuple):
    """Operations of a `BitField`, and their execution."""

    who: Any
    name: str
    calls: list[Call]

    def run(self, world: World) -> Any:
        builder = getattr(world.object(self.who), self.name).bitfield()
        for call in self.calls:
            call(builder)
        return builder.execute()

    def allowed(self, world: World) -> list[Allowed]:
        return world.changes(self.who, [self.name])


class ObjectStep(NamedTuple):
    """A call of a method of an object."""

    who: Any
    call: Call

    def run(self, world: World) -> Any:
        return self.call(world.object(self.who))

    def allowed(self, world: World) -> list[Allowed]:
        model = world.named if self.who == "named" else world.thing
        if self.call.name != "delete" or self.who == "new":
            return world.changes(self.who, model._hashable_fields)
        allowed = world.changes(self.who, [name for name in model._fields if name not in ("pk", "name")])
        allowed.append(Allowed(frozenset({encoded(f"{model._key}:collection")})))
        if model is world.named:
            for pk in (b"1", b"2"):
                allowed += world.values(world.thing, pk, KINDS.keys() - TYPES)
        return allowed


class ModelStep(NamedTuple):
    """A call on a model: making and finding objects."""

    model: str
    name: str
    arguments: tuple[Any, ...]
    values: dict[str, Any]

    def run(self, world: World) -> Any:
        model = getattr(world, self.model)
        method = model if self.name == "model" else getattr(model, self.name)
        result = method(*self.arguments, **self.values)
        return repr(result) and str(result)

    def allowed(self, world: World) -> list[Allowed]:
        if self.name not in ("model", "create_many", "get_or_connect"):
            return []
        return world.creation(getattr(world, self.model))


class Query(NamedTuple):
    """A collection that is described and looked at."""

    source: str
    filters: dict[str, Any]
    chain: list[tuple[str, Any]]
    look: str
    item: Any

    def run(self, world: World) -> Any:
        owner, _, name = self.source.partition(".")
        target = world.object(owner) if name else getattr(world, owner)
        found = getattr(target, name or "collection")(**self.filters)
        for how, argument in self.chain:
            if how == "slice":
                try:
                    found = found[slice(*argument)]
                except ValueError:  # as a list has it: the step is 0
                    return None
            else:
                found = argument(found)
        if not hasattr(found, "fetch"):
            return found
        if self.look == "index":
            try:
                return found[self.item]
            except IndexError:
                return None
        if self.look == "in":
            return self.item in found
        if self.look in ("fetch", "count", "exists"):
            return getattr(found, self.look)()
        look: Any = {"list": list, "len": len, "bool": bool, "repr": repr}[self.look]
        return look(found)

    def allowed(self, world: World) -> list[Allowed]:
        return []


class PipelineStep(NamedTuple):
    """Steps in a pipeline or in a transaction: an error of one keeps no other from being done."""

    steps: list[Any]
    how: str
    raise_on_error: bool

    def run(self, world: World) -> Any:
        def queue(pipe: Any) -> None:
            if self.how == "watching":
                pipe.multi()
            for step in self.steps:
                try:
                    step.run(world)
                except OURS:
                    continue

        if self.how == "watching":
            return world.database.transaction(queue, world.objects["first"].plain_string)
        with world.database.pipeline(transaction=self.how == "transaction") as pipe:
            queue(pipe)
            return pipe.execute(raise_on_error=self.raise_on_error)

    def allowed(self, world: World) -> list[Allowed]:
        return [allowed for step in self.steps for allowed in step.allowed(world)]


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


def is_of_many(step: Any) -> bool:
    """Whether a step does several things, each for itself."""
    return isinstance(step, PipelineStep) or (isinstance(step, ModelStep) and step.name == "create_many")


# -- how steps are chosen

pks = texts | anything
known_pks = st.sampled_from(["1", b"1", 1, 1.0, Sly("1"), Sly("2"), "01"])
people = mixed(
    st.sampled_from(["first", "second", "new"]), st.builds(PK, mixed(known_pks, pks), st.booleans())
)
names_and_kinds = st.sampled_from(
    [(f"{how}_{kind}", kind) for kind in TYPES for how in ("plain", "indexed", "unique")]
    + [(kind, kind) for kind in KINDS if kind not in TYPES]
)
field_steps = names_and_kinds.flatmap(
    lambda chosen: st.builds(FieldStep, people, st.just(chosen[0]), calls(METHODS[chosen[1]]))
)
bitfield_steps = st.builds(
    BitFieldStep,
    people,
    st.sampled_from(["plain_string", "indexed_string", "unique_string", "fk"]),
    st.lists(
        calls({n: m for n, m in public_methods(BitField).items() if n != "execute"}), min_size=1, max_size=3
    ),
)
hash_names = st.sampled_from(["plain_hashable", "indexed_hashable", "unique_hashable", "fk_hashable"])
hash_calls = mixed(
    calls(OBJECT_METHODS),
    st.builds(
        lambda values: Call("hmset", (), values),
        st.dictionaries(hash_names, hostile_values | anything, max_size=3),
    ),
    st.builds(
        lambda name, names: Call(name, tuple(names), {}),
        st.sampled_from(["hmget", "hdel"]),
        st.lists(hash_names | texts, max_size=3),
    ),
)
object_steps = st.builds(ObjectStep, mixed(*[people] * 4, st.just("named")), hash_calls)

members = st.lists(hostile_values, max_size=4)
entries = st.dictionaries(st.sampled_from(ENTRIES), hostile_values, max_size=3)
scored = st.dictionaries(texts, st.sampled_from([0, 1.5, "2", float("nan"), "x", None]), max_size=3)
starts: dict[str, st.SearchStrategy[Any]] = {
    "string": hostile_values,
    "hashable": hostile_values,
    "set": members,
    "list": members,
    "zset": scored,
    "hash": entries,
    "fk": hostile_values,
    "fk_hashable": hostile_values,
    "m2m_set": members,
    "m2m_list": members,
    "m2m_zset": scored,
}
fitting_value = names_and_kinds.flatmap(lambda chosen: st.tuples(st.just(chosen[0]), starts[chosen[1]]))
odd_value = st.tuples(st.sampled_from([*KEYWORDS, "plain_hash", "indexed_zset"]) | texts, anything)
thing_values = st.lists(mixed(*[fitting_value] * 19, odd_value), max_size=4).map(dict)
named_values = st.fixed_dictionaries(
    {"name": texts | anything}, optional={"color": hostile_values, "a:b": anything}
)
many_values = st.lists(thing_values, max_size=3)
filter_names = st.sampled_from(
    [f"{how}_{kind}" for how in ("indexed", "unique") for kind in TYPES if kind != "hash"]
    + [f"{how}_hash__{entry}" for how in ("indexed", "unique") for entry in ENTRIES]
    + [*(KINDS.keys() - TYPES), *KEYWORDS, "plain_string", "indexed_string__x"]
)
filters = st.dictionaries(
    mixed(*[filter_names] * 9, texts), mixed(*[hostile_values] * 9, anything), max_size=3
)
model_steps = mixed(
    st.builds(ModelStep, st.just("thing"), st.just("model"), st.just(()), thing_values),
    st.builds(ModelStep, st.just("named"), st.just("model"), st.just(()), named_values),
    st.builds(
        ModelStep,
        st.sampled_from(["thing", "named"]),
        st.sampled_from(["model", "get", "exists", "lazy_connect"]),
        pks.map(lambda pk: (pk,)),
        st.just({}),
    ),
    st.builds(
        ModelStep,
        st.just("thing"),
        st.sampled_from(["get", "exists", "get_or_connect", "collection"]),
        st.just(()),
        filters,
    ),
    st.builds(
        lambda found, values: ModelStep("thing", "get_or_connect", (), found | {"defaults": values}),
        st.dictionaries(
            st.sampled_from(["indexed_string", "unique_hashable", "fk"]), hostile_values, max_size=2
        ),
        thing_values,
    ),
    st.builds(
        lambda values: ModelStep("named", "get_or_connect", (), values),
        named_values,
    ),
    st.builds(
        lambda rows, quiet: ModelStep("thing", "create_many", (rows,), {"raise_on_error": not quiet}),
        many_values | st.lists(anything, max_size=2),
        st.booleans(),
    ),
)

bounds = st.none() | integers | st.integers(-4, 4) | st.sampled_from(["a", 1.0])
sort_names = st.sampled_from(
    ["plain_string", "indexed_hashable", "-plain_hashable", "", "-", "--", "pk", "fk"]
    + [f"plain_hash__{entry}" for entry in ENTRIES]
)
links: st.SearchStrategy[tuple[str, Any]] = mixed(
    st.tuples(st.just("slice"), st.tuples(bounds, bounds, bounds)),
    st.builds(
        lambda by, alpha, desc: ("call", Call("sort", (by,), {"alpha": alpha, "desc": desc})),
        mixed(*[sort_names] * 4, texts, anything),
        mixed(*[st.booleans()] * 9, anything),
        st.booleans(),
    ),
    st.builds(
        lambda names: ("call", Call("instances", (), {"preload": names})),
        st.lists(st.sampled_from(["plain_string", "plain_hashable", "plain_set", "pk"]) | texts, max_size=2)
        | anything,
    ),
)
sources = ["thing", "named", "first.m2m_set", "first.m2m_list", "first.m2m_zset", "first.things"]
sources[5:] = [f"named.things_{kind}" for kind in KINDS if kind not in TYPES]
queries = st.builds(
    Query,
    st.sampled_from(sources),
    mixed(filters, st.just({})),
    st.lists(links, max_size=3),
    st.sampled_from(["list", "len", "bool", "repr", "in", "index", "fetch", "count", "exists"]),
    anything | integers,
)
single_steps = mixed(
    *[field_steps] * 6, bitfield_steps, object_steps, model_steps, model_steps, queries, queries
)
pipeline_steps = st.builds(
    PipelineStep,
    st.lists(single_steps, max_size=4),
    st.sampled_from(["pipeline", "transaction", "watching"]),
    st.booleans(),
)
steps = mixed(*[single_steps] * 5, pipeline_steps)


# -- tests


def run(world: World, chosen: st.SearchStrategy[list[Any]], examples: int, *, is_random: bool) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=not is_random,
        suppress_health_check=list(HealthCheck),
    )
    @given(chosen)
    def example(chosen: list[Any]) -> None:
        world.fill()
        for step in chosen:
            world.take(step)
        world.check()

    example()


@pytest.fixture(params=[None, InstanceCache, SharedCache], ids=["no cache", "InstanceCache", "SharedCache"])
def world(request: pytest.FixtureRequest, database: RedisDatabase, server_url: str) -> Iterator[World]:
    world = World(database, server_url, request.param and request.param())
    yield world
    world.close()


@pytest.fixture
def plain_world(database: RedisDatabase, server_url: str) -> Iterator[World]:
    """The same without a cache."""
    world = World(database, server_url)
    yield world
    world.close()


def test_hostile_input_changes_nothing_but_what_is_written(world: World) -> None:
    run(world, st.lists(steps, min_size=1, max_size=5), 25, is_random=False)


@pytest.mark.deep
def test_much_hostile_input_changes_nothing_but_what_is_written(world: World) -> None:
    run(world, st.lists(steps, min_size=1, max_size=8), 3000, is_random=True)


def test_every_operation_of_models_and_collections_is_tried() -> None:
    named = set(OBJECT_METHODS) | set(MODEL_METHODS) | set(NO_INPUT) | set(fields_and_classes(RedisModel))
    assert public_methods(RedisModel).keys() - named == set()
    assert set(public_methods(Collection)) == set(COLLECTION_METHODS)


def fields_and_classes(owner: type) -> list[str]:
    """What looks like a method and is none: fields, and classes."""
    return [name for name, value in inspect.getmembers(owner) if isinstance(value, (fields.Field, type))]


STORED: list[Any] = [
    *(text for text in TEXTS if text != "\ud800"),
    MEGABYTE,
    b"\xff\0",
    MEGABYTE.encode()[1:],
    7,
    0.5,
]
READS: dict[str, Callable[[Any], Any]] = {
    "string": lambda field: field.get(),
    "hashable": lambda field: field.hget(),
    "set": lambda field: "".join(field.smembers()),
    "list": lambda field: "".join(field.lrange(0, -1)),
    "zset": lambda field: "".join(field.zrange(0, -1)),
    "hash": lambda field: field.hget("a"),
}


@pytest.mark.parametrize("kind", TYPES)
def test_what_was_written_is_found_and_reads_back_as_the_same_bytes(
    plain_world: World, database: RedisDatabase, kind: str
) -> None:
    before = read_keys(plain_world.raw)
    name = f"indexed_{kind}"
    for value in STORED:
        stored = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        whole: Any = {"set": [value], "list": [value], "zset": {value: 1}, "hash": {"a": value}}.get(
            kind, value
        )
        one = plain_world.thing(**{name: whole})
        text = READS[kind](getattr(one, name))
        assert text.encode("utf-8", "surrogateescape") == stored
        filters = {f"{name}__a" if kind == "hash" else name: value}
        assert one.pk.get() in plain_world.thing.collection(**filters)
        one.delete()
    database.connection.set("app:thing:max_pk", 2)
    assert read_keys(plain_world.raw) == before


def test_a_pk_may_be_any_bytes(plain_world: World) -> None:
    for value in [*(each for each in STORED if each != "a:b"), b"a:b:c", Sly("d")]:
        pk = PK(value, connects=True).stored
        if pk in (b"collection", b"max_pk") or pk.startswith(b"__"):
            with pytest.raises(ImplementationError, match="put something before it"):
                plain_world.named(name=value)
            continue
        before = read_keys(plain_world.raw)
        one = plain_world.named(name=value, color="red")
        keys = {b"app:named:collection", b"app:named:color:red", b"app:named:" + pk + b":color"}
        assert changed_keys(before, read_keys(plain_world.raw)) == keys
        plain_world.named(value).color.set("blue")
        assert list(plain_world.named.collection(color="blue")) == [one.pk.get()]
        plain_world.named.lazy_connect(value).delete()
        left = changed_keys(before, read_keys(plain_world.raw))
        assert outside(left, [b"app:thing:"]) == []  # where something may refer to it


NAMES = [text for text in TEXTS if "\0" not in text and text != "\ud800"]


@pytest.mark.parametrize("where", ["namespace", "class", "field"])
def test_a_name_is_refused_or_keeps_to_the_keys_of_its_model(
    plain_world: World, database: RedisDatabase, where: str
) -> None:
    for number, name in enumerate(NAMES):
        before = read_keys(plain_world.raw)
        space: dict[str, Any] = {"database": RedisDatabase(connection=database.connection)}
        space["namespace"] = name if where == "namespace" else f"n{number}"
        space[name if where == "field" else "text"] = fields.HashableField(indexable=True)
        try:
            model: Any = type(name if where == "class" else "Named", (RedisModel,), space)
        except UnicodeEncodeError:  # Python's own, for the name of a class
            continue
        except ImplementationError:
            assert read_keys(plain_world.raw) == before
            continue
        one = model(**{model._hashable_fields[0]: LUA[0]})
        changed = changed_keys(before, read_keys(plain_world.raw))
        assert outside(changed, [encoded(f"{model._key}:")]) == [], name
        assert len(changed) == 4, name
        assert model.check().is_clean
        one.delete()
        database.connection.delete(encoded(f"{model._key}:max_pk"))
        assert read_keys(plain_world.raw) == before
