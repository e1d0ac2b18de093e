"""Deleting objects that others refer to: one request, all or nothing, indexes included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from limpyd import fields
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, snapshot
from limpyd_testing.models import define
from limpyd_testing.server import Server
from redis.exceptions import NoPermissionError

KINDS: dict[str, tuple[type[related.RelatedField[Any]], Any, Any]] = {
    "string": (related.FKStringField, "ybon", None),
    "hashable": (related.FKHashableField, "ybon", None),
    "set": (related.M2MSetField, ["a", "ybon", "b"], {"a", "b"}),
    "list": (related.M2MListField, ["ybon", "a", "ybon", "b", "ybon"], ["a", "b"]),
    "zset": (related.M2MSortedSetField, {"a": 1, "ybon": 2.5, "b": 3}, [("a", 1.0), ("b", 3.0)]),
}
"""Of each kind a field, a value in which ybon is, and what is left of it without him."""


class Person(related.RelatedModel):
    abstract = True

    name = fields.PKField()
    city = fields.HashableField(indexable=True)


def person(database: RedisDatabase) -> Any:
    return define(Person, database)


def model(database: RedisDatabase, name: str, /, **members: Any) -> Any:
    return define(related.RelatedModel, database, name, **members)


def value(field: Any) -> Any:
    """What the field of an object has."""
    read: dict[str, Callable[[], Callable[[], Any]]] = {
        "string": lambda: field.get,
        "hashable": lambda: field.hget,
        "set": lambda: field.smembers,
        "list": lambda: lambda: field.lrange(0, -1),
        "zset": lambda: lambda: field.zrange(0, -1, withscores=True),
    }
    return read[field.kind]()()


def check(database: RedisDatabase) -> None:
    """The indexes of all models are what their data calls for."""
    for each in database.models:
        assert indexes_in_redis(each) == indexes_by_scan(each)


def requests_of_deleting(instance: Any) -> list[str]:
    """The names of the commands that a deletion sends, once its script is known."""
    database = instance.database
    database.connection.script_load(instance._deletion().script.source)
    with database.trace() as requests:
        instance.delete()
    return [str(request.args[0]) for request in requests]


# -- clear


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_object_leaves_every_value_and_index(database: RedisDatabase, kind: str) -> None:
    field, before, after = KINDS[kind]
    target = person(database)
    group = model(database, "Group", other=fields.HashableField(), refs=field("Person"))
    ybon = target(name="ybon", city="Paris")
    groups = [group(refs=before, other=1), group(refs=before), group(other=3)]

    assert requests_of_deleting(ybon) == ["EVALSHA"]

    assert [value(each.refs) for each in groups[:2]] == [after, after]
    assert groups[0].other.hget() == "1"
    assert list(group.collection(refs="ybon")) == []
    assert not target.exists("ybon")
    assert not [key for key in snapshot(database) if "ybon" in key]
    check(database)


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_that_refers_leaves_the_related_collections(database: RedisDatabase, kind: str) -> None:
    field, before, _ = KINDS[kind]
    target = person(database)
    group = model(database, "Group", refs=field("Person"))
    ybon = target(name="ybon")
    one, two = group(refs=before), group(refs=before)

    assert requests_of_deleting(one) == ["EVALSHA"]

    assert list(ybon.group_set().instances()) == [two]
    check(database)


def test_several_relations_between_two_models_are_cleared_together(database: RedisDatabase) -> None:
    target = person(database)
    names = {kind: KINDS[kind][0]("Person", related_name=f"by_{kind}") for kind in KINDS}
    group = model(database, "Group", **{f"a_{kind}": field for kind, field in names.items()})
    ybon = target(name="ybon")
    one = group(**{f"a_{kind}": before for kind, (_, before, _) in KINDS.items()})

    assert requests_of_deleting(ybon) == ["EVALSHA"]

    for kind, (_, _, after) in KINDS.items():
        assert value(getattr(one, f"a_{kind}")) == after
    check(database)


@pytest.mark.parametrize("kind", KINDS)
def test_objects_that_refer_to_themselves_and_to_each_other_can_be_deleted(
    database: RedisDatabase, kind: str
) -> None:
    field = KINDS[kind][0]
    node = define(Person, database, "Node", refs=field("self"))
    pks: Any = {"string": "{}", "hashable": "{}"}.get(kind)

    def refs(*names: str) -> Any:
        if pks is not None:
            return names[0]
        return dict.fromkeys(names, 1) if kind == "zset" else list(names)

    one: Any = node(name="one", city="x", refs=refs("two", "one"))
    two: Any = node(name="two", refs=refs("one", "two"))
    one.delete()
    assert "one" not in (value(two.refs) or ())
    check(database)
    two.delete()
    assert snapshot(database) == {}


def test_a_pk_with_colons_and_bytes_that_are_no_text_is_found(database: RedisDatabase) -> None:
    target = person(database)
    group = model(
        database,
        "Group",
        owner=related.FKHashableField("Person"),
        refs=related.M2MListField("Person", related_name="x"),
    )
    odd: Any = target(name=b"a:b \xff\n*")
    one = group(owner=odd, refs=[odd, "a:b"])
    odd.delete()
    assert (one.owner.hget(), one.refs.lrange(0, -1)) == (None, ["a:b"])
    check(database)


def test_a_pk_that_never_was_an_object_stays(database: RedisDatabase) -> None:
    target = person(database)
    group = model(database, "Group", owner=related.FKHashableField("Person"))
    one = group(owner="nobody")
    target(name="ybon").delete()
    assert one.owner.hget() == "nobody"


def test_a_deleted_object_can_not_be_deleted_again(database: RedisDatabase) -> None:
    target = person(database)
    group = model(database, "Group", owner=related.FKHashableField("Person"))
    ybon = target(name="ybon")
    again: Any = target("ybon")
    ybon.delete()
    one = group(owner="ybon")
    before = snapshot(database)
    with pytest.raises(DoesNotExist, match="Person with pk ybon does not exist"):
        again.delete()
    with pytest.raises(DoesNotExist):
        ybon.delete()
    assert snapshot(database) == before
    assert one.owner.hget() == "ybon"


def test_a_model_that_nothing_points_to_is_deleted_by_core_alone(database: RedisDatabase) -> None:
    group = model(database, "Group", owner=related.FKHashableField("Person"))
    person(database)
    assert group(owner="x")._deletion().script.package == "limpyd.scripts"


def test_a_unique_foreign_key_is_free_again(database: RedisDatabase) -> None:
    target = person(database)
    passport = model(database, "Passport", holder=related.FKHashableField("Person", unique=True))
    ybon = target(name="ybon")
    one = passport(holder=ybon)
    with pytest.raises(UniquenessError):
        passport(holder=ybon)
    ybon.delete()
    passport(holder=target(name="ybon"))
    assert one.holder.hget() is None
    check(database)


def test_a_long_list_keeps_count_of_its_repeats(database: RedisDatabase) -> None:
    target = person(database)
    group = model(database, "Group", refs=related.M2MListField("Person"))
    others = [str(number % 600) for number in range(1200)]
    ybon = target(name="ybon")
    one = group()
    one.refs.rpush(*others, "ybon", "ybon")
    only = group()
    only.refs.rpush(*["ybon"] * 1200)
    ybon.delete()
    assert one.refs.lrange(0, -1) == others
    assert only.refs.exists() is False
    repeats = database.connection.hgetall(":group:1:refs:__repeats")
    assert repeats == {"#": "1", **{f"={number}": "1" for number in range(600)}}
    assert not database.connection.exists(":group:2:refs:__repeats")
    one.refs.lrem(1, "7")
    assert list(group.collection(refs="7")) == ["1"]
    one.refs.lrem(1, "7")
    assert list(group.collection(refs="7")) == []
    check(database)


@pytest.mark.parametrize("kind", KINDS)
def test_more_references_than_lua_passes_arguments(database: RedisDatabase, kind: str) -> None:
    field, before, after = KINDS[kind]
    target = person(database)
    group = model(database, "Group", refs=field("Person"))
    pks = group.create_many({"refs": before} for _ in range(10_000))
    ybon = target(name="ybon")
    assert len(ybon.group_set()) == 10_000
    assert requests_of_deleting(ybon) == ["EVALSHA"]
    assert value(group(pks[-1]).refs) == after
    assert not database.connection.exists(":group:refs:ybon")
    check(database)


# -- cascade


def test_a_cascade_takes_along_what_refers_to_what_it_takes_along(database: RedisDatabase) -> None:
    target = person(database)
    house = model(
        database,
        "House",
        owner=related.FKStringField("Person", on_delete="cascade"),
        color=fields.HashableField(indexable=True),
    )
    room = model(database, "Room", houses=related.M2MSetField("House", on_delete="cascade"))
    lamp = model(database, "Lamp", room=related.FKHashableField("Room"), log=fields.ListField(indexable=True))
    ybon, twidi = target(name="ybon"), target(name="twidi")
    gone, kept = house(owner=ybon, color="red"), house(owner=twidi, color="red")
    gone_room, kept_room = room(houses=[gone, kept]), room(houses=[kept])
    one, two = lamp(room=gone_room, log=["a"]), lamp(room=kept_room)

    assert requests_of_deleting(ybon) == ["EVALSHA"]

    assert list(house.collection().instances()) == [kept]
    assert list(room.collection().instances()) == [kept_room]
    assert (one.room.hget(), two.room.hget()) == (None, kept_room.get_pk())
    assert not database.connection.keys(f":house:{gone.get_pk()}:*")
    check(database)


def test_a_cascade_ends_in_cycles(database: RedisDatabase) -> None:
    node = define(Person, database, "Node", next=related.FKStringField("self", on_delete="cascade"))
    first: Any = node(name="0", next="9")
    for number in range(1, 10):
        node(name=str(number), next=str(number - 1), city="x")
    node(name="other", next="other")
    first.delete()
    assert list(node.collection()) == ["other"]
    check(database)


def test_a_cascade_of_two_models_ends_in_cycles(database: RedisDatabase) -> None:
    one = model(database, "One", two=related.FKStringField("Two", on_delete="cascade"))
    two = model(database, "Two", one=related.FKHashableField("One", on_delete="cascade"))
    a = one(two="1")
    two(one=a)
    a.delete()
    assert set(snapshot(database)) == {":one:max_pk", ":two:max_pk"}


def test_a_long_chain_is_deleted_in_one_request(database: RedisDatabase) -> None:
    node = define(Person, database, "Node", next=related.FKStringField("self", on_delete="cascade"))
    node.create_many({"name": str(number), "next": str(number - 1)} for number in range(5_000))
    assert requests_of_deleting(node("0")) == ["EVALSHA"]
    assert snapshot(database) == {}


def test_a_reference_between_objects_that_go_both_is_no_obstacle(database: RedisDatabase) -> None:
    target = person(database)
    house = model(database, "House", owner=related.FKStringField("Person", on_delete="cascade"))
    key = model(
        database,
        "Key",
        owner=related.FKStringField("Person", on_delete="cascade"),
        house=related.FKStringField("House", on_delete="restrict"),
        spare=related.M2MListField("House", related_name="spares"),
    )
    ybon = target(name="ybon")
    home = house(owner=ybon)
    key(owner=ybon, house=home, spare=[home])
    ybon.delete()
    assert (len(house.collection()), len(key.collection())) == (0, 0)
    check(database)


# -- restrict


def test_a_restricted_deletion_names_the_referrers_and_changes_nothing(database: RedisDatabase) -> None:
    target = person(database)
    invoice = model(database, "Invoice", customer=related.FKHashableField("Person", on_delete="restrict"))
    ybon = target(name="ybon", city="Paris")
    invoice(customer=ybon)
    before = snapshot(database)

    with pytest.raises(related.RestrictedError) as caught:
        ybon.delete()

    assert str(caught.value) == (
        'Person with pk ybon can\'t be deleted while it is referred to with on_delete="restrict": '
        "Invoice(1).customer -> Person(ybon)"
    )
    assert (caught.value.model, caught.value.pk, caught.value.count) == ("Person", "ybon", 1)
    assert caught.value.referrers == (related.Referrer("Invoice", "1", "customer", "Person", "ybon"),)
    assert snapshot(database) == before
    assert ybon.city.hget() == "Paris"


def test_a_restricted_object_can_be_deleted_once_nothing_refers_to_it(database: RedisDatabase) -> None:
    target = person(database)
    invoice = model(database, "Invoice", customer=related.FKHashableField("Person", on_delete="restrict"))
    ybon = target(name="ybon")
    one = invoice(customer=ybon)
    with pytest.raises(related.RestrictedError):
        ybon.delete()
    one.customer.hdel()
    ybon.delete()
    assert list(target.collection()) == []


def test_twenty_referrers_are_named_and_all_are_counted(database: RedisDatabase) -> None:
    target = person(database)
    invoice = model(database, "Invoice", customers=related.M2MSetField("Person", on_delete="restrict"))
    invoice.create_many({"customers": ["ybon"]} for _ in range(9_000))
    with pytest.raises(related.RestrictedError, match=r"and 8980 more$") as caught:
        target(name="ybon").delete()
    assert (caught.value.count, len(caught.value.referrers)) == (9_000, 20)
    assert list(caught.value.referrers) == sorted(caught.value.referrers)


def test_a_restriction_anywhere_in_a_cascade_keeps_all_of_it(database: RedisDatabase) -> None:
    target = person(database)
    house = model(database, "House", owner=related.FKStringField("Person", on_delete="cascade"))
    model(database, "Fan", of=related.M2MListField("Person"))(of=["ybon"])
    lease = model(database, "Lease", house=related.FKStringField("House", on_delete="restrict"))
    ybon = target(name="ybon")
    lease(house=house(owner=ybon))
    before = snapshot(database)
    with pytest.raises(related.RestrictedError, match=re.escape("Lease(1).house -> House(1)")):
        ybon.delete()
    assert snapshot(database) == before


def test_an_object_does_not_restrict_its_own_deletion(database: RedisDatabase) -> None:
    node = define(Person, database, "Node", next=related.FKStringField("self", on_delete="restrict"))
    one: Any = node(name="one", next="one")
    one.delete()
    assert snapshot(database) == {}


# -- all or nothing


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_at_the_last_step_leaves_everything_as_it_was(database: RedisDatabase, kind: str) -> None:
    field, before, _ = KINDS[kind]
    target = person(database)
    group = model(database, "Group", refs=field("Person"))
    broken = model(
        database,
        "Broken",
        owner=related.FKStringField("Person", on_delete="cascade"),
        tags=fields.SetField(indexable=True),
    )
    ybon = target(name="ybon", city="Paris")
    group(refs=before)
    group(refs=before)
    if kind == "list":
        group().refs.rpush(*["ybon", "a"] * 700)
        group().refs.rpush(*["ybon"] * 1200)
    broken(owner=ybon, tags=["x"])
    last = broken(owner=ybon)
    database.connection.set(last.tags.key, "no set")
    whole = snapshot(database)

    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        ybon.delete()

    assert snapshot(database) == whole
    assert ybon.city.hget() == "Paris"


def test_a_value_of_the_wrong_type_leaves_everything_as_it_was(database: RedisDatabase) -> None:
    target = person(database)
    first = model(database, "First", owner=related.FKStringField("Person"))
    group = model(database, "Group", refs=related.M2MSetField("Person"))
    ybon = target(name="ybon")
    first(owner=ybon)
    one = group(refs=[ybon])
    database.connection.set(one.refs.key, "no set")
    whole = snapshot(database)
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        ybon.delete()
    assert snapshot(database) == whole


@pytest.fixture
def own_server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.mark.parametrize(
    "rules",
    [
        ["+@all", "-del"],
        ["+@all", "-hdel"],
        ["+@all", "-srem"],
        ["+@all", "-zrem"],
        ["+@all", "-lrem"],
        ["+@all", "-set"],
        ["+@all", "-hset"],
        ["+@all", "-zadd"],
    ],
    ids=lambda rules: rules[-1],
)
def test_a_user_who_may_not_run_a_command_changes_nothing(own_server: Server, rules: list[str]) -> None:
    database = RedisDatabase.from_url(own_server.url)
    admin: Any = database.connection
    admin.execute_command("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", *rules)
    target = person(database)
    names = {f"a_{kind}": KINDS[kind][0]("Person", related_name=f"by_{kind}") for kind in KINDS}
    group = model(database, "Group", **names)
    ybon = target(name="ybon", city="Paris")
    group(**{f"a_{kind}": before for kind, (_, before, _) in KINDS.items()})
    before = snapshot(database)

    limited = RedisDatabase.from_url(own_server.url, username="limited", password="secret")
    target.use_database(limited)
    group.use_database(limited)
    with pytest.raises(NoPermissionError):
        ybon.delete()
    assert snapshot(database) == before


def test_plain_models_on_the_same_database_are_left_alone(database: RedisDatabase) -> None:
    plain = define(RedisModel, database, "Plain", owner=fields.StringField(indexable=True))
    target = person(database)
    model(database, "Group", owner=related.FKStringField("Person"))
    one: Any = plain(owner="ybon")
    target(name="ybon").delete()
    assert one.owner.get() == "ybon"


def test_a_model_that_is_defined_later_is_taken_along(database: RedisDatabase) -> None:
    target = person(database)
    ybon, twidi = target(name="ybon"), target(name="twidi")
    ybon.delete()
    group = model(database, "Group", owner=related.FKStringField("Person"))
    one = group(owner=twidi)
    twidi.delete()
    assert one.owner.get() is None


def test_indexes_agree_with_data_whoever_writes_meanwhile(database: RedisDatabase) -> None:
    target = person(database)
    group = model(
        database,
        "Group",
        owner=related.FKHashableField("Person", related_name="owned"),
        members=related.M2MListField("Person", related_name="membership"),
    )
    house = model(database, "House", owner=related.FKStringField("Person", on_delete="cascade"))
    groups = [group(owner="ybon") for _ in range(5)]

    def write(number: int) -> None:
        for turn in range(60):
            one = groups[(turn + number) % 5]
            one.owner.hset("ybon" if turn % 2 else "twidi")
            one.members.rpush("ybon", "twidi", "ybon")
            house(owner="ybon")

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, number) for number in range(3)]
        while not all(writer.done() for writer in writers):
            target(name="ybon").delete()
        for writer in writers:
            writer.result()

    check(database)
    target(name="ybon").delete()
    check(database)
    assert {value for one in groups for value in one.members.lrange(0, -1)} == {"twidi"}
    assert list(house.collection()) == []
