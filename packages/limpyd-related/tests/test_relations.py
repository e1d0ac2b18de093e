"""Relations: which model a field points to, and what the other side of it is called."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from limpyd import fields
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.models import define


def model(database: RedisDatabase, name: str, /, **members: Any) -> Any:
    return define(related.RelatedModel, database, name, **members)


@pytest.fixture
def elsewhere(server_url: str) -> RedisDatabase:
    return RedisDatabase.from_url(server_url.replace("db=0", "db=1"))


def refused(field: Any) -> str:
    """Why the target of a field is refused."""
    with pytest.raises(ImplementationError) as caught:
        field.target  # noqa: B018  # reading it is what is tested
    return str(caught.value)


# -- the model that a field points to


def test_a_model_can_be_defined_after_the_one_that_points_to_it(database: RedisDatabase) -> None:
    group = model(database, "Group", owner=related.FKStringField("Person"))
    person = model(database, "Person")
    assert group.owner.target is person
    assert list(person(pk_of(person)).group_set()) == []


def pk_of(of: Any) -> str:
    return str(of().get_pk())


def test_a_name_is_of_a_model_in_the_same_namespace_first(database: RedisDatabase) -> None:
    plain = model(database, "Person")
    group = model(database, "Group", namespace="a", owner=related.FKStringField("Person"))
    assert group.owner.target is plain
    own = model(database, "Person", namespace="a")
    assert group.owner.target is own


def test_a_name_is_not_of_a_model_in_another_namespace(database: RedisDatabase) -> None:
    model(database, "Being", namespace="b")
    group = model(database, "Group", namespace="a", owner=related.FKStringField("Being"))
    assert refused(group.owner) == (
        "Group.owner points to 'Being', and no model of this name is on Group's database, which has: "
        "b:Being, a:Group; define it, or name it as `namespace:Name`"
    )


@pytest.mark.parametrize("name", ["b:Person", "b:person"])
def test_a_namespace_can_be_named(database: RedisDatabase, name: str) -> None:
    person = model(database, "Person", namespace="b")
    group = model(database, "Group", namespace="a", owner=related.FKStringField(name))
    assert group.owner.target is person


def test_no_namespace_can_be_named(database: RedisDatabase) -> None:
    model(database, "Person", namespace="a")
    person = model(database, "Person")
    group = model(database, "Group", namespace="a", owner=related.FKStringField(":Person"))
    assert group.owner.target is person


def test_a_namespace_of_several_parts_can_be_named(database: RedisDatabase) -> None:
    person = model(database, "Person", namespace="b:c")
    group = model(database, "Group", owner=related.FKStringField("b:c:Person"))
    assert group.owner.target is person


def test_self_is_the_model_itself_and_each_subclass_for_itself(database: RedisDatabase) -> None:
    node = model(database, "Node", parent=related.FKStringField("self", related_name="children"))
    leaf = define(node, name="Leaf")
    assert (node.parent.target, leaf.parent.target) == (node, leaf)
    root = node(pk_of(node))
    child = node(parent=root)
    assert list(root.children().instances()) == [child]
    assert list(leaf(pk_of(leaf)).children()) == []


def test_a_target_that_never_appears_is_an_error_when_it_is_used(database: RedisDatabase) -> None:
    group = model(database, "Group", owner=related.FKStringField("Nobody"), members=related.M2MSetField("X"))
    instance = group(pk_of(group))
    uses: list[Callable[[], Any]] = [
        lambda: instance.owner.set(1),
        instance.owner.instance,
        lambda: instance.owner.instance(lazy=True),
        lambda: group(owner=1),
        lambda: group.collection(owner=1),
    ]
    for use in uses:
        with pytest.raises(ImplementationError, match=r"Group.owner points to 'Nobody', and no model"):
            use()
    with pytest.raises(ImplementationError, match=r"Group.members points to 'X', and no model"):
        instance.members()
    instance.delete()


def test_a_target_on_another_database_is_an_error(database: RedisDatabase, elsewhere: RedisDatabase) -> None:
    person = model(elsewhere, "Person")
    by_class = model(database, "Group", owner=related.FKStringField(person))
    by_name = model(database, "Team", owner=related.FKStringField("Person"))
    for field in (by_class.owner, by_name.owner):
        text = refused(field)
        assert text.startswith(f"{field} points to ")
        assert (
            f"but Person is on {elsewhere!r}, and {field.model.__name__} on {database!r}; both need" in text
        )


def test_a_target_that_is_no_related_model_is_an_error(database: RedisDatabase) -> None:
    person = define(RedisModel, database, "Person")
    by_class = model(database, "Group", owner=related.FKStringField(person))
    by_name = model(database, "Team", owner=related.FKStringField("Person"))
    assert refused(by_class.owner) == (
        "Group.owner points to Person, but Person is no RelatedModel; make this its base"
    )
    assert refused(by_name.owner) == (
        "Team.owner points to 'Person', but Person is no RelatedModel; make this its base"
    )


def test_a_target_that_is_no_model_at_all_is_an_error(database: RedisDatabase) -> None:
    group = model(database, "Group", owner=related.FKStringField(int))
    assert refused(group.owner) == "Group.owner points to int, but int is no RelatedModel; make this its base"


def test_an_abstract_target_is_an_error(database: RedisDatabase) -> None:
    base = model(database, "Base", abstract=True)
    group = model(database, "Group", owner=related.FKStringField(base))
    assert refused(group.owner) == (
        "Group.owner points to Base, but Base is abstract; point to a model that has objects"
    )


def test_a_field_of_an_abstract_model_points_to_nothing_yet(database: RedisDatabase) -> None:
    base = model(database, "Base", abstract=True, owner=related.FKStringField("self"))
    assert "but is in no model yet that has a database" in refused(base.owner)
    assert "but is in no model yet that has a database" in refused(related.FKStringField("Person"))


def test_a_related_field_needs_a_related_model(database: RedisDatabase) -> None:
    with pytest.raises(ImplementationError, match=r"Plain.owner: a related field needs a RelatedModel; make"):
        define(RedisModel, database, "Plain", owner=related.FKStringField("self"))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"to": 3}, "FKStringField: `to` is a model or its name, not 3"),
        ({"to": None}, "FKStringField: `to` is a model or its name, not None"),
        ({"to": "self", "related_name": 3}, "FKStringField: `related_name` is a text, not 3"),
        (
            {"to": "self", "on_delete": "ignore"},
            "FKStringField: `on_delete` is one of clear, cascade, restrict, not 'ignore'",
        ),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ImplementationError) as caught:
        related.FKStringField(**arguments)
    assert str(caught.value) == text


# -- databases


def test_use_database_takes_relations_along(database: RedisDatabase, elsewhere: RedisDatabase) -> None:
    base = model(database, "Base", abstract=True)
    person = define(base, name="Person")
    group = define(base, name="Group", owner=related.FKStringField("Person"))
    base.use_database(elsewhere)
    owner = person(pk_of(person))
    owned = group(owner=owner)
    assert list(owner.group_set().instances()) == [owned]
    owner.delete()
    assert owned.owner.get() is None
    owned.delete()
    elsewhere.connection.flushdb()


def test_a_model_that_moves_alone_leaves_its_relations(
    database: RedisDatabase, elsewhere: RedisDatabase
) -> None:
    person = model(database, "Person")
    group = model(database, "Group", owner=related.FKStringField(person))
    person.use_database(elsewhere)
    assert "but Person is on" in refused(group.owner)
    person.use_database(database)
    assert group.owner.target is person


def test_a_model_that_is_defined_again_takes_the_place_of_the_old_one(database: RedisDatabase) -> None:
    def make() -> Any:
        class Person(related.RelatedModel):
            database = database_

        return Person

    database_ = database
    old = make()
    group = model(database, "Group", owner=related.FKStringField(old))
    new = make()
    assert group.owner.target is new
    person = old(pk_of(old))
    owned = group(owner=person)
    assert list(person.group_set().instances()) == [owned]
    person.delete()
    assert owned.owner.get() is None


# -- the name of the other side


@pytest.mark.parametrize(
    ("pattern", "namespace", "name"),
    [
        (None, "", "group_set"),
        (None, "a", "group_set"),
        ("%(model)s_owned", "", "group_owned"),
        ("%(namespace)s_%(model)s", "a:b-c.d", "a_b_c_d_group"),
        ("%(namespace)s_%(model)s", "", "_group"),
        ("groupes_possédés", "", "groupes_possédés"),
    ],
)
def test_a_related_name_is_made_of_model_and_namespace(
    database: RedisDatabase, pattern: str | None, namespace: str, name: str
) -> None:
    person = model(database, "Person")
    group = model(
        database, "Group", namespace=namespace, owner=related.FKStringField("Person", related_name=pattern)
    )
    assert group.owner.related_name == name
    owner = person(pk_of(person))
    owned = group(owner=owner)
    assert list(getattr(owner, name)().instances()) == [owned]


@pytest.mark.parametrize("pattern", ["a b", "", "2nd", "owned-by", "class", "__len__", "%(namespace)s"])
def test_a_related_name_that_is_no_identifier_is_refused(database: RedisDatabase, pattern: str) -> None:
    with pytest.raises(ImplementationError, match=r"Group.owner: related_name '.*' can't be the name of an"):
        model(database, "Group", owner=related.FKStringField("self", related_name=pattern))
    assert list(database.models) == []


@pytest.mark.parametrize("pattern", ["%(nope)s", "%d", "100%"])
def test_a_related_name_with_an_unknown_part_is_refused(database: RedisDatabase, pattern: str) -> None:
    with pytest.raises(ImplementationError, match=r"% can start %\(model\)s or %\(namespace\)s only"):
        model(database, "Group", owner=related.FKStringField("self", related_name=pattern))


@pytest.mark.parametrize("name", ["delete", "pk", "email", "greet", "collection", "_pk", "database"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_related_name_that_hides_an_attribute_is_refused(
    database: RedisDatabase, name: str, is_first: bool
) -> None:
    def person() -> None:
        model(database, "Person", email=fields.StringField(), greet=lambda self: None)

    def group() -> None:
        model(database, "Group", owner=related.FKStringField("Person", related_name=name))

    first, second = (person, group) if is_first else (group, person)
    first()
    before = list(database.models)
    with pytest.raises(
        ImplementationError, match=rf"Group.owner: its related_name '{name}' would hide Person.{name}; give"
    ):
        second()
    assert list(database.models) == before


@pytest.mark.parametrize("is_first", [True, False])
def test_two_relations_under_one_name_are_refused(database: RedisDatabase, is_first: bool) -> None:
    def person() -> None:
        model(database, "Person")

    def team() -> None:
        model(database, "Team", members=related.M2MSetField("Person", related_name="things"))

    first, second = (person, team) if is_first else (team, person)
    model(database, "Group", owner=related.FKStringField("Person", related_name="things"))
    first()
    with pytest.raises(
        ImplementationError,
        match=r"Group.owner and Team.members would both be Person.things; give one of them",
    ):
        second()


def test_two_relations_of_one_model_need_names(database: RedisDatabase) -> None:
    model(database, "Person")
    with pytest.raises(ImplementationError, match=r"Group.a and Group.b would both be Person.group_set"):
        model(database, "Group", a=related.FKStringField("Person"), b=related.FKStringField("Person"))


def test_a_fixed_name_that_is_inherited_is_refused(database: RedisDatabase) -> None:
    person = model(database, "Person")
    group = model(database, "Group", owner=related.FKStringField(person, related_name="owned"))
    with pytest.raises(ImplementationError, match=r"Group.owner and Sub.owner would both be Person.owned"):
        define(group, name="Sub")


def test_the_same_name_on_two_models_is_fine(database: RedisDatabase) -> None:
    one, two = model(database, "One"), model(database, "Two")
    model(database, "Link", a=related.FKStringField(one), b=related.FKStringField(two))
    assert (set(one._relations()), set(two._relations())) == ({"link_set"}, {"link_set"})


def test_a_subclass_has_not_the_relations_of_its_base(database: RedisDatabase) -> None:
    person = model(database, "Person")
    model(database, "Group", owner=related.FKStringField(person))
    special = define(person, name="Special")
    with pytest.raises(AttributeError, match="'Special' object has no attribute 'group_set'"):
        special(pk_of(special)).group_set  # noqa: B018  # reading it is what is tested


def test_an_object_tells_of_its_relations(database: RedisDatabase) -> None:
    person = model(database, "Person")
    assert "group_set" not in dir(person())
    model(database, "Group", owner=related.FKStringField(person))
    assert "group_set" in dir(person())
    assert hasattr(person(), "group_set")
    assert not hasattr(person(), "groups")


def test_an_object_can_be_copied(database: RedisDatabase) -> None:
    person = model(database, "Person")
    one = person(pk_of(person))
    assert copy.copy(one) == one
