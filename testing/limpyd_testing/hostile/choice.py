"""How steps are chosen: hypothesis's strategies for all public operations, with hostile arguments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from limpyd import fields
from limpyd.fields.bitfield import BitField
from limpyd.hashes import HashCommands
from limpyd.model import RedisModel

from limpyd_testing.hostile.arguments import (
    ENTRIES,
    KEYWORDS,
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
from limpyd_testing.hostile.steps import BitFieldStep, FieldStep, ModelStep, ObjectStep, PipelineStep, Query
from limpyd_testing.hostile.world import KINDS, PK
from limpyd_testing.writes import TYPES

__all__ = ["COLLECTION_METHODS", "MODEL_METHODS", "NO_INPUT", "OBJECT_METHODS", "steps"]

METHODS = {kind: public_methods(field, fields.Field) for kind, field in KINDS.items()}
"""The operations of each type; what every field has are hooks, and upkeep of indexes."""
OBJECT_METHODS = public_methods(HashCommands) | {
    name: getattr(RedisModel, name) for name in ("delete", "get_pk")
}
MODEL_METHODS = ["collection", "create_many", "exists", "get", "get_or_connect", "lazy_connect"]
NO_INPUT = ["check", "repair", "use_database", "get_field"]
"""Operations of models that take no values of objects."""
COLLECTION_METHODS = ["count", "exists", "fetch", "instances", "sort"]

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
