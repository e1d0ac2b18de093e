"""Many objects are created in chunks, each in one round trip, each row for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError, UniquenessError
from redis.exceptions import DataError, ResponseError


@pytest.fixture
def person(database: RedisDatabase) -> Any:
    counter = iter(range(100_000))

    class Person(model.RedisModel):
        name = fields.HashableField(indexable=True)
        visits = fields.StringField(default=0)
        email = fields.HashableField(unique=True)
        city = fields.StringField(indexable=True)
        serial = fields.HashableField(default=lambda: next(counter))

        locals()["database"] = database

    return Person


@pytest.fixture
def named(database: RedisDatabase) -> Any:
    class Named(model.RedisModel):
        id = fields.PKField()
        name = fields.StringField(unique=True)

        locals()["database"] = database

    return Named


def contents(database: RedisDatabase) -> dict[str, Any]:
    client = database.connection
    return {str(key): client.dump(key) for key in client.scan_iter()}


def test_it_returns_the_pks_in_the_order_of_the_rows(person: Any) -> None:
    pks = person.create_many({"name": f"n{n}"} for n in range(120))
    assert pks == [str(n) for n in range(1, 121)]
    assert [person(pk).name.hget() for pk in ("1", "60", "120")] == ["n0", "n59", "n119"]


def test_objects_are_the_same_as_those_created_one_by_one(database: RedisDatabase, named: Any) -> None:
    class Thing(model.RedisModel):
        text = fields.StringField(indexable=True)
        entry = fields.HashableField(unique=True)
        other = fields.HashableField(default="x", indexable=True)

        locals()["database"] = database

    rows: list[dict[str, Any]] = [
        {"text": "a", "entry": "1"},
        {"entry": "2", "other": "y"},
        {},
        {"text": b"b", "entry": 2.5},
    ]
    for row in rows:
        Thing()._create(row)
    one_by_one = contents(database)
    database.connection.flushdb()
    Thing.create_many(rows)
    assert contents(database) == one_by_one


def test_each_chunk_is_one_round_trip(database: RedisDatabase, person: Any) -> None:
    with database.trace() as requests:
        person.create_many(({"name": "n"} for _ in range(250)), chunk_size=100)
    assert [[part.name for part in request.parts] for request in requests] == [
        ["SCRIPT", "EVALSHA", "EVALSHA"],
        ["SCRIPT", "EVALSHA", "EVALSHA"],
        ["SCRIPT", "EVALSHA"],
    ]
    assert len(person.collection(name="n")) == 250


def test_no_rows_send_nothing(database: RedisDatabase, person: Any) -> None:
    with database.trace() as requests:
        assert person.create_many([]) == []
    assert requests == []


def test_rows_are_read_chunk_by_chunk_and_progress_is_told(person: Any) -> None:
    told: list[int] = []
    read = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal read
        for n in range(25):
            assert read - sum(told) < 10
            read += 1
            yield {"name": n}

    person.create_many(rows(), chunk_size=10, progress=told.append)
    assert told == [10, 10, 5]


def test_defaults_are_taken_for_each_object(person: Any) -> None:
    person.create_many([{}, {"visits": 5}])
    assert [person(1).visits.get(), person(2).visits.get()] == ["0", "5"]
    assert [person(1).serial.hget(), person(2).serial.hget()] == ["0", "1"]


def test_given_pks_are_taken(named: Any) -> None:
    assert named.create_many([{"id": "x", "name": "a"}, {"pk": 7, "name": "b"}]) == ["x", "7"]
    assert list(named.collection(name="b")) == ["7"]


def test_the_error_names_the_row_and_the_others_of_its_chunk_are_created(person: Any) -> None:
    person(email="e7")
    with pytest.raises(UniquenessError) as caught:
        person.create_many(({"email": f"e{n}"} for n in range(25)), chunk_size=10)
    assert str(caught.value) == "Key :person:email:e7 already exists (for instance 1) (row 7)"
    assert caught.value.pk == "1"
    assert len(person.collection()) == 10
    assert person.exists(email="e9")
    assert not person.exists(email="e10")


def test_two_rows_with_one_unique_value_collide(named: Any) -> None:
    with pytest.raises(UniquenessError, match=r"Named with pk x already exists; .* \(row 2\)"):
        named.create_many([{"id": "x"}, {"id": "y"}, {"id": "x"}])


def test_errors_stand_in_the_list_if_asked_to(person: Any) -> None:
    pk, error, other = person.create_many(
        [{"email": "e"}, {"email": "e"}, {"email": "f"}], raise_on_error=False
    )
    assert (pk, other) == ("1", "2")
    assert isinstance(error, UniquenessError)


def test_a_row_that_failed_leaves_nothing(database: RedisDatabase, person: Any) -> None:
    database.connection.set(":person:2:city", "x")
    database.connection.lpush(":person:city:Rome", "in the way")
    person.create_many([{"name": "a"}])
    before = contents(database)
    [error] = person.create_many([{"name": "a", "email": "e", "city": "Rome"}], raise_on_error=False)
    assert isinstance(error, ResponseError)
    assert "WRONGTYPE" in str(error)
    assert "(row 0)" in str(error)
    after = contents(database)
    after.setdefault(":person:2:city", before[":person:2:city"])
    assert after == before


@pytest.mark.parametrize(
    ("row", "error", "text"),
    [
        ({"nam": "x"}, ImplementationError, r"has no field 'nam'; .* \(row 11\)"),
        ({"pk": 3}, ImplementationError, r"is counted by Redis .* \(row 11\)"),
        ({"name": None}, DataError, r"NoneType.* \(row 11\)"),
    ],
)
def test_a_row_that_can_t_be_is_found_before_its_chunk_is_sent(
    person: Any, row: dict[str, Any], error: type[Exception], text: str
) -> None:
    rows = [{"name": "a"}] * 11 + [row] + [{"name": "a"}]
    with pytest.raises(error, match=text):
        person.create_many(rows, chunk_size=10)
    assert len(person.collection()) == 10


def test_a_row_needs_a_pk_where_none_is_counted(named: Any) -> None:
    with pytest.raises(ImplementationError, match=r"Named needs a pk: .* \(row 1\)"):
        named.create_many([{"id": "x"}, {"name": "a"}])
    assert len(named.collection()) == 0


@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (-1, ValueError), ("5", TypeError)])
def test_the_size_of_a_chunk_is_checked(person: Any, size: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="chunk_size must be"):
        person.create_many([], chunk_size=size)


def test_rows_that_are_no_mappings_are_refused(person: Any) -> None:
    with pytest.raises(TypeError, match=r"row 0"):
        person.create_many([5])


def test_scripts_are_loaded_with_each_chunk(database: RedisDatabase, person: Any) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        for n in range(4):
            database.connection.script_flush()
            yield {"name": n}

    assert person.create_many(rows(), chunk_size=1) == ["1", "2", "3", "4"]
