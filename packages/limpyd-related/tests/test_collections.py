"""Related collections: the objects that refer to one object."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from limpyd import fields
from limpyd.collection import Collection
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError
from limpyd_testing.models import define


class Person(related.RelatedModel):
    abstract = True

    name = fields.PKField()


class Group(related.RelatedModel):
    abstract = True

    name = fields.PKField()
    private = fields.StringField(indexable=True)
    owner = related.FKHashableField("Person")
    members = related.M2MListField("Person", related_name="membership")


@pytest.fixture
def models(database: RedisDatabase) -> SimpleNamespace:
    person, group = define(Person, database), define(Group, database)
    return SimpleNamespace(Person=person, Group=group, ybon=person(name="ybon"), twidi=person(name="twidi"))


def test_it_is_a_lazy_collection_of_one_request(models: SimpleNamespace) -> None:
    group = models.Group(name="devs", owner=models.ybon)
    with models.Group.database.trace() as requests:
        found = models.ybon.group_set()
        assert isinstance(found, Collection)
        assert not requests
        assert list(found.instances()) == [group]
    assert [request.args for request in requests] == [("SMEMBERS", ":group:owner:ybon")]


def test_it_takes_filters(models: SimpleNamespace) -> None:
    models.Group(name="open", owner=models.ybon, private=0)
    models.Group(name="closed", owner=models.ybon, private=1)
    models.Group(name="other", owner=models.twidi, private=1)
    assert list(models.ybon.group_set(private=1)) == ["closed"]
    assert sorted(models.ybon.group_set().sort(by="private")[:1]) == ["open"]
    assert len(models.ybon.group_set()) == 2
    assert "other" not in models.ybon.group_set()


def test_a_filter_on_the_same_field_has_to_match_too(models: SimpleNamespace) -> None:
    models.Group(name="both", members=[models.ybon, models.twidi])
    models.Group(name="one", members=[models.ybon])
    assert list(models.ybon.membership(members=models.twidi)) == ["both"]


def test_an_unknown_filter_is_refused(models: SimpleNamespace) -> None:
    with pytest.raises(ImplementationError, match="Group has no field 'nope'"):
        models.ybon.group_set(nope=1)


def test_an_object_is_in_it_once_however_often_it_refers(models: SimpleNamespace) -> None:
    group = models.Group(name="devs", members=["ybon", "ybon"])
    assert list(models.ybon.membership()) == ["devs"]
    group.members.lrem(1, models.ybon)
    assert list(models.ybon.membership()) == ["devs"]
    group.members.lrem(1, models.ybon)
    assert list(models.ybon.membership()) == []


def test_it_uses_the_collection_manager_of_the_model_that_refers(models: SimpleNamespace) -> None:
    class Manager(Collection[Any, Any]):
        pass

    models.Group.collection_manager = Manager
    assert isinstance(models.ybon.group_set(), Manager)


def test_an_object_that_is_not_created_yet_has_none(models: SimpleNamespace) -> None:
    with pytest.raises(ImplementationError, match=r"<Person \(not created yet\)>, which has no pk yet"):
        models.Person().group_set()


def test_a_deleted_object_has_none(models: SimpleNamespace) -> None:
    models.ybon.delete()
    with pytest.raises(DoesNotExist):
        models.ybon.group_set()


def test_its_text_names_both_sides(models: SimpleNamespace) -> None:
    assert repr(models.ybon.group_set) == "<RelatedCollection group_set of <Person ybon>, by Group.owner>"


def test_it_can_be_declared_for_type_checkers(models: SimpleNamespace) -> None:
    class Author(related.RelatedModel):
        database = models.Group.database
        book_set: related.RelatedCollection[Book]

    class Book(related.RelatedModel):
        database = models.Group.database
        author = related.FKHashableField(Author)

    author = Author.lazy_connect(Author().get_pk())
    book = Book(author=author)
    assert list(author.book_set().instances()) == [book]
