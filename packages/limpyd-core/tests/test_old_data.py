"""Data that redis-limpyd 2.1.2 wrote opens unchanged: same keys, same types. Here they are made by hand."""

from __future__ import annotations

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.models import define


class Bike(RedisModel):
    abstract = True
    namespace = "shop"

    name = fields.InstanceHashField(unique=True)
    color = fields.InstanceHashField(indexable=True)
    wheels = fields.StringField()
    tags = fields.SetField(indexable=True)
    log = fields.ListField(indexable=True)
    races = fields.SortedSetField(indexable=True)
    parts = fields.HashField(indexable=True)


@pytest.fixture
def bike(database: RedisDatabase) -> type[Bike]:
    connection = database.connection
    connection.sadd("shop:bike:collection", 1)
    connection.set("shop:bike:max_pk", 1)
    connection.hset("shop:bike:1:hash", mapping={"name": "tricycle", "color": "blue"})
    connection.set("shop:bike:1:wheels", 3)
    connection.sadd("shop:bike:1:tags", "old", "red")
    connection.rpush("shop:bike:1:log", "made", "sold", "made")
    connection.zadd("shop:bike:1:races", {"tour": 2.5})
    connection.hset("shop:bike:1:parts", mapping={"bell": "loud"})
    entries = "name:tricycle color:blue tags:old tags:red log:made log:sold races:tour parts:bell:loud"
    for entry in entries.split():
        connection.sadd(f"shop:bike:{entry}", 1)
    return define(Bike, database)


def test_it_is_read(bike: type[Bike]) -> None:
    one = bike(1)
    assert one.hgetall() == {"name": "tricycle", "color": "blue"}
    assert one.wheels.get() == "3"
    assert one.tags.smembers() == {"old", "red"}
    assert one.log.lrange(0, -1) == ["made", "sold", "made"]
    assert one.races.zscore("tour") == 2.5
    assert one.parts.hgetall() == {"bell": "loud"}


def test_it_is_found(bike: type[Bike]) -> None:
    for filters in (
        {"name": "tricycle"},
        {"color": "blue", "tags": "red"},
        {"log": "made", "races": "tour", "parts__bell": "loud"},
    ):
        assert list(bike.collection(**filters)) == ["1"]


def test_it_is_changed_with_its_indexes(bike: type[Bike]) -> None:
    one = bike(1)
    one.hmset(color="green")
    one.tags.srem("red")
    assert one.log.lpop() == "made"
    assert list(bike.collection(log="made")) == ["1"]  # it is in the list once more
    assert one.log.rpop() == "made"
    assert list(bike.collection(log="made")) == []
    assert list(bike.collection(color="blue")) == list(bike.collection(tags="red")) == []
    assert list(bike.collection(color="green", tags="old", log="sold")) == ["1"]


def test_new_objects_go_on_where_it_ends(bike: type[Bike]) -> None:
    assert bike(name="bicycle").get_pk() == "2"
    with pytest.raises(UniquenessError, match="Key shop:bike:name:tricycle already exists"):
        bike(name="tricycle")


def test_it_is_deleted_without_a_trace(bike: type[Bike], database: RedisDatabase) -> None:
    bike(1).delete()
    assert database.connection.keys() == ["shop:bike:max_pk"]


def test_a_check_finds_nothing_wrong_with_it(bike: type[Bike]) -> None:
    assert bike.check().is_clean
