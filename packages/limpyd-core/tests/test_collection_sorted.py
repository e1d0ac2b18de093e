"""Sorted collections: one order on every server and for all pages, for everyone who may read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limpyd import fields
from limpyd.collection import Collection, Source
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd_testing.models import define
from limpyd_testing.server import Server
from redis.exceptions import ReadOnlyError, ResponseError

NO_NUMBER = r"^One or more scores can't be converted into double$"


class Item(RedisModel):
    """Has one value in each place that can be sorted by."""

    abstract = True

    in_hash = fields.HashableField()
    alone = fields.StringField()
    entries = fields.HashField()
    group = fields.HashableField(indexable=True)
    half = fields.HashableField(indexable=True)


BY = ("in_hash", "alone", "entries__value")

FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "one filter": {"group": 1},
    "two filters": {"group": 1, "half": 1},
}

MIXED = ["2", "-1.5", None, "2", "0", "10", "2"] * 3

Values = dict[str, Any]


def fill(model: type[RedisModel], values: list[Any]) -> Values:
    """Make an object for each value (None is a missing one), every other one in both groups; values by pk."""
    rows = [
        {"group": 1, "half": number % 2}
        | ({} if value is None else {"in_hash": value, "alone": value, "entries": {"value": value}})
        for number, value in enumerate(values)
    ]
    return dict(zip(model.create_many(rows), values, strict=True))


def in_order(
    values: Values, filters: dict[str, Any], *, alpha: bool = False, desc: bool = False
) -> list[str]:
    """The pks as Python sorts them."""

    def place(pk: str) -> Any:
        value = values[pk]
        return ((value is not None, value or "") if alpha else float(value or 0)), pk

    pks = list(values)[1::2] if "half" in filters else list(values)
    return sorted(pks, key=place, reverse=desc)


def read_pages(collection: Any, size: int) -> list[str]:
    """All of a collection, page by page."""
    pks: list[str] = []
    while page := list(collection[len(pks) : len(pks) + size]):
        assert len(page) <= size
        pks += page
    return pks


def check_order(model: type[RedisModel], values: Values, size: int, **order: bool) -> None:
    """Compare every way to look at sorted collections with what Python says."""
    for filters in FILTERS.values():
        expected = in_order(values, filters, **order)
        for by in BY:
            collection = model.collection(**filters).sort(by=by, **order)
            assert list(collection[:]) == expected
            assert read_pages(collection, size) == expected
            assert list(collection[-size:]) == expected[-size:]
            assert list(collection[1:-1]) == expected[1:-1]


@pytest.fixture
def item(database: RedisDatabase) -> type[Item]:
    return define(Item, database)


def requests_of(database: RedisDatabase, collection: Any) -> list[str]:
    with database.trace() as requests:
        list(collection)
    return [request.script or request.name for request in requests]


# -- one order

NUMBERS = (
    st.sampled_from([-2, "-2.0", -1.5, 0, "-0", 0.5, 3, "3.0", 10, "1e3", 1000, "inf", "-inf"])
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_subnormal=False)
)
TEXTS = st.sampled_from(["", "a", "b", "a\0", "a\0b"]) | st.text("ab01\0", max_size=3)
ANY_ORDER = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@ANY_ORDER
@given(values=st.lists(st.none() | NUMBERS, max_size=25), size=st.integers(1, 9), desc=st.booleans())
def test_numbers_are_in_python_s_order_whatever_the_pages(
    item: type[Item], values: list[Any], size: int, desc: bool
) -> None:
    item.database.connection.flushdb()
    check_order(item, fill(item, values), size, desc=desc)


@ANY_ORDER
@given(values=st.lists(st.none() | TEXTS, max_size=25), size=st.integers(1, 9), desc=st.booleans())
def test_texts_are_in_python_s_order_whatever_the_pages(
    item: type[Item], values: list[Any], size: int, desc: bool
) -> None:
    item.database.connection.flushdb()
    check_order(item, fill(item, values), size, alpha=True, desc=desc)


@pytest.fixture
def named(database: RedisDatabase) -> type[RedisModel]:
    """A model whose pks are given."""
    key, group = fields.PKField(), fields.StringField(indexable=True)
    return define(RedisModel, database, "Named", key=key, group=group)


@ANY_ORDER
@given(pks=st.sets(TEXTS, max_size=25), size=st.integers(1, 9), desc=st.booleans())
def test_pks_are_in_python_s_order_whatever_the_pages(
    named: type[RedisModel], pks: set[str], size: int, desc: bool
) -> None:
    named.database.connection.flushdb()
    named.create_many({"key": pk, "group": 1} for pk in pks)
    for filters in ({}, {"group": 1}):
        collection = named.collection(**filters).sort(alpha=True, desc=desc)
        assert read_pages(collection, size) == sorted(pks, reverse=desc)


@pytest.mark.parametrize("desc", [False, True])
def test_pks_of_one_number_are_ordered_as_texts(named: type[RedisModel], desc: bool) -> None:
    pks = ["01", "1", "1.0", "1e0", "2"]
    named.create_many({"key": pk} for pk in reversed(pks))
    assert read_pages(named.collection().sort(desc=desc), 2) == sorted(pks, reverse=desc)


@pytest.mark.parametrize("desc", [False, True])
def test_long_runs_of_one_text_are_cut_without_a_gap(item: type[Item], desc: bool) -> None:
    values = fill(item, ["one", "two", "three"] * 30 + ["many"] * 2500)
    for filters in FILTERS.values():
        expected = in_order(values, filters, alpha=True, desc=desc)
        collection = item.collection(**filters).sort(by="in_hash", alpha=True, desc=desc)
        assert read_pages(collection, 400) == expected
        assert read_pages(collection[:60], 7) == expected[:60]


def test_a_page_behind_the_end_is_empty(item: type[Item]) -> None:
    fill(item, ["b", "a", "b"])
    for start in (3, 4, 50):
        assert list(item.collection().sort(by="alone", alpha=True)[start : start + 2]) == []


def test_a_key_of_another_type_counts_as_a_missing_value(item: type[Item], database: RedisDatabase) -> None:
    values = fill(item, [3, 2, 1, 4, 0, 5])
    database.connection.delete(":item:2:alone", ":item:2:hash")
    database.connection.lpush(":item:2:alone", "x")
    database.connection.lpush(":item:2:hash", "x")
    values["2"] = None
    for alpha in (False, True):
        for by in ("alone", "in_hash"):
            for filters in FILTERS.values():
                texts = {pk: value if value is None else str(value) for pk, value in values.items()}
                expected = in_order(texts, filters, alpha=alpha)
                assert read_pages(item.collection(**filters).sort(by=by, alpha=alpha), 2) == expected


@pytest.mark.parametrize("kind", ["list", "zset"])
@pytest.mark.parametrize("filters", [{}, {"group": 1}, {"group": 1, "pk": 2}])
def test_lists_and_sorted_sets_are_sorted(item: type[Item], kind: str, filters: dict[str, Any]) -> None:
    fill(item, ["b", "a", "b", None, "a"])
    pks = ["3", "1", "5", "4", "2"]
    if kind == "list":
        pks += ["1", "1", "2"]
        item.database.connection.rpush(f"{item._key}:pks", *pks)
    else:
        item.database.connection.zadd(f"{item._key}:pks", {pk: score for score, pk in enumerate(pks)})
    expected = [pk for each in "42513" for pk in pks if pk == each and ("pk" not in filters or pk == "2")]

    def collection(desc: bool) -> Any:
        found: Collection[Any, str] = Collection(item, filters, Source(f"{item._key}:pks", kind))
        return found.sort(by="in_hash", alpha=True, desc=desc)

    assert list(collection(False)) == expected
    assert read_pages(collection(False), 2) == expected
    assert read_pages(collection(True), 3) == expected[::-1]


# -- values that are no numbers


@pytest.mark.parametrize("value", ["x", "1x", "1 ", "nan", " "])
@pytest.mark.parametrize("filters", FILTERS)
def test_a_value_that_is_no_number_is_redis_s_error(item: type[Item], value: str, filters: str) -> None:
    fill(item, [1, value, 2, value])
    for by in BY:
        for cut in (slice(None), slice(0, 2), slice(-2, None)):
            with pytest.raises(ResponseError, match=NO_NUMBER):
                list(item.collection(**FILTERS[filters]).sort(by=by)[cut])
    assert item.database.connection.exists(":item:__scratch") == 0


def test_values_outside_of_a_filter_are_not_looked_at(item: type[Item]) -> None:
    fill(item, ["no number", 2, "no number", 1])
    assert list(item.collection(group=1, half=1).sort(by="in_hash")) == ["4", "2"]


# -- one request


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("alpha", [False, True])
def test_each_page_is_one_request(
    item: type[Item], database: RedisDatabase, filters: str, alpha: bool
) -> None:
    fill(item, [1, 1, 1, 2, 2, 2] * 5)
    list(item.collection().sort())  # whether there is SORT_RO is found out once
    for cut in (slice(None), slice(0, 3), slice(4, 6), slice(-3, -1)):
        collection = item.collection(**FILTERS[filters]).sort(by="in_hash", alpha=alpha)[cut]
        assert len(requests_of(database, collection)) == 1


# -- a user with few rights


@pytest.fixture
def user(item: type[Item], server_url: str) -> Iterator[type[Item]]:
    """The model for a user who may do anything, on this model's keys alone."""
    connection = item.database.connection
    connection.acl_setuser("limited", enabled=True, nopass=True, keys=[":item:*"], categories=["+@all"])
    protocol = int(os.environ.get("LIMPYD_PROTOCOL", "3"))
    database = RedisDatabase.from_url(server_url, username="limited", password="any", protocol=protocol)
    yield define(Item, database)
    database.connection.close()
    connection.acl_deluser("limited")


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("desc", [False, True])
def test_a_user_of_the_model_s_keys_alone_sorts(
    item: type[Item], user: type[Item], alpha: bool, desc: bool
) -> None:
    check_order(user, fill(item, MIXED), 4, alpha=alpha, desc=desc)


