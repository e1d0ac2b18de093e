"""The five related fields: what they take, what they give, and how many requests that needs."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, assert_type

import pytest
from limpyd import fields
from limpyd.collection import Collection
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError, UniquenessError
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, snapshot
from redis.exceptions import DataError


class Person(related.RelatedModel):
    abstract = True

    name = fields.PKField()
    city = fields.HashableField(indexable=True)


class Group(related.RelatedModel):
    abstract = True

    name = fields.PKField()
    private = fields.HashableField()
    leader = related.FKStringField("Person", related_name="led")
    owner = related.FKHashableField("Person", related_name="owned")
    members = related.M2MSetField("Person", related_name="membership")
    queue = related.M2MListField("Person", related_name="queued")
    ranks = related.M2MSortedSetField("Person", related_name="ranked")


@pytest.fixture
def models(database: RedisDatabase) -> SimpleNamespace:
    members: dict[str, Any] = {"database": database}
    person = type("Person", (Person,), dict(members))
    group = type("Group", (Group,), dict(members))
    other = type("Other", (related.RelatedModel,), dict(members))
    return SimpleNamespace(
        Person=person,
        Group=group,
        Other=other,
        ybon=person(name="ybon", city="Paris"),
        twidi=person(name="twidi", city="Lyon"),
        group=group(name="devs"),
    )


def check(models: SimpleNamespace) -> None:
    assert indexes_in_redis(models.Group) == indexes_by_scan(models.Group)


# -- wherever a value is taken

WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "set": lambda group, one: group.leader.set(one),
    "setnx": lambda group, one: group.leader.setnx(one),
    "getset": lambda group, one: group.leader.getset(one),
    "append": lambda group, one: group.leader.append(one),
    "hset": lambda group, one: group.owner.hset(one),
    "hsetnx": lambda group, one: group.owner.hsetnx(one),
    "hmset": lambda group, one: group.hmset(owner=one, private=1),
    "sadd": lambda group, one: group.members.sadd(one),
    "srem": lambda group, one: group.members.srem(one),
    "sismember": lambda group, one: group.members.sismember(one),
    "smismember": lambda group, one: group.members.smismember([one], one),
    "rpush": lambda group, one: group.queue.rpush(one, one),
    "lpush": lambda group, one: group.queue.lpush(one),
    "linsert": lambda group, one: group.queue.linsert("BEFORE", one, one),
    "lset": lambda group, one: (group.queue.rpush("x"), group.queue.lset(0, one)),
    "lrem": lambda group, one: (group.queue.rpush("ybon"), group.queue.lrem(0, one)),
    "lpos": lambda group, one: (group.queue.rpush("ybon"), group.queue.lpos(one)),
    "zadd mapping": lambda group, one: group.ranks.zadd({one: 1.5}),
    "zincrby": lambda group, one: group.ranks.zincrby(2, one),
    "zrem": lambda group, one: (group.ranks.zadd(ybon=1), group.ranks.zrem(one)),
    "zscore": lambda group, one: (group.ranks.zadd(ybon=1), group.ranks.zscore(one)),
    "zmscore": lambda group, one: (group.ranks.zadd(ybon=1), group.ranks.zmscore([one])),
    "zrank": lambda group, one: (group.ranks.zadd(ybon=1), group.ranks.zrank(one)),
    "constructor": lambda group, one: type(group)(
        name="new", leader=one, owner=one, members=[one], queue=[one, one], ranks={one: 1}
    ).get_pk(),
    "filter": lambda group, one: list(type(group).collection(leader=one, owner=one, members=one)),
    "get_or_connect": lambda group, one: type(group).get_or_connect(owner=one, defaults={"name": "x"})[1],
}


@pytest.mark.parametrize("name", WRITES)
def test_an_object_does_what_its_pk_does(models: SimpleNamespace, name: str) -> None:
    database = models.Group.database
    by_pk = WRITES[name](models.group, "ybon")
    by_pk_data = snapshot(database)
    database.connection.flushdb()
    for one in ("ybon", "twidi"):
        models.Person(name=one, city="Paris" if one == "ybon" else "Lyon")
    group = models.Group(name="devs")

    assert WRITES[name](group, models.ybon) == by_pk
    assert snapshot(database) == by_pk_data
    check(models)


def test_zadd_takes_pks_as_keywords_too(models: SimpleNamespace) -> None:
    assert models.group.ranks.zadd({models.twidi: 2}, ybon=1) == 2
    assert models.group.ranks.zrange(0, -1, withscores=True) == [("ybon", 1.0), ("twidi", 2.0)]


@pytest.mark.parametrize("source", ["leader", "owner"])
def test_a_bound_foreign_key_stands_for_its_value(models: SimpleNamespace, source: str) -> None:
    other = models.Group(name="other", **{source: models.ybon})
    foreign_key = getattr(other, source)

    models.group.leader.set(foreign_key)
    models.group.owner.hset(foreign_key)
    models.group.members.sadd(foreign_key)
    models.group.queue.rpush(foreign_key)
    models.group.ranks.zincrby(1, foreign_key)

    assert list(models.Group.collection(leader=foreign_key, members=foreign_key)) == ["devs"]
    assert models.group.queue.lrange(0, -1) == ["ybon"]
    check(models)


def test_a_bound_foreign_key_is_read_by_a_request_of_its_own(models: SimpleNamespace) -> None:
    other = models.Group(name="other", owner=models.ybon)
    models.group.leader.set("x")
    with models.Group.database.trace() as requests:
        models.group.leader.set(other.owner)
    assert [request.args[0] for request in requests] == ["HGET", "EVALSHA"]


def test_a_foreign_key_without_a_value_stands_for_none(models: SimpleNamespace) -> None:
    with pytest.raises(ImplementationError, match=r"Group.owner of <Group devs>> has no value that another"):
        models.group.leader.set(models.group.owner)
    assert models.group.leader.get() is None


def test_a_primary_key_of_an_object_stands_for_the_object(models: SimpleNamespace) -> None:
    models.group.leader.set(models.ybon.name)
    assert models.group.leader.get() == "ybon"


def test_a_pk_can_be_an_int(models: SimpleNamespace) -> None:
    models.group.leader.set(7)
    assert list(models.Group.collection(leader="7")) == ["devs"]


def test_a_pk_of_no_object_is_kept(models: SimpleNamespace) -> None:
    models.group.owner.hset("nobody")
    assert models.group.owner.hget() == "nobody"
    assert list(models.Group.collection(owner="nobody")) == ["devs"]


def test_a_default_can_be_an_object(models: SimpleNamespace) -> None:
    class Task(related.RelatedModel):
        database = models.Group.database
        doer = related.FKHashableField(models.Person, default=models.ybon)

    assert Task().doer.hget() == "ybon"


def test_create_many_takes_objects(models: SimpleNamespace) -> None:
    models.Group.create_many([{"name": "a", "owner": models.ybon}, {"name": "b", "members": {models.twidi}}])
    assert list(models.ybon.owned()) == ["a"]
    assert list(models.twidi.membership()) == ["b"]


# -- what is no value

BAD: dict[str, tuple[Callable[[SimpleNamespace], Any], type[Exception], str]] = {
    "an object of another model": (
        lambda models: models.Other(models.Other().get_pk()),
        ImplementationError,
        r"takes objects of Person, and <Other 1> is one of Other",
    ),
    "a foreign key to another model": (
        lambda models: (
            type(
                "Task",
                (related.RelatedModel,),
                {"database": models.Group.database, "of": related.FKStringField("Other")},
            )(of="1").of
        ),
        ImplementationError,
        r"takes objects of Person, and <FKStringField Task.of of <Task 1>> points to Other",
    ),
    "an object that is not created yet": (
        lambda models: models.Other() and models.Person(),
        ImplementationError,
        r"can't refer to <Person \(not created yet\)>, which has no pk yet; save a value of it first",
    ),
    "a deleted object": (
        lambda models: (models.ybon.delete(), models.ybon)[1],
        DoesNotExist,
        r"Person with pk ybon does not exist",
    ),
    "a field that holds many": (
        lambda models: models.group.members,
        ImplementationError,
        r"Group.members of <Group devs>> holds many pks and can't stand for one",
    ),
    "another field": (lambda models: models.group.private, DataError, r"Invalid input of type"),
    "None": (lambda models: None, DataError, r"Invalid input of type: 'NoneType'"),
    "a bool": (lambda models: True, DataError, r"Invalid input of type: 'bool'"),
}

TAKERS: dict[str, Callable[[Any, Any], Any]] = {
    "set": lambda group, one: group.leader.set(one),
    "hset": lambda group, one: group.owner.hset(one),
    "hmset": lambda group, one: group.hmset(private=1, owner=one),
    "sadd": lambda group, one: group.members.sadd("twidi", one),
    "rpush": lambda group, one: group.queue.rpush("twidi", one),
    "zincrby": lambda group, one: group.ranks.zincrby(1, one),
    "constructor": lambda group, one: type(group)(name="new", private=1, owner=one),
    "members of the constructor": lambda group, one: type(group)(name="new", members=["twidi", one]),
    "filter": lambda group, one: type(group).collection(owner=one),
}


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_value_is_refused_and_nothing_is_changed(
    models: SimpleNamespace, bad: str, taker: str
) -> None:
    make, error, text = BAD[bad]
    value = make(models)
    before = snapshot(models.Group.database)
    with models.Group.database.trace() as requests, pytest.raises(error, match=text):
        TAKERS[taker](models.group, value)
    assert not requests
    assert snapshot(models.Group.database) == before


def test_an_object_of_a_subclass_is_of_another_model(models: SimpleNamespace) -> None:
    special = type("Special", (models.Person,), {"database": models.Person.database})
    with pytest.raises(
        ImplementationError, match="takes objects of Person, and <Special x> is one of Special"
    ):
        models.group.leader.set(special(name="x"))


# -- foreign keys


@pytest.mark.parametrize("name", ["leader", "owner"])
def test_instance_is_the_object_in_one_request(models: SimpleNamespace, name: str) -> None:
    group = models.Group(name="new", **{name: models.ybon})
    getattr(group, name).instance()
    with models.Group.database.trace() as requests:
        found = getattr(group, name).instance()
    assert found == models.ybon
    assert len(requests) == 1


@pytest.mark.parametrize("name", ["leader", "owner"])
@pytest.mark.parametrize("lazy", [True, False])
def test_instance_of_a_foreign_key_without_value_is_none(
    models: SimpleNamespace, name: str, lazy: bool
) -> None:
    assert getattr(models.group, name).instance(lazy=lazy) is None


@pytest.mark.parametrize("name", ["leader", "owner"])
def test_instance_raises_if_the_object_does_not_exist(models: SimpleNamespace, name: str) -> None:
    group = models.Group(name="new", **{name: "nobody"})
    with pytest.raises(DoesNotExist, match="Person with pk nobody does not exist"):
        getattr(group, name).instance()


@pytest.mark.parametrize(("name", "command"), [("leader", "GET"), ("owner", "HGET")])
def test_a_lazy_instance_asks_for_the_pk_alone(models: SimpleNamespace, name: str, command: str) -> None:
    group = models.Group(name="new", **{name: "nobody"})
    with models.Group.database.trace() as requests:
        found = getattr(group, name).instance(lazy=True)
    assert (type(found), found._pk) == (models.Person, "nobody")
    assert [request.args[0] for request in requests] == [command]


def test_instance_of_an_object_that_is_not_created_yet_is_refused(models: SimpleNamespace) -> None:
    with pytest.raises(ImplementationError, match="the object has no pk yet"):
        models.Group().leader.instance()


def test_a_field_of_the_class_has_no_instance(models: SimpleNamespace) -> None:
    with pytest.raises(ImplementationError, match=r"Group.leader is a field of the class"):
        models.Group.leader.instance()


def test_a_unique_foreign_key_is_one_to_one(models: SimpleNamespace) -> None:
    class Passport(related.RelatedModel):
        database = models.Person.database
        holder = related.FKHashableField(models.Person, unique=True)

    Passport(holder=models.ybon)
    with pytest.raises(UniquenessError, match="Key :passport:holder:ybon already exists"):
        Passport(holder=models.ybon)
    models.ybon.delete()
    assert len(Passport.collection()) == 1


# -- many to many


def test_a_many_to_many_field_called_is_a_collection_of_the_other_side(models: SimpleNamespace) -> None:
    models.group.members.sadd(models.ybon, models.twidi)
    found = models.group.members()
    assert isinstance(found, Collection)
    assert sorted(found) == ["twidi", "ybon"]
    assert list(models.group.members(city="Paris").instances()) == [models.ybon]


def test_a_list_keeps_its_order_and_its_repeats(models: SimpleNamespace) -> None:
    models.group.queue.rpush(models.ybon, models.twidi, models.ybon)
    assert list(models.group.queue()) == ["ybon", "twidi", "ybon"]
    assert list(models.group.queue(city="Paris")) == ["ybon", "ybon"]
    assert models.group.queue()[1] == "twidi"


def test_a_sorted_set_gives_its_order(models: SimpleNamespace) -> None:
    models.group.ranks.zadd({models.ybon: 2, models.twidi: 1})
    assert list(models.group.ranks().instances()) == [models.twidi, models.ybon]
    assert list(models.group.ranks(city="Paris")) == ["ybon"]
    assert list(models.group.ranks().sort(alpha=True, desc=True)) == ["ybon", "twidi"]


@pytest.mark.parametrize("name", ["members", "queue", "ranks"])
def test_a_collection_of_the_other_side_is_lazy_and_one_request(models: SimpleNamespace, name: str) -> None:
    models.Group(name="all", members=["ybon"], queue=["ybon"], ranks={"ybon": 1})
    group = models.Group.lazy_connect("all")
    with models.Group.database.trace() as requests:
        found = getattr(group, name)().instances()
        assert not requests
        assert list(found) == [models.ybon]
    assert len(requests) == 1


def test_many_members_are_added_by_one_request(models: SimpleNamespace) -> None:
    models.group.members.sadd("x")
    with models.Group.database.trace() as requests:
        assert models.group.members.sadd(*range(1000)) == 1000
    assert len(requests) == 1
    check(models)


# -- types, which `mypy --strict` checks


class Author(related.RelatedModel):
    abstract = True


class Book(related.RelatedModel):
    abstract = True

    author = related.FKHashableField(Author)
    readers = related.M2MListField(Author)
    anything = related.FKStringField("Author")


def types(book: Book) -> None:
    assert_type(book.author.instance(), Author | None)
    assert_type(book.readers(), Collection[Author, str])
    assert_type(book.readers().instances()[0], Author)
    assert_type(book.anything, related.FKStringField[Any])


def test_the_alias_of_redis_limpyd_2() -> None:
    assert related.FKInstanceHashField is related.FKHashableField
