"""Models: class statements, creation, connection, deletion, each of them one request."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import (
    DoesNotExist,
    ImplementationError,
    MultipleObjectsReturned,
    UniquenessError,
)
from limpyd.model import RedisModel
from limpyd_testing.models import define
from redis.exceptions import DataError, ResponseError


class Person(RedisModel):
    abstract = True

    name = fields.HashableField(unique=True)
    city = fields.HashableField(indexable=True)
    age = fields.HashableField()
    visits = fields.StringField(default=0)
    motto = fields.StringField(indexable=True)


class Named(RedisModel):
    abstract = True

    name = fields.PKField()
    color = fields.StringField(indexable=True)


@pytest.fixture
def person(database: RedisDatabase) -> type[Person]:
    return define(Person, database)


@pytest.fixture
def named(database: RedisDatabase) -> type[Named]:
    return define(Named, database)


def everything(database: RedisDatabase) -> dict[str, Any]:
    """All keys with their values."""
    connection = database.connection
    return {key: connection.dump(key) for key in connection.scan_iter()}


# -- class statements


def refusal(database: RedisDatabase, /, **members: Any) -> str:
    with pytest.raises(ImplementationError) as caught:
        type("Bad", (RedisModel,), {"database": database, **members})
    return str(caught.value)


def test_a_model_needs_a_database() -> None:
    with pytest.raises(ImplementationError, match=r"Orphan has no database; set `database = "):
        type("Orphan", (RedisModel,), {})


def test_an_abstract_model_needs_none() -> None:
    assert define(RedisModel, name="Base", abstract=True).abstract


def test_abstract_is_not_inherited(person: type[Person]) -> None:
    assert not person.abstract


def test_a_model_has_a_pk_that_is_counted(person: type[Person]) -> None:
    assert isinstance(person.pk, fields.AutoPKField)
    assert person.pk.name == "pk"


def test_pk_is_an_alias_of_a_pk_field_of_another_name(named: type[Named]) -> None:
    assert named.pk is named.__dict__["name"]
    assert list(named._fields) == ["name", "color"]


def test_a_subclass_of_an_abstract_model_has_its_own_fields(database: RedisDatabase) -> None:
    one = define(Person, database, "One")
    two = define(Person, database, "Two")
    assert one.city is not two.city is not Person.city
    assert (str(one.city), str(two.city)) == ("One.city", "Two.city")
    one(city="Paris")
    assert list(two.collection(city="Paris")) == []


def test_a_subclass_can_replace_and_drop_fields(person: type[Person]) -> None:
    changed = define(person, name="Changed", city=fields.StringField(), age=None)
    assert isinstance(changed.city, fields.StringField)
    assert list(changed._fields) == ["pk", "name", "city", "visits", "motto"]


def test_fields_of_a_plain_mixin_are_taken_over(database: RedisDatabase) -> None:
    class Mixin:
        extra = fields.StringField()

    class Mixed(Mixin, Person):
        abstract = True

    assert define(Mixed, database)._fields["extra"].name == "extra"


def test_two_primary_keys_are_refused(database: RedisDatabase) -> None:
    text = refusal(database, id=fields.AutoPKField(), name=fields.PKField())
    assert text == "Bad has two primary keys, id and name; keep one PKField"


def test_an_inherited_and_a_new_primary_key_are_two(named: type[Named]) -> None:
    with pytest.raises(ImplementationError, match="two primary keys, name and id"):
        define(named, name="Bad", id=fields.AutoPKField())


def test_a_unique_field_can_not_have_a_default(database: RedisDatabase) -> None:
    text = refusal(database, bar=fields.StringField(unique=True, default="x"))
    assert text.startswith("Bad.bar: a unique field can't have a default")


@pytest.mark.parametrize(
    "name", ["delete", "hmget", "collection", "get", "database", "abstract", "namespace"]
)
def test_a_field_can_not_hide_what_a_model_has(database: RedisDatabase, name: str) -> None:
    text = refusal(database, **{name: fields.StringField()})
    assert (
        text == f"Bad.{name} can't be a field: it would hide what every model has under this name; rename it"
    )


@pytest.mark.parametrize("name", ["_x", "__x", "a__b"])
def test_a_field_s_name_can_not_look_like_a_private_one_or_a_filter(
    database: RedisDatabase, name: str
) -> None:
    assert f"Bad.{name} can't be a field" in refusal(database, **{name: fields.StringField()})


def test_a_field_can_not_have_the_key_of_the_hashable_fields(database: RedisDatabase) -> None:
    assert "Bad.hash can't be a field" in refusal(database, hash=fields.StringField())
    define(RedisModel, database, "Good", hash=fields.HashableField())


def test_a_field_named_pk_is_a_primary_key(database: RedisDatabase) -> None:
    assert "pk is the name of the primary key" in refusal(database, pk=fields.StringField())


def test_a_namespace_can_not_hold_a_pattern(database: RedisDatabase) -> None:
    assert "the namespace 'a*'" in refusal(database, namespace="a*")


def test_use_database_moves_a_model_and_its_subclasses(person: type[Person], database: RedisDatabase) -> None:
    child = define(person, name="Child")
    elsewhere = define(person, RedisDatabase(db=5), "Elsewhere")
    other = RedisDatabase(connection=database.connection)
    person.use_database(other)
    assert person.database is child.database is other
    assert elsewhere.database is not other
    assert set(other.models) == {person, child}
    assert list(database.models) == []


def test_use_database_moves_nothing_where_a_name_is_taken(
    person: type[Person], database: RedisDatabase
) -> None:
    child = define(person, name="Child")
    other = RedisDatabase(connection=database.connection)
    define(RedisModel, other, "Child", __qualname__="another.Child")
    with pytest.raises(ImplementationError, match="Child"):
        person.use_database(other)
    assert person.database is child.database is database
    assert set(database.models) == {person, child}
    assert len(list(other.models)) == 1


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
    before = everything(database)
    with pytest.raises(UniquenessError) as caught:
        person(name="Ada", city="Paris")
    assert str(caught.value) == "Key :person:name:Ada already exists (for instance 1)"
    assert (caught.value.key, caught.value.value, caught.value.pk) == (":person:name:Ada", "Ada", "1")
    assert everything(database) == before


def test_a_given_pk_that_exists_creates_nothing(named: type[Named], database: RedisDatabase) -> None:
    named(name="ball", color="red")
    before = everything(database)
    with pytest.raises(UniquenessError, match="Named with pk ball already exists"):
        named(name="ball", color="blue")
    assert everything(database) == before


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
    before = everything(database)
    with pytest.raises(Exception, match="WRONGTYPE"):
        person(name="Ada", city="London", motto="x")
    assert everything(database) | {":person:max_pk": None} == before | {":person:max_pk": None}
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
    before = everything(database)
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        note(name="a", text="x", tags={"late"}, log=["1"])
    assert everything(database) == before


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
    before = everything(database)
    someone = person()
    with pytest.raises(UniquenessError):
        someone.name.hset("Ada")
    assert someone._pk is None
    assert everything(database) == before


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


# -- connecting


def test_every_way_to_the_pk_gives_the_same(named: type[Named], database: RedisDatabase) -> None:
    ball = named(name="ball")
    with database.trace() as requests:
        assert ball.get_pk() == ball.pk.get() == ball.name.get() == ball._pk == "ball"
    assert requests == []


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
    assert everything(database) == {}


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
    assert set(everything(database)) == {":person:max_pk"}


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
    before = everything(database)
    with pytest.raises(MultipleObjectsReturned, match="Person: 2 objects match"):
        person.get_or_connect(city="London")
    with pytest.raises(UniquenessError):
        person.get_or_connect(name="Ada", city="Paris")
    with pytest.raises(ImplementationError, match="needs a filter"):
        person.get_or_connect()
    with pytest.raises(ImplementationError, match=r"Person\.age has no index"):
        person.get_or_connect(age=5)
    assert everything(database) == before
