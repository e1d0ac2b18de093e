"""Creating objects, at once or by their first command: all of it in one request, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import (
    ImplementationError,
    UniquenessError,
)
from limpyd.model import RedisModel
from limpyd_testing.consistency import snapshot
from limpyd_testing.models import Named, Person, define
from redis.exceptions import DataError, ResponseError


@pytest.fixture
def person(database: RedisDatabase) -> type[Person]:
    return define(Person, database)


@pytest.fixture
def named(database: RedisDatabase) -> type[Named]:
    return define(Named, database)


# -- creation


def test_creating_stores_values_defaults_indexes_and_pk_in_one_request(
    person: type[Person], database: RedisDatabase
) -> None:
    with database.trace() as requests:
        ada = person(name="Ada", city="London", motto="poetical science")
    assert len(requests) == 1
    connection = database.connection
    pk = ada.get_pk()
    assert connection.hgetall(f":person:{pk}:hash") == {"name": "Ada", "city": "London"}
    assert connection.get(f":person:{pk}:visits") == "0"
    assert connection.get(f":person:{pk}:motto") == "poetical science"
    assert connection.smembers(":person:name:Ada") == {pk}
    assert connection.smembers(":person:city:London") == {pk}
    assert connection.smembers(":person:motto:poetical science") == {pk}
    assert connection.sismember(":person:collection", pk)
    assert connection.get(":person:max_pk") == pk


def test_pks_are_counted_from_one(person: type[Person]) -> None:
    assert [person(name=name).get_pk() for name in "abc"] == ["1", "2", "3"]


def test_a_counted_pk_passes_over_one_that_exists(person: type[Person], database: RedisDatabase) -> None:
    database.connection.sadd(":person:collection", "1", "2")
    assert person(name="x").get_pk() == "3"


def test_a_taken_unique_value_creates_nothing(person: type[Person], database: RedisDatabase) -> None:
    person(name="Ada", city="London")
    before = snapshot(database)
    with pytest.raises(UniquenessError) as caught:
        person(name="Ada", city="Paris")
    assert str(caught.value) == "Key :person:name:Ada already exists (for instance 1)"
    assert (caught.value.key, caught.value.value, caught.value.pk) == (":person:name:Ada", "Ada", "1")
    assert snapshot(database) == before


def test_a_given_pk_that_exists_creates_nothing(named: type[Named], database: RedisDatabase) -> None:
    named(name="ball", color="red")
    before = snapshot(database)
    with pytest.raises(UniquenessError, match="Named with pk ball already exists"):
        named(name="ball", color="blue")
    assert snapshot(database) == before


def test_a_pk_can_be_given_as_pk(named: type[Named]) -> None:
    assert named(pk="ball").get_pk() == "ball"


def test_a_default_that_is_callable_is_called_for_each_object(database: RedisDatabase) -> None:
    numbers = iter(range(10))

    class Numbered(RedisModel):
        abstract = True
        n = fields.StringField(default=lambda: next(numbers))
        x = fields.StringField()

    numbered = define(Numbered, database)
    assert [numbered(x=1).n.get(), numbered(x=1).n.get()] == ["0", "1"]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"nam": "x"}, "Person has no field 'nam'; its fields are: pk, name, city, age, visits, motto"),
        ({"pk": 1}, "Person.pk is counted by Redis and takes no value; give the model a PKField"),
    ],
)
def test_bad_values_are_refused_before_anything_is_sent(
    person: type[Person], database: RedisDatabase, values: dict[str, Any], text: str
) -> None:
    with database.trace() as requests, pytest.raises(ImplementationError) as caught:
        person(**values)
    assert str(caught.value) == text
    assert requests == []


def test_a_pk_and_values_together_are_refused(person: type[Person], database: RedisDatabase) -> None:
    with database.trace() as requests:
        with pytest.raises(ImplementationError, match="Person: give one pk to connect"):
            person(1, name="x")
        with pytest.raises(ImplementationError, match="Person: give one pk to connect"):
            person(1, 2)
    assert requests == []


def test_two_values_for_the_pk_are_refused(named: type[Named]) -> None:
    with pytest.raises(ImplementationError, match="Named: two values for the pk"):
        named(pk="a", name="b")


def test_a_model_with_a_pk_field_needs_a_pk(named: type[Named], database: RedisDatabase) -> None:
    with database.trace() as requests:
        with pytest.raises(ImplementationError, match=r"Named needs a pk: Named\(name=\.\.\., \.\.\.\)"):
            named(color="red")
        with pytest.raises(ImplementationError, match="needs a pk"):
            named().color.set("red")
    assert requests == []


@pytest.mark.parametrize("pk", ["color", "color:x", "collection", "max_pk:1", "__scratch"])
def test_a_pk_that_would_meet_index_keys_is_refused(
    named: type[Named], database: RedisDatabase, pk: str
) -> None:
    with database.trace() as requests:
        with pytest.raises(ImplementationError, match=r"Named\.name: the pk '.*' starts with"):
            named(name=pk)
        with pytest.raises(ImplementationError, match=r"Named\.name: the pk"):
            named.lazy_connect(pk)
    assert requests == []


@pytest.mark.parametrize("value", [None, True, ["x"], object()])
def test_a_value_that_redis_can_not_store_is_redis_py_s_data_error(
    person: type[Person], database: RedisDatabase, value: Any
) -> None:
    with database.trace() as requests:
        with pytest.raises(DataError):
            person(name="x", age=value)
        with pytest.raises(DataError):
            person.collection(city=value)
        with pytest.raises(DataError):
            person.lazy_connect(1).age.hset(value)
        with pytest.raises(DataError):
            person.lazy_connect(1).hmset(age=value)
    assert requests == []


def test_a_failure_in_the_middle_takes_everything_back(person: type[Person], database: RedisDatabase) -> None:
    database.connection.set(":person:city:London", "no set")
    before = snapshot(database)
    with pytest.raises(Exception, match="WRONGTYPE"):
        person(name="Ada", city="London", motto="x")
    assert snapshot(database) | {":person:max_pk": None} == before | {":person:max_pk": None}
    assert person.database.connection.exists(":person:1:hash", ":person:1:visits") == 0


def test_a_failed_creation_leaves_what_was_written_before_it(database: RedisDatabase) -> None:
    class Note(RedisModel):
        abstract = True
        name = fields.PKField()
        text = fields.StringField()
        tags = fields.SetField()
        log = fields.ListField()

    note = define(Note, database)
    note.lazy_connect("a").tags.sadd("early")
    database.connection.set(":note:a:log", "no list")
    before = snapshot(database)
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        note(name="a", text="x", tags={"late"}, log=["1"])
    assert snapshot(database) == before


# -- objects that are not created yet


def test_an_object_without_values_sends_nothing(person: type[Person], database: RedisDatabase) -> None:
    with database.trace() as requests:
        someone = person()
    assert requests == []
    assert someone._pk is None
    assert repr(someone) == "<Person (not created yet)>"


def test_the_first_write_creates_the_object_with_defaults_in_one_request(
    person: type[Person], database: RedisDatabase
) -> None:
    someone = person()
    with database.trace() as requests:
        assert someone.visits.incr(5) == 5
    assert len(requests) == 1
    assert someone.get_pk() in person.collection()


def test_the_first_write_of_an_indexed_field_indexes_it(person: type[Person]) -> None:
    someone = person()
    assert someone.city.hset("Oslo") == 1
    assert list(person.collection(city="Oslo")) == [someone.get_pk()]


def test_the_first_read_creates_the_object_and_reads(person: type[Person], database: RedisDatabase) -> None:
    someone = person()
    with database.trace() as requests:
        assert someone.visits.get() == "0"
    assert len(requests) == 1
    assert person.exists(someone.get_pk())


def test_asking_for_the_pk_creates_the_object(person: type[Person]) -> None:
    assert person.exists(person().get_pk())
    assert person.exists(person().pk.get())


def test_a_first_write_that_is_refused_creates_nothing(person: type[Person], database: RedisDatabase) -> None:
    person(name="Ada")
    before = snapshot(database)
    someone = person()
    with pytest.raises(UniquenessError):
        someone.name.hset("Ada")
    assert someone._pk is None
    assert snapshot(database) == before


def test_a_pk_field_can_be_set_once(named: type[Named]) -> None:
    ball = named()
    assert ball.name.set("ball") is True
    assert named.exists("ball")
    with pytest.raises(ImplementationError, match=r"Named\.name: set can't work on a primary key"):
        ball.name.set("other")
    assert ball.get_pk() == "ball"


@pytest.mark.parametrize("command", ["append", "getset", "setnx"])
def test_a_primary_key_is_never_changed(named: type[Named], database: RedisDatabase, command: str) -> None:
    ball = named(name="ball")
    with database.trace() as requests, pytest.raises(ImplementationError, match="primary key"):
        getattr(ball.name, command)("x")
    assert requests == []


def test_a_counted_pk_can_not_be_set(person: type[Person]) -> None:
    with pytest.raises(ImplementationError, match=r"Person\.pk is counted by Redis"):
        person().pk.set("5")