def test_a_user_of_the_model_s_keys_alone_sorts_by_one_request(item: type[Item], user: type[Item]) -> None:
    fill(item, [3, 1, 2, 5])
    list(user.collection().sort(by="in_hash"))  # whether SORT_RO can be used is found out once
    for filters in FILTERS.values():
        assert requests_of(user.database, user.collection(**filters).sort(by="in_hash")[:3]) == ["collect"]
    assert len(requests_of(user.database, user.collection().sort()[:3])) == 1


def test_a_user_of_the_model_s_keys_alone_gets_redis_s_error(item: type[Item], user: type[Item]) -> None:
    fill(item, [3, "x", 1, "x"])
    for filters in FILTERS.values():
        with pytest.raises(ResponseError, match=NO_NUMBER):
            list(user.collection(**filters).sort(by="in_hash")[:3])


def test_a_user_who_may_write_nothing_sorts(item: type[Item], user: type[Item]) -> None:
    by_pk = fill(item, [3, 1, None, 1, 1, 2])
    rights = ["-@write", "-sort"]
    item.database.connection.acl_setuser("limited", enabled=True, commands=rights, categories=["+@read"])
    check_order(user, by_pk, 2)


def test_a_user_who_may_not_read_the_values_can_not_sort(item: type[Item], user: type[Item]) -> None:
    fill(item, [3, 1, 1, 2])
    item.database.connection.acl_setuser("limited", enabled=True, commands=["-sort", "-hget"])
    with pytest.raises(ResponseError, match="no permissions to run the 'HGET' command"):
        list(user.collection().sort(by="in_hash"))


