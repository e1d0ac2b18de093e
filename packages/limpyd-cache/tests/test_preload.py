"""Values that are read along with a collection, in its one request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError
from limpyd_testing.waiting import wait_for


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


ALL = ("name", "city", "age", "secret")


@pytest.fixture
def ann(person: Any) -> Any:
    """An object whose fields were all read along."""
    (ann,) = person.collection(age=30).instances(preload=ALL)
    return ann


def test_all_reads_of_the_values_are_answered(ann: Any) -> None:
    with ann.database.trace() as requests:
        assert (ann.name.get(), ann.city.hget()) == ("Ann", "Rome")
        assert ann.hmget("age", "city") == ["30", "Rome"]
    assert requests == []


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (lambda ann: ann.city.hset("Bonn"), {"city"}),
        (lambda ann: ann.city.init_cache(), {"city"}),
        (lambda ann: ann.name.append("a"), {"name"}),
        (lambda ann: ann.name.expire(100), {"name"}),
    ],
)
def test_a_write_drops_its_field_alone(database: RedisDatabase, change: Any, asked: set[str]) -> None:
    people = person_on(RedisDatabase(connection=database.connection, middleware=[InstanceCache()]))
    people(name="Ann", city="Rome", age=30)
    (ann,) = people.collection(age=30).instances(preload=ALL)
    change(ann)
    with people.database.trace() as requests:
        assert ann.name.get() == database.connection.get(ann.name.key)
        assert ann.city.hget() == database.connection.hget(ann.city.key, "city")
        assert ann.age.hget() == "30"
    assert {request.args[-1].rpartition(":")[2] for request in requests} == asked


def test_what_was_dropped_is_read_together_with_the_rest(ann: Any) -> None:
    def read() -> list[str]:
        with ann.database.trace() as requests:
            assert ann.hmget("age", "city") == ["30", "Bonn"]
        return names_of(requests)

    ann.city.hset("Bonn")
    assert read() == ["HMGET"]
    wait_for(lambda: read() == [])  # once the server has told of the write, where it does


def test_other_reads_of_the_fields_are_asked(ann: Any) -> None:
    with ann.database.trace() as requests:
        assert (ann.name.strlen(), ann.city.hexists()) == (3, True)
    assert names_of(requests) == ["STRLEN", "HEXISTS"]


def test_entries_that_were_read_along_are_counted(ann: Any, cache: Any) -> None:
    before = cache.stats()
    ann.city.hset("Bonn")
    after = cache.stats()
    dropped = 1 if isinstance(cache, InstanceCache) else before.entries - after.entries
    assert dropped
    assert after.entries == before.entries - dropped
    assert after.invalidations == before.invalidations + dropped


def test_a_deleted_object_keeps_nothing(ann: Any, cache: Any) -> None:
    entries = cache.stats().entries
    ann.delete()
    assert cache.stats().entries < entries
    with pytest.raises(DoesNotExist):
        ann.name.get()


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
