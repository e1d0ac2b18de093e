"""The examples of the document on related fields. Where it lost a line, the line is put back."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.contrib import related
from limpyd.database import RedisDatabase


@pytest.fixture
def main_database(database: RedisDatabase) -> RedisDatabase:
    return database


def test_the_first_example(main_database: RedisDatabase) -> None:
    class Person(related.RelatedModel):
        database = main_database
        name = fields.PKField()

    class Group(related.RelatedModel):
        database = main_database
        name = fields.PKField()
        private = fields.StringField(indexable=True)  # without an index it can't be filtered by
        owner = related.FKHashableField("Person")
        members = related.M2MSetField("Person", related_name="membership")

    core_devs = Group(name="limpyd core devs", private=0)
    ybon: Any = Person(name="ybon")
    twidi: Any = Person(name="twidi")

    assert core_devs.owner.hset(ybon) == 1
    assert core_devs.members.sadd(twidi, ybon._pk) == 2
    assert core_devs.members.smembers() == {"ybon", "twidi"}
    assert repr(ybon.group_set(private=0)) == "['limpyd core devs']"
    assert repr(twidi.membership()) == "['limpyd core devs']"


def test_related_fields_are_indexed_and_not_cacheable() -> None:
    for kind in (
        related.FKStringField,
        related.FKHashableField,
        related.M2MSetField,
        related.M2MListField,
        related.M2MSortedSetField,
    ):
        field = kind("Person")
        assert (field.indexable, field.cacheable) == (True, False)


def test_a_foreign_key_in_the_hash_is_read_and_set_with_others(main_database: RedisDatabase) -> None:
    class Person(related.RelatedModel):
        database = main_database

    class Group(related.RelatedModel):
        database = main_database
        name = fields.HashableField()
        owner = related.FKHashableField(Person)

    person = Person.lazy_connect(Person().get_pk())
    group = Group(name="core devs")
    group.hmset(owner=person, name="devs")
    assert group.hmget("owner", "name") == ["1", "devs"]


def test_to_is_a_model_a_name_a_name_in_another_namespace_or_self(main_database: RedisDatabase) -> None:
    class Person(related.RelatedModel):
        database = main_database
        namespace = "my_namespace"
        name = fields.StringField()

    class Group(related.RelatedModel):
        database = main_database
        one = related.FKStringField(Person, related_name="ones")
        two = related.FKStringField("my_namespace:Person", related_name="twos")
        parent = related.FKStringField("self")

    assert (Group.one.target, Group.two.target, Group.parent.target) == (Person, Person, Group)


def test_the_related_names_of_subclasses(main_database: RedisDatabase) -> None:
    class Person(related.RelatedModel):
        database = main_database
        name = fields.StringField()

    class BaseGroup(related.RelatedModel):
        database = main_database
        namespace = "groups"
        abstract = True

        name = fields.StringField()
        owner = related.FKStringField("Person", related_name="%(namespace)s_%(model)s_set")

    class PublicGroup(BaseGroup):
        pass

    class PrivateGroup(BaseGroup):
        pass

    person: Any = Person(name="ybon")
    public = PublicGroup(owner=person)
    PrivateGroup(name="nobody's")

    assert list(person.groups_publicgroup_set().instances()) == [public]
    assert list(person.groups_privategroup_set()) == []


def test_related_collections(main_database: RedisDatabase) -> None:
    class Person(related.RelatedModel):
        database = main_database
        name = fields.PKField()

    class Group(related.RelatedModel):
        database = main_database
        name = fields.PKField()
        private = fields.StringField(default=0, indexable=True)
        owner = related.FKStringField("Person", related_name="owned_groups")

    group1 = Group(name="group 1")
    group2 = Group(name="group 2", private=1)
    person1: Any = Person(name="person 1")
    group1.owner.set(person1)
    group2.owner.set(person1)

    assert sorted(Group.collection(owner=person1.get_pk())) == ["group 1", "group 2"]
    assert sorted(person1.owned_groups()) == ["group 1", "group 2"]
    assert repr(person1.owned_groups(private=1)) == "['group 2']"

    person2: Any = Person(name="person 2")
    group1.owner.set(person2)
    assert list(person1.owned_groups()) == ["group 2"]
    assert list(person2.owned_groups()) == ["group 1"]

    person2.delete()
    assert group1.owner.get() is None
    assert list(Group.collection(owner="person 2")) == []

    group2.delete()
    assert list(person1.owned_groups()) == []


def test_update_and_deletion_work_with_many_to_many_too(main_database: RedisDatabase) -> None:
    class Person(related.RelatedModel):
        database = main_database
        name = fields.PKField()

    class Group(related.RelatedModel):
        database = main_database
        name = fields.PKField()
        members = related.M2MSetField("Person", related_name="membership")

    ybon: Any = Person(name="ybon")
    twidi: Any = Person(name="twidi")
    group = Group(name="core devs", members=[ybon, twidi])

    ybon.delete()
    assert group.members.smembers() == {"twidi"}
    group.members.srem(twidi)
    assert list(twidi.membership()) == []
