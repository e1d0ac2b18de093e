"""Values that are read along with a collection, in its one request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError


@pytest.fixture(params=[InstanceCache, SharedCache])
def cache(request: pytest.FixtureRequest) -> Iterator[Any]:
    cache = request.param()
    yield cache
    if isinstance(cache, SharedCache):
        cache.close()


def person_on(where: RedisDatabase) -> Any:
    class Person(model.RedisModel):
        database = where
        name = fields.StringField()
        city = fields.HashableField(indexable=True)
        age = fields.HashableField(indexable=True)
        secret = fields.HashableField(cacheable=False)
        friends = fields.SetField()

    return Person


@pytest.fixture
def person(database: RedisDatabase, cache: Any) -> Any:
    model = person_on(RedisDatabase(connection=database.connection, middleware=[cache]))
    for number, name in enumerate(["Ann", "Bob", "Cid"]):
        model(name=name, city="Rome", age=30 - number, secret="s")
    model.database.connection.hset(":person:4:hash", "city", "none")
    model(city="Bonn")
    list(model.collection().instances(preload=["name"])[-1:])  # loads the script
    return model


def names_of(requests: list[Any]) -> list[str]:
    return [request.name for request in requests if request.name != "SCRIPT"]


def test_one_request_reads_all(person: Any) -> None:
    with person.database.trace() as requests:
        people = list(person.collection(city="Rome").sort(by="age").instances(preload=("name", "age")))
        found = [(each.name.get(), each.age.hget()) for each in people]
    assert found == [("Cid", "28"), ("Bob", "29"), ("Ann", "30")]
    assert len(names_of(requests)) == 1


def test_a_field_without_a_value_is_known_too(person: Any) -> None:
    (bonn,) = person.collection(city="Bonn").instances(preload=["name", "age", "city"])
    with person.database.trace() as requests:
        assert (bonn.name.get(), bonn.age.hget(), bonn.city.hget()) == (None, None, "Bonn")
    assert names_of(requests) == []


def test_slices_and_indexes_read_their_page_alone(person: Any) -> None:
    everybody = person.collection().sort(by="age", desc=True).instances(preload=["name"])
    with person.database.trace() as requests:
        page = everybody[0:2]
        assert [each.name.get() for each in page] == ["Ann", "Bob"]
        assert everybody[1].name.get() == "Bob"
        assert [each.name.get() for each in list(page)[::-1]] == ["Bob", "Ann"]
    assert len(names_of(requests)) == 2


def test_what_is_not_preloaded_is_asked_for(person: Any) -> None:
    (bonn,) = person.collection(city="Bonn").instances(preload=["name"])
    with person.database.trace() as requests:
        bonn.city.hget()
    assert names_of(requests) == ["HGET"]


def test_a_field_that_is_not_cacheable_is_not_kept(person: Any) -> None:
    ann = person.collection(age=30).instances(preload=["secret"])[0]
    with person.database.trace() as requests:
        ann.secret.hget()
    assert names_of(requests) == ["HGET"]


def test_fetch_preloads_as_well(person: Any) -> None:
    people = person.collection(city="Rome").instances(preload=["name"]).fetch()
    with person.database.trace() as requests:
        assert {each.name.get() for each in people} == {"Ann", "Bob", "Cid"}
    assert names_of(requests) == []


def test_an_own_write_after_the_collection_was_read_is_seen(person: Any, cache: Any) -> None:
    people = person.collection(age=30).instances(preload=["name"])
    (ann,) = people
    ann.name.set("Anna")
    assert ann.name.get() == "Anna"
    if isinstance(cache, SharedCache):
        (again,) = people
        assert again.name.get() == "Anna"


@pytest.mark.parametrize("name", ["friends", "pk"])
def test_other_fields_are_refused(person: Any, name: str) -> None:
    with pytest.raises(ImplementationError, match=f"can't preload '{name}': it takes names of"):
        person.collection().instances(preload=[name])


def test_an_unknown_field_is_refused(person: Any) -> None:
    with pytest.raises(ImplementationError, match="Person has no field 'nme'"):
        person.collection().instances(preload=["nme"])


def test_without_a_cache_it_is_refused(database: RedisDatabase) -> None:
    with pytest.raises(ImplementationError, match="nothing to preload: the database has no cache"):
        person_on(database).collection().instances(preload=["name"])
