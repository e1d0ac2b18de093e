"""`check` and `repair` of a model, and the rebuilding of an index: what they find, mend and leave alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limpyd import fields
from limpyd.audit import Entry, Report
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError, UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, snapshot
from limpyd_testing.models import define
from redis.exceptions import ResponseError


class Bike(RedisModel):
    """A model with an index on a field of each type."""

    abstract = True
    namespace = "shop"

    name = fields.HashableField(unique=True)
    brand = fields.StringField(indexable=True)
    note = fields.StringField()
    colours = fields.SetField(indexable=True)
    owners = fields.ListField(indexable=True)
    prices = fields.SortedSetField(indexable=True)
    parts = fields.HashField(indexable=True)


class Note(RedisModel):
    """A model without an index."""

    abstract = True

    text = fields.StringField()


@pytest.fixture
def bikes(database: RedisDatabase) -> type[Bike]:
    """Two objects, with the pks 1 and 2."""
    model = define(Bike, database)
    model(
        name="one",
        brand="b:x",
        note="n",
        colours=["red", "blue"],
        owners=["ann", "bob", "ann"],
        prices={"old": 1, "new": 2},
        parts={"a": "b:c", "bell": "tin"},
    )
    model(name="two", brand="b:x")
    return model


def faults(report: Report) -> dict[str, Any]:
    """What a report has found, without what it has not."""
    counted = ("model", "keys", "entries", "objects")
    return {name: found for name, found in vars(report).items() if found and name not in counted}


# -- what is right


def test_data_that_limpyd_wrote_is_clean(bikes: type[Bike]) -> None:
    report = bikes.check()
    assert report.is_clean
    assert faults(report) == {}
    assert str(report) == "Bike: clean (keys: 22, index entries: 12, objects: 2)"


def test_a_model_without_objects_is_clean(database: RedisDatabase) -> None:
    assert define(Bike, database).check() == define(Bike, database).repair()
    assert str(define(Bike, database).check()) == "Bike: clean (keys: 0, index entries: 0, objects: 0)"


def test_keys_of_other_models_and_other_clients_are_not_looked_at(
    bikes: type[Bike], database: RedisDatabase
) -> None:
    expected = bikes.check()
    define(Bike, database, "Bikes")(name="other")
    database.connection.set("shop:bikeshed:1:note", "x")
    assert bikes.check() == expected


def test_a_check_changes_nothing(bikes: type[Bike], database: RedisDatabase) -> None:
    database.connection.srem("shop:bike:collection", "1")
    database.connection.sadd("shop:bike:brand:z", "2")
    before = snapshot(database)
    assert not bikes.check().is_clean
    assert snapshot(database) == before


def test_a_batch_is_a_scan_and_a_script(bikes: type[Bike], database: RedisDatabase) -> None:
    with database.trace() as requests:
        bikes.check()
    names = [request.script or request.args[0] for request in requests]
    assert names == ["SSCAN", "check_objects", "SCAN", "check_keys"]


def test_batches_may_be_of_any_size(bikes: type[Bike]) -> None:
    expected = bikes.check()
    for size in (1, 2, 3, 1000):
        report = bikes.check(batch_size=size)
        assert (report.is_clean, report.entries, report.objects) == (True, 12, 2)
        assert report.keys >= expected.keys


def test_progress_is_told_of_each_batch(bikes: type[Bike]) -> None:
    told: list[int] = []
    report = bikes.check(progress=told.append, batch_size=5)
    assert sum(told) == report.keys + report.objects
    assert len(told) > 2


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_of_nothing_is_refused(bikes: type[Bike], size: int) -> None:
    with pytest.raises(ValueError, match=f"batch_size must be 1 or more, not {size}"):
        bikes.check(batch_size=size)


def test_an_unknown_way_with_orphans_is_refused(bikes: type[Bike]) -> None:
    with pytest.raises(ImplementationError, match=r"`orphans` is one of delete, keep, adopt, not 'burn'"):
        bikes.repair(orphans="burn")  # type: ignore[arg-type]


# -- what is wrong: (what is done to Redis, what is found)

Damage = Callable[[Any], Any]

DAMAGES: dict[str, tuple[Damage, dict[str, Any]]] = {
    "a missing entry of a hashable field": (
        lambda redis: redis.delete("shop:bike:name:one"),
        {"missing": (Entry("name", "one", "1"),)},
    ),
    "a missing entry of a string": (
        lambda redis: redis.srem("shop:bike:brand:b:x", "2"),
        {"missing": (Entry("brand", "b:x", "2"),)},
    ),
    "a missing entry of a set": (
        lambda redis: redis.delete("shop:bike:colours:red"),
        {"missing": (Entry("colours", "red", "1"),)},
    ),
    "a missing entry of a list": (
        lambda redis: redis.delete("shop:bike:owners:bob"),
        {"missing": (Entry("owners", "bob", "1"),)},
    ),
    "a missing entry of a sorted set": (
        lambda redis: redis.delete("shop:bike:prices:old"),
        {"missing": (Entry("prices", "old", "1"),)},
    ),
    "a missing entry of a hash": (
        lambda redis: redis.delete("shop:bike:parts:a:b:c"),
        {"missing": (Entry("parts", "a:b:c", "1"),)},
    ),
    "an entry of another value": (
        lambda redis: redis.sadd("shop:bike:brand:z", "2"),
        {"dangling": (Entry("brand", "z", "2"),)},
    ),
    "an entry of an object that never was": (
        lambda redis: redis.sadd("shop:bike:colours:red", "9:9"),
        {"dangling": (Entry("colours", "red", "9:9"),)},
    ),
    "an entry of a field without an index": (
        lambda redis: redis.sadd("shop:bike:note:n", "1"),
        {"dangling": (Entry("note", "n", "1"),)},
    ),
    "an entry of bytes that are no text": (
        lambda redis: redis.sadd(b"shop:bike:brand:\xff\n", b"\x00\xfe"),
        {"dangling": (Entry("brand", "\udcff\n", "\x00\udcfe"),)},
    ),
    "an object that the collection misses": (
        lambda redis: redis.srem("shop:bike:collection", "1"),
        {"without_pk": ("1",)},
    ),
    "a value of no object": (
        lambda redis: redis.set("shop:bike:7:note", "late"),
        {"orphans": ("shop:bike:7:note",)},
    ),
    "an indexed value of no object": (
        lambda redis: redis.hset("shop:bike:7:hash", "name", "late"),
        {"orphans": ("shop:bike:7:hash",)},
    ),
    "repeats of no list": (
        lambda redis: redis.hset("shop:bike:2:owners:__repeats", "#", "1"),
        {"stale": ("shop:bike:2:owners:__repeats",)},
    ),
    "repeats that don't fit": (
        lambda redis: redis.hset("shop:bike:1:owners:__repeats", mapping={"#": "1", "=ann": "5"}),
        {"stale": ("shop:bike:1:owners:__repeats",)},
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found(bikes: type[Bike], database: RedisDatabase, damage: str) -> None:
    do, expected = DAMAGES[damage]
    do(database.connection)
    report = bikes.check()
    assert not report.is_clean
    assert faults(report) == expected


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_mended(bikes: type[Bike], database: RedisDatabase, damage: str) -> None:
    before = snapshot(database)
    do, expected = DAMAGES[damage]
    do(database.connection)
    assert faults(bikes.repair()) == expected
    assert bikes.check().is_clean
    assert snapshot(database) == before


def test_all_damage_at_once_is_mended(bikes: type[Bike], database: RedisDatabase) -> None:
    before = snapshot(database)
    for do, _ in DAMAGES.values():
        do(database.connection)
    for size in (1, 500):
        bikes.repair(batch_size=size)
    assert bikes.check().is_clean
    assert snapshot(database) == before


def test_right_repeats_of_a_long_list_are_no_fault(bikes: type[Bike], database: RedisDatabase) -> None:
    bike = bikes(name="long")
    bike.owners.rpush(*(str(number % 700) for number in range(1400)))
    bike.owners.rpush("x")
    assert database.connection.exists(f"{bike.owners.key}:__repeats")
    assert bikes.check().is_clean
    database.connection.hincrby(f"{bike.owners.key}:__repeats", "=3", 1)
    assert bikes.repair().stale == (f"{bike.owners.key}:__repeats",)
    bike.owners.lrem(0, "3")
    assert bikes.check().is_clean
    assert indexes_in_redis(bikes) == indexes_by_scan(bikes)


def test_an_index_set_of_many_pages_is_looked_at_in_parts(database: RedisDatabase, bikes: type[Bike]) -> None:
    database.connection.sadd("shop:bike:brand:z", *(f"pk{number}" for number in range(3000)))
    with database.trace() as requests:
        report = bikes.check(batch_size=100)
    assert len(report.dangling) == 3000
    assert sum(request.script == "check_keys" for request in requests) > 20
    bikes.repair(batch_size=100)
    assert bikes.check().is_clean


# -- what can't be mended


def test_objects_that_share_a_unique_value_are_found_and_left_alone(
    bikes: type[Bike], database: RedisDatabase
) -> None:
    database.connection.hset("shop:bike:2:hash", "name", "one")
    found = bikes.repair()
    duplicates = {Entry("name", "one", "1"), Entry("name", "one", "2")}
    assert (found.missing, found.dangling) == ((Entry("name", "one", "2"),), (Entry("name", "two", "2"),))
    assert set(found.duplicates) == duplicates
    assert set(bikes.check().duplicates) == duplicates
    bikes(2).name.hset("two")
    assert bikes.check().is_clean


@pytest.mark.parametrize(
    "key", ["shop:bike:1:brand", "shop:bike:1:hash", "shop:bike:brand:b:x", "shop:bike:max_pk"]
)
def test_a_key_of_another_type_is_found_and_left_alone(
    bikes: type[Bike], database: RedisDatabase, key: str
) -> None:
    database.connection.delete(key)
    database.connection.rpush(key, "x")
    before = database.connection.dump(key)
    assert bikes.check().wrong_types == (key,)
    assert bikes.repair().wrong_types == (key,)
    assert database.connection.dump(key) == before


def test_a_collection_of_another_type_is_an_error_of_redis(
    bikes: type[Bike], database: RedisDatabase
) -> None:
    database.connection.delete("shop:bike:collection")
    database.connection.set("shop:bike:collection", "x")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        bikes.check()


def test_keys_of_no_field_are_told_and_are_no_fault(bikes: type[Bike], database: RedisDatabase) -> None:
    unknown = ("shop:bike:1:dropped", "shop:bike:note:text", "shop:bike:what")
    for key in unknown:
        database.connection.set(key, "x")
    before = snapshot(database)
    report = bikes.repair()
    assert report.is_clean
    assert set(report.unknown) == set(unknown)
    assert snapshot(database) == before


# -- objects without a pk


def test_an_object_that_an_index_knows_gets_its_pk_and_all_entries_back(
    bikes: type[Bike], database: RedisDatabase
) -> None:
    before = snapshot(database)
    database.connection.srem("shop:bike:collection", "1")
    database.connection.delete("shop:bike:name:one", "shop:bike:colours:red")
    assert bikes.repair(orphans="delete").without_pk == ("1",)
    assert bikes.check().is_clean
    assert snapshot(database) == before


def test_the_collection_is_made_anew(bikes: type[Bike], database: RedisDatabase) -> None:
    before = snapshot(database)
    database.connection.delete("shop:bike:collection")
    assert set(bikes.repair().without_pk) == {"1", "2"}
    assert snapshot(database) == before


def test_without_an_index_every_value_is_an_object(database: RedisDatabase) -> None:
    notes = define(Note, database)
    note = notes(text="x")
    database.connection.delete(":note:collection")
    assert notes.check().without_pk == ("1",)
    notes.repair()
    assert list(notes.collection()) == ["1"]
    assert note.text.get() == "x"


def test_a_value_written_after_a_deletion_is_an_orphan(bikes: type[Bike], database: RedisDatabase) -> None:
    late = bikes.lazy_connect(2)
    bikes(2).delete()
    late.note.set("late")
    assert bikes.check().orphans == ("shop:bike:2:note",)
    bikes.repair(orphans="keep")
    assert bikes.check().orphans == ("shop:bike:2:note",)
    bikes.repair()
    assert bikes.check().is_clean
    assert not database.connection.exists("shop:bike:2:note")


def test_orphans_can_be_adopted_with_all_that_they_have(bikes: type[Bike], database: RedisDatabase) -> None:
    database.connection.set("shop:bike:a:b:note", "late")
    database.connection.hset("shop:bike:a:b:hash", "name", "lost")
    bikes.repair(orphans="adopt")
    assert bikes.check().is_clean
    assert bikes.get(name="lost").pk.get() == "a:b"


def test_what_looks_like_an_index_and_is_the_value_of_an_object_stays(
    bikes: type[Bike], database: RedisDatabase
) -> None:
    database.connection.sadd("shop:bike:collection", "note:1")
    database.connection.sadd("shop:bike:note:1:colours", "red")
    bikes.repair()
    assert database.connection.smembers("shop:bike:note:1:colours") == {"red"}
    assert bikes.check().is_clean


# -- others at work


def test_what_others_write_meanwhile_is_no_fault(database: RedisDatabase) -> None:
    model = define(Bike, database)
    model.create_many({"name": f"n{number}", "brand": "b"} for number in range(300))
    done = threading.Event()

    def work(first: int) -> None:
        number = first
        while not done.is_set():
            number += 2
            with suppress(DoesNotExist):
                model.lazy_connect(number % 300 + 1).brand.set(f"b{number % 7}")
                model(name=f"w{number}", colours=[str(number % 5)]).delete()

    workers = [threading.Thread(target=work, args=(first,)) for first in range(2)]
    for worker in workers:
        worker.start()
    try:
        reports = [model.check(batch_size=20) for _ in range(10)]
        reports.append(model.repair(batch_size=20))
    finally:
        done.set()
        for worker in workers:
            worker.join()
    assert [str(report) for report in reports if not report.is_clean] == []
    assert model.check().is_clean


_TEXTS = st.text(max_size=4) | st.sampled_from(["a:b", ":", "a:b:c", "hash", "collection", "*", "%s", "\x00"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(data=st.data())
def test_whatever_is_taken_from_the_indexes_or_put_in_is_mended(
    database: RedisDatabase, data: st.DataObject
) -> None:
    connection: Any = database.connection
    connection.flushdb()
    model = define(Bike, database)
    for number in range(data.draw(st.integers(1, 3))):
        model(
            name=f"{number}",
            brand=data.draw(_TEXTS),
            colours=data.draw(st.sets(_TEXTS, max_size=3)),
            owners=data.draw(st.lists(_TEXTS, max_size=3)),
            parts=data.draw(st.dictionaries(_TEXTS, _TEXTS, max_size=2)),
        )
    assert model.check().is_clean
    before = snapshot(database)
    for key in sorted(indexes_in_redis(model)):
        if data.draw(st.booleans()):
            connection.delete(key)
    for field in data.draw(st.lists(st.sampled_from(["brand", "colours", "owners", "parts"]), max_size=3)):
        connection.sadd(f"shop:bike:{field}:{data.draw(_TEXTS)}", data.draw(_TEXTS))
    assert model.check().is_clean == (snapshot(database) == before)
    model.repair()
    assert model.check().is_clean
    assert snapshot(database) == before


# -- the index of one field


def test_an_index_is_built_for_a_field_that_has_got_one(database: RedisDatabase) -> None:
    old = define(Bike, database, brand=fields.StringField(), owners=fields.ListField())
    for number in range(30):
        old(brand=f"b{number % 3}", owners=["x", "x"])
    database.models.remove(old)
    new = define(Bike, database)
    told: list[int] = []
    report = new.get_field("brand").rebuild_indexes(progress=told.append, batch_size=10)
    assert (len(report.missing), report.objects) == (30, 30)
    assert sum(told) == report.objects + report.keys
    assert len(new.collection(brand="b1")) == 10
    assert {entry.field for entry in new.check().missing} == {"owners"}
    new.get_field("owners").rebuild_indexes()
    assert new.check().is_clean


def test_rebuilding_removes_what_is_wrong_of_this_field_alone(
    bikes: type[Bike], database: RedisDatabase
) -> None:
    database.connection.sadd("shop:bike:brand:z", "1")
    database.connection.sadd("shop:bike:colours:z", "1")
    database.connection.set("shop:bike:9:note", "orphan")
    assert bikes.get_field("brand").rebuild_indexes().dangling == (Entry("brand", "z", "1"),)
    assert faults(bikes.check()) == {
        "dangling": (Entry("colours", "z", "1"),),
        "orphans": ("shop:bike:9:note",),
    }


def test_rebuilding_tells_of_values_that_are_not_unique(database: RedisDatabase) -> None:
    plain = type("Bike", (Bike,), {"abstract": True, "name": fields.HashableField()})
    old: Any = define(plain, database)
    for name in ("same", "other", "same"):
        old(name=name)
    database.models.remove(old)
    new = define(Bike, database)
    text = r"Bike.name is unique, and 2 objects share values, such as 'same', which instance [13] has"
    with pytest.raises(UniquenessError, match=text) as caught:
        new.get_field("name").rebuild_indexes()
    assert (caught.value.key, caught.value.value) == ("shop:bike:name:same", "same")
    assert caught.value.pk in ("1", "3")
    assert indexes_in_redis(new) == indexes_by_scan(new)


def test_an_index_can_be_cleared(bikes: type[Bike], database: RedisDatabase) -> None:
    told: list[int] = []
    assert bikes.get_field("brand").clear_indexes(progress=told.append) == 2
    assert sum(told) == 1
    assert not database.connection.exists("shop:bike:brand:b:x")
    assert bikes(1).brand.get() == "b:x"
    assert {entry.field for entry in bikes.check().missing} == {"brand"}


def test_the_index_of_a_field_that_has_none_any_more_can_be_cleared(
    bikes: type[Bike], database: RedisDatabase
) -> None:
    database.models.remove(bikes)
    new = define(Bike, database, colours=fields.SetField())
    assert {entry.field for entry in new.check().dangling} == {"colours"}
    assert new.get_field("colours").clear_indexes() == 2
    assert new.check().is_clean
    assert new(1).colours.smembers() == {"red", "blue"}


def test_a_field_without_an_index_has_none_to_rebuild(bikes: type[Bike]) -> None:
    with pytest.raises(ImplementationError, match=r"Bike.note has no index; `indexable=True` gives it one"):
        bikes.get_field("note").rebuild_indexes()
    with pytest.raises(ImplementationError, match=r"Bike.pk has no index"):
        bikes.get_field("pk").rebuild_indexes()


@pytest.mark.parametrize("method", ["rebuild_indexes", "clear_indexes"])
def test_the_index_of_all_objects_is_no_matter_of_one_of_them(bikes: type[Bike], method: str) -> None:
    text = f"Bike.brand: {method} works on all objects of a model: call it on the field of the class"
    with pytest.raises(ImplementationError, match=text):
        getattr(bikes(1).brand, method)()
    with pytest.raises(ImplementationError, match=r"\?\.\?: "):
        getattr(fields.StringField(), method)()


def test_get_field_gives_the_field_of_the_class(bikes: type[Bike]) -> None:
    assert bikes.get_field("brand") is bikes.brand
    assert bikes.get_field("pk") is bikes.pk
    with pytest.raises(ImplementationError, match=r"Bike has no field 'x'; its fields are: pk, name, brand"):
        bikes.get_field("x")


def test_a_report_says_what_it_found_in_a_few_lines(bikes: type[Bike], database: RedisDatabase) -> None:
    database.connection.sadd("shop:bike:brand:z", *range(7))
    database.connection.set("shop:bike:9:note", "orphan")
    first, *lines = str(bikes.check()).splitlines()
    assert first == "Bike: not clean (keys: 24, index entries: 19, objects: 2)"
    dangling, orphans = lines
    assert dangling.startswith("  dangling: 7 (brand='z' of '")
    assert dangling.endswith(", …)")
    assert dangling.count("brand=") == 5
    assert orphans == "  orphans: 1 (shop:bike:9:note)"