# -- a replica


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[RedisDatabase, RedisDatabase]]:
    """A server and its replica, which refuses writes."""
    protocol = int(os.environ.get("LIMPYD_PROTOCOL", "3"))
    with Server(tcp=True, repl_diskless_sync_delay="0") as master, Server() as replica:
        first = RedisDatabase.from_url(master.url, protocol=protocol)
        second = RedisDatabase.from_url(replica.url, protocol=protocol)
        second.connection.replicaof("127.0.0.1", master.port)
        deadline = time.monotonic() + 30
        while second.connection.info("replication")["master_link_status"] != "up":
            assert time.monotonic() < deadline, "the replica did not find its master"
            time.sleep(0.02)
        yield first, second
        first.connection.close()
        second.connection.close()


@pytest.fixture
def written(pair: tuple[RedisDatabase, RedisDatabase]) -> type[Item]:
    """The model on the server that is written to."""
    pair[0].connection.flushdb()
    return define(Item, RedisDatabase(connection=pair[0].connection))


@pytest.fixture
def copied(pair: tuple[RedisDatabase, RedisDatabase]) -> type[Item]:
    """The model on the replica."""
    return define(Item, RedisDatabase(connection=pair[1].connection))


def fill_both(written: type[Item], values: list[Any]) -> Values:
    by_pk = fill(written, values)
    assert written.database.connection.wait(1, 30_000) == 1
    return by_pk


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("desc", [False, True])
def test_a_replica_sorts(written: type[Item], copied: type[Item], alpha: bool, desc: bool) -> None:
    check_order(copied, fill_both(written, MIXED), 4, alpha=alpha, desc=desc)


def test_a_replica_sorts_by_one_request(written: type[Item], copied: type[Item]) -> None:
    fill_both(written, [3, 1, 2, 2, 1])
    for filters in FILTERS.values():
        for collection in (
            copied.collection(**filters).sort(),
            copied.collection(**filters).sort(by="alone"),
        ):
            list(collection[:2])  # loads the script, and finds out whether there is SORT_RO
            assert len(requests_of(copied.database, collection[:3])) == 1


def test_a_replica_gives_redis_s_error_for_what_is_no_number(written: type[Item], copied: type[Item]) -> None:
    fill_both(written, [3, "x", 2, "x"])
    for filters in FILTERS.values():
        with pytest.raises(ResponseError, match=NO_NUMBER):
            list(copied.collection(**filters).sort(by="in_hash")[:3])


def test_a_replica_reads_collections_and_refuses_writes(written: type[Item], copied: type[Item]) -> None:
    fill_both(written, [3, 1, 2, 5])
    for both in (copied.collection(group=1, half=1) for _ in range(2)):
        assert len(both) == 2
        assert both
        assert "1" not in both
        assert set(both) == {"2", "4"}
    assert list(copied.collection(pk=2, half=1).sort(by="alone")) == ["2"]
    assert len(list(copied.collection()[:3])) == 3
    with pytest.raises(ReadOnlyError):
        copied(group=1)
    assert copied.database.connection.keys("*__scratch") == []
