"""Objects: connecting, deleting and finding them, each by one request."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from limpyd.database import RedisDatabase
from limpyd.exceptions import (
    DoesNotExist,
    ImplementationError,
    MultipleObjectsReturned,
    UniquenessError,
)
from limpyd_testing.consistency import snapshot
from limpyd_testing.models import Named, Person, define


@pytest.fixture
def person(database: RedisDatabase) -> type[Person]:
    return define(Person, database)


@pytest.fixture
def named(database: RedisDatabase) -> type[Named]:
    return define(Named, database)


# -- connecting


def test_every_way_to_the_pk_gives_the_same(named: type[Named], database: RedisDatabase) -> None:
    ball = named(name="ball")
    with database.trace() as requests:
        assert ball.get_pk() == ball.pk.get() == ball.name.get() == ball._pk == "ball"
    assert requests == []


class Color(StrEnum):
    RED = "red"

    def __str__(self) -> str:
        return f"not {self.value}"


def test_a_pk_is_its_text_however_it_is_shown(named: type[Named], database: RedisDatabase) -> None:
    created, connected, lazy = named(name=Color.RED), named(Color.RED), named.lazy_connect(Color.RED)
    for one in (created, connected, lazy):
        one.color.set("blue")
        assert (one.pk.get(), type(one.pk.get())) == ("red", str)
    assert sorted(snapshot(database)) == [":named:collection", ":named:color:blue", ":named:red:color"]


def test_connecting_asks_once_whether_the_object_exists(
    person: type[Person], database: RedisDatabase
) -> None:
    person(name="Ada")
    with database.trace() as requests:
        assert person(1).get_pk() == "1"
    assert [str(request) for request in requests] == ["SISMEMBER :person:collection 1"]


def test_connecting_to_nothing_raises(person: type[Person]) -> None:
    with pytest.raises(DoesNotExist, match="Person with pk 7 does not exist") as caught:
        person(7)
    assert (caught.value.model, caught.value.pk) == ("Person", "7")


def test_a_lazy_connection_sends_nothing(person: type[Person], database: RedisDatabase) -> None:
    with database.trace() as requests:
        assert person.lazy_connect(7).get_pk() == "7"
    assert requests == []


def test_an_indexed_write_to_an_object_that_does_not_exist_is_refused(
    person: type[Person], database: RedisDatabase
) -> None:
    ghost = person.lazy_connect(7)
    with pytest.raises(DoesNotExist, match="Person with pk 7"):
        ghost.city.hset("Oslo")
    assert snapshot(database) == {}


def test_objects_are_equal_by_model_and_pk(person: type[Person], named: type[Named]) -> None:
    assert person.lazy_connect(1) == person.lazy_connect("1") != person.lazy_connect(2)
    assert person.lazy_connect(1) != named.lazy_connect(1)
    assert len({person.lazy_connect(1), person.lazy_connect(1)}) == 1
    assert person() != person()
    with pytest.raises(TypeError, match="no pk"):
        hash(person())


def test_init_of_a_subclass_runs_for_lazy_objects_too(person: type[Person]) -> None:
    class Greeter(person):  # type: ignore[misc,valid-type]  # made by a fixture
        def __init__(self, *args: Any, **values: Any) -> None:
            super().__init__(*args, **values)
            self.greeting = "hello"

    assert Greeter.lazy_connect(1).greeting == "hello"


def test_a_field_can_not_be_assigned_to(person: type[Person]) -> None:
    ada = person(name="Ada")
    with pytest.raises(ImplementationError, match=r"Person\.city: a field can't be assigned to.*city\.hset"):
        ada.city = "Paris"


def test_a_command_on_the_field_of_the_class_is_refused(person: type[Person]) -> None:
    with pytest.raises(ImplementationError, match=r"Person\.visits is a field of the class"):
        person.visits.get()


def test_a_bound_field_is_made_once(person: type[Person]) -> None:
    ada = person(name="Ada")
    assert ada.city is ada.city
    assert ada.city is not person.city


# -- deleting


def test_deleting_takes_values_indexes_and_pk_in_one_request(
    person: type[Person], database: RedisDatabase
) -> None:
    ada = person(name="Ada", city="London", motto="x")
    with database.trace() as requests:
        ada.delete()
    assert len(requests) == 1
    assert set(snapshot(database)) == {":person:max_pk"}


def test_deleting_leaves_others_alone(person: type[Person]) -> None:
    person(name="Ada", city="London").delete()
    bob = person(name="Bob", city="London")
    person(name="Eve", city="London").delete()
    assert list(person.collection(city="London")) == [bob.get_pk()]
    assert bob.hgetall() == {"name": "Bob", "city": "London"}


def test_a_deleted_object_raises_when_used(person: type[Person], database: RedisDatabase) -> None:
    ada = person(name="Ada")
    ada.delete()
    assert repr(ada) == "<Person 1 (deleted)>"
    with database.trace() as requests:
        for use in (
            ada.visits.get,
            ada.hgetall,
            ada.get_pk,
            ada.pk.get,
            ada.delete,
            lambda: ada.name.hset("x"),
        ):
            with pytest.raises(DoesNotExist, match="Person with pk 1"):
                use()
    assert requests == []


def test_deleting_what_another_deleted_raises(person: type[Person]) -> None:
    ada = person(name="Ada")
    person(ada.get_pk()).delete()
    with pytest.raises(DoesNotExist):
        ada.delete()


def test_deleting_what_was_never_created_raises(person: type[Person], database: RedisDatabase) -> None:
    with database.trace() as requests, pytest.raises(ImplementationError, match="no pk yet"):
        person().delete()
    assert requests == []


# -- finding


def test_get_finds_by_pk_and_by_values_in_one_request(person: type[Person], database: RedisDatabase) -> None:
    ada = person(name="Ada", city="London")
    person.get(name="Ada")  # where the server has no SORT_RO, that is found out once
    with database.trace() as requests:
        assert person.get(ada.get_pk()) == ada
        assert person.get(name="Ada") == ada
    assert len(requests) == 2


def test_get_raises_for_none_and_for_many(person: type[Person]) -> None:
    person(name="Ada", city="London")
    person(name="Bob", city="London")
    with pytest.raises(DoesNotExist, match=r"Person has no object that matches \{'name': 'Eve'\}"):
        person.get(name="Eve")
    with pytest.raises(MultipleObjectsReturned, match="Person"):
        person.get(city="London")
    with pytest.raises(ImplementationError, match=r"Person\.get needs a pk or a filter"):
        person.get()


def test_exists_asks_once(person: type[Person], database: RedisDatabase) -> None:
    person(name="Ada", city="London")
    with database.trace() as requests:
        assert person.exists(1)
        assert not person.exists("2")
        assert person.exists(city="London")
        assert person.exists(city="London", name="Ada")
        assert not person.exists(city="London", name="Bob")
    assert len(requests) <= 6  # SINTERCARD is asked for once where the server has none
    for args, filters in (((), {}), ((1,), {"name": "x"})):
        with pytest.raises(ImplementationError, match="either one pk or filters"):
            person.exists(*args, **filters)


def test_get_or_connect_creates_once_in_one_request(person: type[Person], database: RedisDatabase) -> None:
    with database.trace() as requests:
        ada, created = person.get_or_connect(name="Ada", city="London", defaults={"age": 36})
        again, created_again = person.get_or_connect(name="Ada", city="London", defaults={"age": 37})
    assert len(requests) == 2
    assert (created, created_again) == (True, False)
    assert ada == again
    assert ada.hmget("age") == ["36"]
    assert ada.visits.get() == "0"


def test_get_or_connect_by_pk(named: type[Named]) -> None:
    ball, created = named.get_or_connect(name="ball", color="red")
    assert created
    assert named.get_or_connect(name="ball", color="red") == (ball, False)
    with pytest.raises(UniquenessError, match="Named with pk ball already exists"):
        named.get_or_connect(name="ball", color="blue")


def test_get_or_connect_refuses_what_is_not_one_object(person: type[Person], database: RedisDatabase) -> None:
    person(name="Ada", city="London")
    person(name="Bob", city="London")
    before = snapshot(database)
    with pytest.raises(MultipleObjectsReturned, match="Person: 2 objects match"):
        person.get_or_connect(city="London")
    with pytest.raises(UniquenessError):
        person.get_or_connect(name="Ada", city="Paris")
    with pytest.raises(ImplementationError, match="needs a filter"):
        person.get_or_connect()
    with pytest.raises(ImplementationError, match=r"Person\.age has no index"):
        person.get_or_connect(age=5)
    assert snapshot(database) == before
