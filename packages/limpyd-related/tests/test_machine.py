"""Random operations on two related models, beside plain Python lists: both sides of relations stay equal."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from limpyd import fields
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis
from limpyd_testing.models import define


class Person(related.RelatedModel):
    abstract = True

    name = fields.PKField()
    boss = related.FKHashableField("self", related_name="staff")
    home = related.FKStringField("Group", related_name="residents", on_delete="cascade")


class Group(related.RelatedModel):
    abstract = True

    name = fields.PKField()
    leader = related.FKStringField("Person", related_name="led")
    owner = related.FKHashableField("Person", related_name="owned")
    members = related.M2MSetField("Person", related_name="membership")
    queue = related.M2MListField("Person", related_name="queued")
    ranks = related.M2MSortedSetField("Person", related_name="ranked")
    auditor = related.FKHashableField("Person", related_name="audited", on_delete="restrict")


PKS = ["a", "b", "c", "d"]
pk = st.sampled_from(PKS)
pks = st.lists(pk, min_size=1, max_size=4)
FOREIGN_KEYS = {"person": ["boss", "home"], "group": ["leader", "owner", "auditor"]}
TARGETS = {"home": "group"}
REVERSE = {
    "boss": "staff",
    "home": "residents",
    "leader": "led",
    "owner": "owned",
    "members": "membership",
    "queue": "queued",
    "ranks": "ranked",
    "auditor": "audited",
}


class Machine(RuleBasedStateMachine):
    """The model of the data is a dict: ("person" or "group", pk) -> field -> its values, as a list of pks."""

    database: ClassVar[RedisDatabase]

    def __init__(self) -> None:
        super().__init__()
        self.database.connection.flushdb()
        for each in self.database.models:
            self.database.models.remove(each)
        self.models: dict[str, Any] = {
            "person": define(Person, self.database),
            "group": define(Group, self.database),
        }
        self.data: dict[tuple[str, str], dict[str, list[str]]] = {}

    def value(self, target: str, name: str, as_object: bool) -> Any:
        """The pk, or the object if there is one and it is asked for."""
        return self.models[target](name) if as_object and (target, name) in self.data else name

    @rule(kind=st.sampled_from(["person", "group"]), name=pk)
    def create(self, kind: str, name: str) -> None:
        if (kind, name) not in self.data:
            self.models[kind](name=name)
            self.data[kind, name] = defaultdict(list)

    @precondition(lambda self: self.data)
    @rule(data=st.data(), to=pk, as_object=st.booleans())
    def set_foreign_key(self, data: st.DataObject, to: str, as_object: bool) -> None:
        kind, name = data.draw(st.sampled_from(sorted(self.data)))
        field = data.draw(st.sampled_from(FOREIGN_KEYS[kind]))
        bound = getattr(self.models[kind](name), field)
        value = self.value(TARGETS.get(field, "person"), to, as_object)
        (bound.set if bound.kind == "string" else bound.hset)(value)
        self.data[kind, name][field] = [to]

    @precondition(lambda self: self.data)
    @rule(data=st.data())
    def clear_foreign_key(self, data: st.DataObject) -> None:
        kind, name = data.draw(st.sampled_from(sorted(self.data)))
        field = data.draw(st.sampled_from(FOREIGN_KEYS[kind]))
        getattr(self.models[kind](name), field).delete()
        self.data[kind, name][field] = []

    def group(self, data: st.DataObject) -> tuple[Any, dict[str, list[str]]]:
        _, name = data.draw(st.sampled_from(sorted(key for key in self.data if key[0] == "group")))
        return self.models["group"](name), self.data["group", name]

    has_group = precondition(lambda self: any(kind == "group" for kind, _ in self.data))

    @has_group
    @rule(data=st.data(), to=pks, as_object=st.booleans(), add=st.booleans())
    def change_set(self, data: st.DataObject, to: list[str], as_object: bool, add: bool) -> None:
        group, values = self.group(data)
        objects = [self.value("person", one, as_object) for one in to]
        (group.members.sadd if add else group.members.srem)(*objects)
        before = set(values["members"])
        values["members"] = sorted(before | set(to) if add else before - set(to))

    @has_group
    @rule(data=st.data(), to=pks, as_object=st.booleans(), right=st.booleans())
    def push(self, data: st.DataObject, to: list[str], as_object: bool, right: bool) -> None:
        group, values = self.group(data)
        objects = [self.value("person", one, as_object) for one in to]
        (group.queue.rpush if right else group.queue.lpush)(*objects)
        values["queue"] = [*values["queue"], *to] if right else [*reversed(to), *values["queue"]]

    @has_group
    @rule(data=st.data(), right=st.booleans())
    def pop(self, data: st.DataObject, right: bool) -> None:
        group, values = self.group(data)
        popped = group.queue.rpop() if right else group.queue.lpop()
        queue = values["queue"]
        assert popped == (queue.pop(-1 if right else 0) if queue else None)

    @has_group
    @rule(data=st.data(), one=pk, as_object=st.booleans())
    def remove_from_list(self, data: st.DataObject, one: str, as_object: bool) -> None:
        group, values = self.group(data)
        group.queue.lrem(0, self.value("person", one, as_object))
        values["queue"] = [each for each in values["queue"] if each != one]

    @has_group
    @rule(data=st.data(), to=pks, as_object=st.booleans())
    def rank(self, data: st.DataObject, to: list[str], as_object: bool) -> None:
        group, values = self.group(data)
        ranks = dict.fromkeys([one for one in values["ranks"] if one not in to] + to)
        group.ranks.zadd({self.value("person", one, as_object): score for score, one in enumerate(ranks)})
        values["ranks"] = list(ranks)

    @has_group
    @rule(data=st.data(), lowest=st.booleans())
    def pop_rank(self, data: st.DataObject, lowest: bool) -> None:
        group, values = self.group(data)
        (group.ranks.zpopmin if lowest else group.ranks.zpopmax)()
        values["ranks"] = values["ranks"][1:] if lowest else values["ranks"][:-1]

    @precondition(lambda self: self.data)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        first = data.draw(st.sampled_from(sorted(self.data)))
        gone = {first}
        while (
            more := {
                key
                for key, values in self.data.items()
                if any(("group", home) in gone for home in values["home"])
            }
            - gone
        ):
            gone |= more
        restricting = [
            key
            for key, values in self.data.items()
            if key not in gone and any(("person", one) in gone for one in values["auditor"])
        ]
        instance = self.models[first[0]](first[1])
        if restricting:
            with pytest.raises(related.RestrictedError) as caught:
                instance.delete()
            assert sorted(one.pk for one in caught.value.referrers) == sorted(name for _, name in restricting)
            return
        instance.delete()
        for key in gone:
            del self.data[key]
        for values in self.data.values():
            for field, refs in values.items():
                values[field] = [one for one in refs if (TARGETS.get(field, "person"), one) not in gone]

    @invariant()
    def both_sides_are_equal(self) -> None:
        for (kind, name), values in self.data.items():
            instance = self.models[kind](name)
            for field in FOREIGN_KEYS[kind]:
                bound = getattr(instance, field)
                stored = bound.get() if bound.kind == "string" else bound.hget()
                assert stored == (values[field][0] if values[field] else None)
            if kind == "group":
                assert instance.members.smembers() == set(values["members"])
                assert list(instance.queue()) == values["queue"]
                assert list(instance.ranks()) == values["ranks"]
            for field, reverse in REVERSE.items():
                if TARGETS.get(field, "person") == kind:
                    referring = {who for (_, who), theirs in self.data.items() if name in theirs[field]}
                    assert set(getattr(instance, reverse)()) == referring

    @invariant()
    def indexes_are_what_the_data_calls_for(self) -> None:
        for kind, model in self.models.items():
            assert set(model.collection()) == {name for each, name in self.data if each == kind}
            assert indexes_in_redis(model) == indexes_by_scan(model)


def run(database: RedisDatabase, examples: int, steps: int) -> None:
    machine = type("BoundMachine", (Machine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_random_operations_keep_both_sides_equal(database: RedisDatabase) -> None:
    run(database, examples=20, steps=25)


@pytest.mark.deep
def test_many_random_operations_keep_both_sides_equal(database: RedisDatabase) -> None:
    run(database, examples=600, steps=50)
