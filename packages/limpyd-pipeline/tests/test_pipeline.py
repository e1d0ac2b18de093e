"""Operations inside a pipeline are queued, and `execute` sends them in one round trip."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.database import Deferred, PipelineDatabase
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError, UniquenessError
from limpyd_testing.consistency import snapshot
from limpyd_testing.models import Visitor, define
from redis.exceptions import DataError

# -- the block


@pytest.mark.parametrize("argument", [None, True, 10**5000, [1]], ids=["None", "True", "10^5000", "list"])
def test_a_command_with_an_argument_that_redis_can_not_take_is_not_queued(
    pipelines: PipelineDatabase, argument: Any
) -> None:
    with pipelines.pipeline() as pipe:
        with pytest.raises(DataError, match="Invalid input"):
            pipe.execute_command("SET", "raw", argument)
        assert pipe.execute() == []


def test_names_of_many_persons_come_in_one_request(pipelines: PipelineDatabase) -> None:
    class Person(model.RedisModel):
        database = pipelines
        name = fields.StringField()
        city = fields.StringField(indexable=True)

    Person(name="Jean Dupond", city="Paris")
    Person(name="Francois Martin", city="Paris")
    Person(name="John Smith", city="New York")
    Person(name="John Doe", city="San Franciso")
    Person(name="Paul Durand", city="Paris")

    persons = list(Person.collection(city="Paris").instances())
    with pipelines.trace() as requests, pipelines.pipeline() as pipeline:
        for person in persons:
            person.name.get()
        names = pipeline.execute()
    assert sorted(names) == ["Francois Martin", "Jean Dupond", "Paul Durand"]
    assert len(requests) == 1


def test_a_thousand_creations_are_one_request(pipelines: PipelineDatabase, person: Any) -> None:
    with pipelines.trace() as requests, pipelines.pipeline() as pipe:
        created = [person(name=f"n{n % 10}", email=f"e{n}", city="Paris") for n in range(1000)]
        assert pipe.execute() == [True] * 1000
    assert [p.pk.get() for p in created] == [str(n) for n in range(1, 1001)]
    assert len(person.collection(city="Paris", name="n3")) == 100
    [request] = requests
    assert [part.name for part in request.parts] == ["MULTI", "SCRIPT", *["EVALSHA"] * 1000, "EXEC"]
    assert str(request).startswith("MULTI\nSCRIPT LOAD <create>\nEVALSHA ")


def test_without_a_transaction_there_is_no_multi(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(name="a")
    with pipelines.trace() as requests, pipelines.pipeline(transaction=False) as pipe:
        one.name.hget()
        one.visits.incr()
        assert pipe.execute() == ["a", 1]
    assert [part.name for part in requests[0].parts] == ["HGET", "INCRBY"]


def test_nothing_is_sent_before_execute(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(name="a")
    with pipelines.trace() as requests, pipelines.pipeline() as pipe:
        deferred = one.name.hget()
        assert isinstance(deferred, Deferred)
        assert requests == []
        assert len(pipe) == 1
        pipe.execute()
        assert deferred.value == "a"


def test_values_are_decoded_as_outside(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(name="a", visits=5)
    pipelines.connection.set("raw", "x")
    with pipelines.pipeline() as pipe:
        one.hmget("name", "email")
        one.hgetall()
        one.visits.exists()
        one.visits.incrbyfloat(0.5)
        one.visits.expire(100)
        person.exists(one.pk.get())
        person.exists(name="nobody")
        pipe.execute_command("GET", "raw")
        assert pipe.execute() == [["a", None], {"name": "a"}, True, 5.5, True, True, False, "x"]


def test_binary_replies_stay_bytes_and_texts_are_texts(
    pipelines: PipelineDatabase, person: Any, server_url: str
) -> None:
    one = person(name="a", visits=b"\xff\x00")
    with pipelines.pipeline() as pipe:
        one.visits.dump()
        one.visits.get()
        one.hgetall()
        dump, text, mapping = pipe.execute()
    assert isinstance(dump, bytes)
    assert text == "\udcff\x00"
    assert mapping == {"name": "a"}


def test_a_client_that_does_not_decode_gets_texts_too(server_url: str, database: RedisDatabase) -> None:
    pipelines = PipelineDatabase.from_url(server_url, decode_responses=False)
    person = define(Visitor, pipelines, "Person")
    one: Any = person(name="a", visits=1)
    for transaction in (True, False):
        with pipelines.pipeline(transaction=transaction) as pipe:
            one.visits.dump()
            one.name.hget()
            dump, name = pipe.execute()
        assert isinstance(dump, bytes)
        assert name == "a"
    pipelines.connection.close()


def test_a_second_execute_has_nothing_to_do(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(name="a")
    with pipelines.pipeline() as pipe:
        one.name.hget()
        assert pipe.execute() == ["a"]
        with pipelines.trace() as requests:
            assert pipe.execute() == []
        one.name.hexists()
        assert pipe.execute() == [True]
    assert requests == []


def test_leaving_without_execute_sends_nothing(pipelines: PipelineDatabase, person: Any) -> None:
    with pipelines.trace() as requests, pipelines.pipeline():
        one = person(name="a")
    assert requests == []
    assert repr(one) == "<Person (not created yet)>"


def test_leaving_by_an_exception_sends_nothing(pipelines: PipelineDatabase, person: Any) -> None:
    one = person()
    two = person(name="two")
    before = snapshot(pipelines)
    queued: list[Any] = []

    def fail() -> None:
        with pipelines.pipeline():
            queued.append(one.name.hset("a"))
            two.delete()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert snapshot(pipelines) == before
    with pytest.raises(ImplementationError, match="it was dropped; nothing was sent"):
        bool(queued[0])
    one.name.hset("b")
    assert one.name.hget() == "b"
    assert two.name.hget() == "two"


def test_reset_drops_what_was_queued(pipelines: PipelineDatabase, person: Any) -> None:
    with pipelines.pipeline() as pipe:
        one = person(name="a")
        pipe.reset()
        assert len(pipe) == 0
        assert pipe.execute() == []
    assert not person.collection()
    one.name.hset("b")
    assert person.collection(name="b")[0] == one.pk.get()


def test_the_innermost_pipeline_gets_the_operations(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(name="a", email="e")
    with pipelines.pipeline() as outer:
        one.name.hget()
        with pipelines.pipeline() as inner:
            one.email.hget()
            assert inner.execute() == ["e"]
        one.hlen()
        assert outer.execute() == ["a", 2]


def test_execute_outside_of_the_block_is_refused(pipelines: PipelineDatabase) -> None:
    pipe = pipelines.pipeline()
    with pytest.raises(ImplementationError, match=r"execute\(\) works inside of the pipeline's block"):
        pipe.execute()
    with pipe:
        pass
    with pytest.raises(ImplementationError, match=r"execute\(\) works inside of the pipeline's block"):
        pipe.execute()


def test_one_block_can_t_be_entered_twice_at_once(pipelines: PipelineDatabase) -> None:
    with pipelines.pipeline() as pipe, pytest.raises(ImplementationError, match="open already"):
        pipe.__enter__()


def test_a_model_on_another_database_is_not_queued(
    pipelines: PipelineDatabase, database: RedisDatabase
) -> None:
    class Other(model.RedisModel):
        namespace = "other"
        name = fields.StringField()

        locals()["database"] = database

    with pipelines.pipeline() as pipe:
        assert Other(name="a").name.get() == "a"
        assert len(pipe) == 0


# -- creating and deleting


def test_a_created_object_can_be_used_after_execute(pipelines: PipelineDatabase, person: Any) -> None:
    with pipelines.pipeline() as pipe:
        one = person(name="a")
        for use in (one.pk.get, one.get_pk, one.name.hget, one.delete, lambda: one.visits.set("x")):
            with pytest.raises(ImplementationError, match=r"the creation .* is queued .* tells it its pk"):
                use()
        assert repr(one) == "<Person (not created yet)>"
        assert len(pipe) == 1
        pipe.execute()
        one.name.hget()
        assert pipe.execute() == ["a"]
    assert one.pk.get() == "1"


def test_an_object_created_by_its_first_command_waits_as_well(
    pipelines: PipelineDatabase, person: Any
) -> None:
    one = person()
    with pipelines.pipeline() as pipe:
        one.visits.incr()
        with pytest.raises(ImplementationError, match="the creation of the object is queued"):
            one.visits.incr()
        assert pipe.execute() == [1]
    assert person.collection()[0] == one.pk.get() == "1"


def test_an_object_with_a_given_pk_can_be_used_at_once(pipelines: PipelineDatabase, named: Any) -> None:
    with pipelines.trace() as requests, pipelines.pipeline() as pipe:
        one = named(id="x", name="a")
        assert one.id.get() == "x"
        name = one.name.get()
        one.email.set("e")
        pipe.execute()
    assert name.value == "a"
    assert named.collection(email="e")[0] == "x"
    assert len(requests) == 1


def test_an_object_whose_creation_failed_is_not_created(
    pipelines: PipelineDatabase, named: Any, person: Any
) -> None:
    named(id="x", email="e")
    person(email="e")
    before = snapshot(pipelines)
    with pipelines.pipeline() as pipe:
        same_pk, same_email, other = named(id="x"), named(id="y", email="e"), person(email="e")
        outcomes = pipe.execute(raise_on_error=False)
    assert [type(outcome) for outcome in outcomes] == [UniquenessError] * 3
    assert snapshot(pipelines) == before
    for one in (same_pk, same_email, other):
        assert "not created yet" in repr(one)
    other.name.hset("n")
    assert other.pk.get() == "2"


def test_deleting_waits_too(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(name="a", email="e", city="c")
    with pipelines.pipeline() as pipe:
        one.delete()
        with pytest.raises(ImplementationError, match="the deletion of the object is queued"):
            one.visits.set("x")
        assert pipe.execute() == [None]
    with pytest.raises(DoesNotExist):
        one.name.hget()
    assert list(snapshot(pipelines)) == [":person:max_pk"]


def test_created_and_deleted_in_one_pipeline(pipelines: PipelineDatabase, named: Any) -> None:
    with pipelines.pipeline() as pipe:
        one = named(id="x", email="e")
        one.delete()
        pipe.execute()
    assert repr(one) == "<Named x (deleted)>"
    assert snapshot(pipelines) == {}


def test_deleting_what_is_gone_raises_and_the_object_stays_as_it_was(
    pipelines: PipelineDatabase, person: Any
) -> None:
    ghost = person.lazy_connect(7)
    with pipelines.pipeline() as pipe:
        ghost.delete()
        with pytest.raises(DoesNotExist, match=r"pk 7 does not exist \(operation 1 of 1: delete Person\(7\)"):
            pipe.execute()
    assert repr(ghost) == "<Person 7>"


def test_connecting_is_checked_at_execute(pipelines: PipelineDatabase, person: Any) -> None:
    person(name="a")
    with pipelines.pipeline() as pipe:
        one = person(1)
        name = one.name.hget()
        person(2)
        outcomes = pipe.execute(raise_on_error=False)
    assert outcomes[:2] == [True, "a"]
    assert name == "a"
    assert isinstance(outcomes[2], DoesNotExist)


def test_get_or_connect_tells_at_execute_what_it_did(pipelines: PipelineDatabase, person: Any) -> None:
    person(email="old")
    with pipelines.pipeline() as pipe:
        old, old_created = person.get_or_connect(email="old")
        new, new_created = person.get_or_connect(email="new", defaults={"name": "n"})
        with pytest.raises(ImplementationError, match="the creation of the object is queued"):
            new.pk.get()
        assert pipe.execute() == [False, True]
    assert (old.pk.get(), new.pk.get()) == ("1", "2")
    assert new_created
    assert not old_created


# -- indexes and collections


def test_indexed_fields_are_updated_with_their_indexes(pipelines: PipelineDatabase, person: Any) -> None:
    one = person(name="a", email="e", city="c")
    with pipelines.trace() as requests, pipelines.pipeline() as pipe:
        one.city.set("d")
        one.hmset(name="b", email="f")
        one.city.append("!")
        pipe.execute()
    assert list(person.collection(city="d!", name="b", email="f")) == ["1"]
    assert not person.collection(city="c")
    assert not person.collection(email="e")
    assert len(requests) == 1


def test_collections_are_read_by_fetch_count_and_exists(pipelines: PipelineDatabase, person: Any) -> None:
    for n in range(5):
        person(name="a", city="c", visits=n)
    with pipelines.trace() as requests, pipelines.pipeline() as pipe:
        paris = person.collection(city="c")
        pks = paris.sort(by="visits", desc=True).fetch()
        some = paris.sort(by="visits")[::2].instances().fetch()
        paris.count()
        paris[1:3].count()
        paris.exists()
        paris[7:].exists()
        person.collection(city="c", name="a").count()
        paris[2:2].fetch()
        values = pipe.execute()
    assert values == [list("54321"), [person.lazy_connect(n) for n in (1, 3, 5)], 5, 2, True, False, 5, []]
    assert pks.value == values[0]
    assert some[1].name.hget() == "a"
    assert len(requests) == 1


@pytest.mark.parametrize(
    "look", [list, len, bool, repr, lambda c: c[0], lambda c: "1" in c, lambda c: c.sort()[-1]]
)
def test_looking_into_a_collection_is_refused(pipelines: PipelineDatabase, person: Any, look: Any) -> None:
    with (
        pipelines.pipeline() as pipe,
        pytest.raises(ImplementationError, match=r"is needed at once, .*; queue `collection.fetch\(\)`"),
    ):
        look(person.collection(city="c"))
    assert len(pipe) == 0


def test_a_collection_that_was_read_before_is_looked_into(pipelines: PipelineDatabase, person: Any) -> None:
    person(name="a")
    found = person.collection(name="a")
    assert len(list(found)) == 1
    with pipelines.pipeline():
        assert len(found) == 1


def test_getting_by_a_filter_is_refused(pipelines: PipelineDatabase, person: Any) -> None:
    with pipelines.pipeline(), pytest.raises(ImplementationError, match="is needed at once"):
        person.get(name="a")


def test_create_many_is_refused(pipelines: PipelineDatabase, person: Any) -> None:
    with pipelines.pipeline() as pipe:
        with pytest.raises(
            ImplementationError, match=r"`create_many`.*; call it before or after the pipeline"
        ):
            person.create_many([{"name": "a"}])
        assert len(pipe) == 0
