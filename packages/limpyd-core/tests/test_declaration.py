"""Class statements: fields, primary keys, names that can't be, and moving to another database."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import (
    ImplementationError,
)
from limpyd.model import RedisModel
from limpyd_testing.models import Named, Person, define


@pytest.fixture
def person(database: RedisDatabase) -> type[Person]:
    return define(Person, database)


@pytest.fixture
def named(database: RedisDatabase) -> type[Named]:
    return define(Named, database)


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


def test_the_name_of_a_class_can_not_hold_a_pattern(database: RedisDatabase) -> None:
    with pytest.raises(ImplementationError, match=r"the name 'Some\*' must not hold"):
        define(RedisModel, database, "Some*")
    assert list(database.models) == []


@pytest.mark.parametrize("name", ["", "a:b", "a->b", "a b", "a*", "a\0"])
def test_a_field_s_name_is_an_identifier(database: RedisDatabase, name: str) -> None:
    assert "a name must be a Python identifier" in refusal(database, **{name: fields.StringField()})


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
