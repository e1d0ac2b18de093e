"""Collections: lazy, one request each, and in every other way like a list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limpyd import fields
from limpyd.collection import Collection, Source
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.models import define
from redis.exceptions import ResponseError


class Person(RedisModel):
    """The document's example."""

    abstract = True

    firstname = fields.HashableField(indexable=True)
    lastname = fields.HashableField(indexable=True)
    birth_year = fields.HashableField(indexable=True)
    note = fields.StringField()

    def __repr__(self) -> str:
        values = self.hmget("firstname", "lastname", "birth_year")
        return "<[{}] {} {} ({})>".format(self.get_pk(), *values)


@pytest.fixture
def person(database: RedisDatabase) -> type[Person]:
    model = define(Person, database)
    model(firstname="John", lastname="Smith", birth_year=1960, note="b")
    model(firstname="John", lastname="Doe", birth_year=1965, note="a")
    model(firstname="Emily", lastname="Smith", birth_year=1950, note="d")
    model(firstname="Susan", lastname="Doe", birth_year=1960, note="c")
    for warm_up in (model.collection(firstname="John", lastname="Doe"), model.collection()):
        list(warm_up.sort())
        len(warm_up)
    return model


def requests_of(database: RedisDatabase, look: Any) -> list[str]:
    with database.trace() as requests:
        look()
    return [request.script or request.name for request in requests]


# -- filters


def test_without_filters_it_is_all_objects(person: type[Person]) -> None:
    assert list(person.collection()) == ["1", "2", "3", "4"]


def test_filters_are_anded(person: type[Person]) -> None:
    assert list(person.collection(firstname="John")) == ["1", "2"]
    assert list(person.collection(firstname="john", lastname="Smith")) == []
    assert list(person.collection(birth_year=1965)) == ["2"]
    assert list(person.collection(birth_year=1960, lastname="Smith")) == ["1"]


def test_filters_on_the_pk(person: type[Person]) -> None:
    assert list(person.collection(pk=3)) == ["3"]
    assert list(person.collection(pk=9)) == []
    assert list(person.collection(pk=1, firstname="John")) == ["1"]
    assert list(person.collection(pk=3, firstname="John")) == []
    assert len(person.collection(pk=1, firstname="John")) == 1


def test_filters_that_can_not_be_are_refused_before_anything_is_sent(
    person: type[Person], database: RedisDatabase
) -> None:
    with database.trace() as requests:
        with pytest.raises(
            ImplementationError, match=r"Person has no field 'name'; its fields are: pk, first"
        ):
            person.collection(name="x")
        with pytest.raises(
            ImplementationError, match=r"Person\.note has no index; `indexable=True` gives it one"
        ):
            person.collection(note="x")
        with pytest.raises(ImplementationError, match=r"Person\.firstname: .* no part 'x'"):
            person.collection(firstname__x="x")
    assert requests == []


def test_two_filters_on_the_pk_are_refused(database: RedisDatabase) -> None:
    model = define(RedisModel, database, "Model", id=fields.AutoPKField())
    with pytest.raises(ImplementationError, match="Model: two filters on the pk"):
        model.collection(id=1, pk=1)


# -- order


def test_sorting_is_numeric_unless_alpha(person: type[Person]) -> None:
    assert list(person.collection().sort(by="birth_year")) == ["3", "1", "4", "2"]
    assert list(person.collection(firstname="John").sort(by="lastname", alpha=True)) == ["2", "1"]
    with pytest.raises(ResponseError, match="converted into double"):
        list(person.collection().sort(by="lastname"))


def test_sorting_descends_by_a_minus_or_by_desc(person: type[Person]) -> None:
    expected = ["2", "4", "1", "3"]
    assert list(person.collection().sort(by="-birth_year")) == expected
    assert list(person.collection().sort(by="birth_year", desc=True)) == expected


def test_sorting_by_a_string_field_and_by_the_field_itself(person: type[Person]) -> None:
    assert list(person.collection().sort(by="note", alpha=True)) == ["2", "1", "4", "3"]
    assert list(person.collection().sort(by=person.note, alpha=True)) == ["2", "1", "4", "3"]


def test_sorting_by_the_pk(person: type[Person]) -> None:
    for collection in (person.collection().sort(desc=True), person.collection().sort(by="-pk")):
        assert list(collection) == ["4", "3", "2", "1"]


def test_sorting_an_intersection(person: type[Person], database: RedisDatabase) -> None:
    person(firstname="John", lastname="Doe", birth_year=1901)
    both = person.collection(firstname="John", lastname="Doe")
    assert list(both.sort(by="birth_year")) == ["5", "2"]
    assert list(both.sort(by="birth_year")[:1]) == ["5"]
    assert list(person.collection(pk=2, lastname="Doe").sort(by="birth_year")) == ["2"]
    assert database.connection.exists(":person:__scratch") == 0


def test_a_sort_that_fails_leaves_no_scratch_key(person: type[Person], database: RedisDatabase) -> None:
    with pytest.raises(ResponseError, match="converted into double"):
        list(person.collection(firstname="John", birth_year=1960).sort(by="lastname"))
    assert database.connection.exists(":person:__scratch") == 0


def test_objects_without_a_value_sort_first(person: type[Person]) -> None:
    person(firstname="Nobody")
    assert person.collection().sort(by="birth_year")[0] == "5"
    assert person.collection().sort(by="note", alpha=True)[0] == "5"


@pytest.mark.parametrize("by", ["nothing", "firstname__x", "-nothing"])
def test_sorting_by_what_can_not_be_is_refused(
    person: type[Person], database: RedisDatabase, by: str
) -> None:
    with database.trace() as requests, pytest.raises(ImplementationError, match="Person"):
        person.collection().sort(by=by)
    assert requests == []


def test_an_order_that_is_no_field_is_a_type_error(person: type[Person]) -> None:
    by: Any = 5
    with pytest.raises(TypeError, match="by must be a field or the name of one, not int"):
        person.collection().sort(by=by)


def test_a_slice_can_not_be_sorted(person: type[Person]) -> None:
    with pytest.raises(ImplementationError, match="sort first, then slice"):
        person.collection()[:2].sort()


# -- instances


def test_instances_are_connected_without_a_request(person: type[Person], database: RedisDatabase) -> None:
    with database.trace() as requests:
        johns = list(person.collection(firstname="John").instances())
    assert len(requests) == 1
    assert johns == [person.lazy_connect(1), person.lazy_connect(2)]


def test_the_document_s_examples_of_chaining(person: type[Person]) -> None:
    johns = person.collection(firstname="John")
    assert repr(johns) == "['1', '2']"
    assert repr(johns.instances()) == "[<[1] John Smith (1960)>, <[2] John Doe (1965)>]"
    in_order = "[<[2] John Doe (1965)>, <[1] John Smith (1960)>]"
    assert repr(johns.instances().sort(by="lastname", alpha=True)) == in_order
    assert repr(johns.sort(by="lastname", alpha=True).instances()) == in_order
    assert repr(johns.sort(by="lastname", alpha=True).instances()[0]) == "<[2] John Doe (1965)>"
    assert repr(johns[1:2]) == "['2']"
    assert repr(johns.sort(by="lastname", alpha=True)[1:2]) == "['1']"


# -- laziness


def test_describing_sends_nothing(person: type[Person], database: RedisDatabase) -> None:
    def describe() -> None:
        person.collection(firstname="John").sort(by="lastname", alpha=True).instances()[1:2]

    assert requests_of(database, describe) == []


def test_reading_twice_asks_once(person: type[Person], database: RedisDatabase) -> None:
    johns = person.collection(firstname="John")

    def look() -> None:
        assert list(johns) == ["1", "2"]
        assert len(johns) == 2
        assert johns
        assert "1" in johns
        assert johns[0] == "1"
        assert list(johns[:1]) == ["1"]
        assert list(johns.instances())
        assert repr(johns) == "['1', '2']"

    assert requests_of(database, look) == ["SMEMBERS"]


def test_a_collection_is_never_changed(person: type[Person]) -> None:
    johns = person.collection(firstname="John")
    list(johns)
    assert list(johns.sort(by="lastname", alpha=True)) == ["2", "1"]
    assert list(johns) == ["1", "2"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [({}, "SCARD"), ({"firstname": "John"}, "SCARD"), ({"firstname": "John", "birth_year": 1960}, None)],
)
def test_counting_transfers_no_pks(
    person: type[Person], database: RedisDatabase, filters: dict[str, Any], expected: str | None
) -> None:
    (name,) = requests_of(database, lambda: len(person.collection(**filters)))
    assert name == expected if expected else name in {"SINTERCARD", "collect"}


def test_membership_transfers_no_pks(person: type[Person], database: RedisDatabase) -> None:
    def look() -> None:
        assert "1" in person.collection(firstname="John")
        assert 3 not in person.collection(firstname="John")
        assert person.lazy_connect(1) in person.collection(firstname="John", birth_year=1960)
        assert person.lazy_connect(2) not in person.collection(firstname="John", birth_year=1960)
        assert "1" in person.collection(pk=1, firstname="John")
        assert "2" not in person.collection(pk=1, firstname="John")

    assert len(requests_of(database, look)) == 5  # a pk that no filter allows needs no request
    assert None not in person.collection()
    assert object() not in person.collection()


def test_truth_asks_for_existence_alone(person: type[Person], database: RedisDatabase) -> None:
    assert requests_of(database, lambda: bool(person.collection())) == ["EXISTS"]
    assert person.collection(firstname="John", lastname="Doe")
    assert not person.collection(firstname="Emily", lastname="Doe")
    assert not person.collection(firstname="Nobody")
    assert not person.collection(pk=9)
    assert not person.collection()[10:]


def test_a_page_is_cut_by_the_server(person: type[Person], database: RedisDatabase) -> None:
    with database.trace() as requests:
        assert list(person.collection().sort(by="birth_year")[1:3]) == ["1", "4"]
    assert len(requests) == 1
    assert requests[0].args[-3:] == ("LIMIT", 1, 2) or requests[0].script == "collect"


def test_repr_shows_twenty_and_asks_for_no_more(database: RedisDatabase) -> None:
    model = define(RedisModel, database, "Model", x=fields.StringField())
    for x in range(30):
        model(x=x)
    text = repr(model.collection().sort())
    assert text.startswith("['1', '2', ")
    assert text.endswith("'20', ...(remaining elements cut)...]")


# -- slices

BOUNDS = st.none() | st.integers(-12, 12)
STEPS = st.sampled_from([None, 1, 2, 3, -1, -2, -3])
SLICES = st.builds(slice, BOUNDS, BOUNDS, STEPS)


COLLECTIONS: dict[str, Callable[[Any], Any]] = {
    "all": lambda model: model.collection(),
    "one filter": lambda model: model.collection(odd=1),
    "two filters": lambda model: model.collection(odd=1, small=1),
    "a pk": lambda model: model.collection(pk=3, odd=0),
    "sorted": lambda model: model.collection().sort(by="-n"),
    "two filters, sorted": lambda model: model.collection(odd=1, small=1).sort(by="n"),
}


@pytest.mark.parametrize("kind", COLLECTIONS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cuts=st.lists(SLICES, min_size=1, max_size=3), index=st.integers(-12, 12))
def test_slices_and_indexes_are_those_of_a_list(
    numbered: Any, kind: str, cuts: list[slice], index: int
) -> None:
    collection = COLLECTIONS[kind](numbered)
    expected = list(COLLECTIONS[kind](numbered))
    for cut in cuts:
        collection, expected = collection[cut], expected[cut]
    assert len(collection) == len(expected)
    assert bool(collection) is bool(expected)
    for pk in ("1", "3"):
        assert (pk in collection) is (pk in expected)
    try:
        item = expected[index]
    except IndexError:
        with pytest.raises(IndexError, match="has no index"):
            collection[index]
    else:
        assert collection[index] == item
    assert list(collection) == expected


@pytest.fixture
def numbered(database: RedisDatabase) -> Any:
    members = {name: fields.HashableField(indexable=True) for name in ("n", "odd", "small")}
    model = define(RedisModel, database, "Numbered", **members)
    for n in range(10):
        model(n=n, odd=n % 2, small=int(n < 8))
    return model


@pytest.mark.parametrize("far", [2**63, 10**30, 10**5000], ids=["2^63", "10^30", "10^5000"])
def test_slices_may_reach_far_beyond_the_end(numbered: Any, far: int) -> None:
    for collect in COLLECTIONS.values():
        pks = list(collect(numbered))
        assert list(collect(numbered)[-far:far]) == pks
        assert list(collect(numbered)[far:]) == []
        assert list(collect(numbered)[::far]) == pks[:1]
        with pytest.raises(IndexError, match="has no index"):
            collect(numbered)[far]


def test_what_is_no_slice_is_refused_before_anything_is_sent(
    person: type[Person], database: RedisDatabase
) -> None:
    with database.trace() as requests:
        for bound in ("1", 1.0):
            for cut in (slice(bound, None), slice(None, bound), slice(None, None, bound)):
                with pytest.raises(TypeError):
                    person.collection()[1:][cut]
        with pytest.raises(ValueError, match="step cannot be zero"):
            person.collection()[1:][::0]
    assert requests == []


def test_a_slice_of_an_empty_window_sends_nothing(person: type[Person], database: RedisDatabase) -> None:
    assert requests_of(database, lambda: list(person.collection()[3:1])) == []


def test_a_step_of_zero_is_a_value_error(person: type[Person]) -> None:
    with pytest.raises(ValueError, match="step cannot be zero"):
        person.collection()[::0]


@pytest.mark.parametrize("look", [list, len, bool, lambda c: c[0], lambda c: "3" in c, repr])
def test_every_look_is_one_request(numbered: Any, database: RedisDatabase, look: Any) -> None:
    list(numbered.collection()[:1])  # what the server doesn't know is found out once
    len(numbered.collection(odd=1, small=1))
    for describe in COLLECTIONS.values():
        for cut in (slice(None), slice(1, -1), slice(None, None, -2)):
            if len(describe(numbered)[cut]):
                looked = describe(numbered)[cut]
                assert len(requests_of(database, partial(look, looked))) == 1


# -- other sources, and managers


def test_a_source_gives_its_order(numbered: Any, database: RedisDatabase) -> None:
    list_key, zset_key = (f"{numbered._key}:source:{kind}" for kind in ("list", "zset"))
    a_list, a_zset = Source(list_key, "list"), Source(zset_key, "zset")
    database.connection.rpush(list_key, "4", "2", "4", "99", "1")
    database.connection.zadd(zset_key, {"4": 1, "2": 3, "1": 2})
    in_list: Collection[Any, str] = Collection(numbered, {}, a_list)
    assert list(in_list) == ["4", "2", "4", "99", "1"]
    assert len(in_list) == 5
    assert list(in_list[1:3]) == ["2", "4"]
    assert list(in_list[-2:]) == ["99", "1"]
    assert "2" in in_list
    assert "3" not in in_list
    assert list(Collection(numbered, {"odd": 1}, a_list)) == ["4", "2", "4"]
    assert list(Collection(numbered, {}, a_zset)) == ["4", "1", "2"]
    assert list(Collection(numbered, {"odd": 1}, a_zset)[:1]) == ["4"]
    assert list(Collection(numbered, {"pk": 2, "odd": 1}, a_zset)) == ["2"]
    assert len(Collection(numbered, {"odd": 1}, a_zset)) == 2
    assert list(Collection(numbered, {}, a_list).sort(desc=True)[:2]) == ["99", "4"]
    assert list(Collection(numbered, {"odd": 1}, a_list).sort()) == ["2", "4", "4"]
    assert bool(Collection(numbered, {"odd": 1}, a_zset))


def test_a_model_can_have_a_collection_class_of_its_own(
    person: type[Person], database: RedisDatabase
) -> None:
    class People(Collection[Any, Any]):
        def johns(self) -> int:
            return len([one for one in self.instances() if one.firstname.hget() == "John"])

    model = define(Person, database, "Managed", collection_manager=People)
    model(firstname="John")
    collection = model.collection()
    assert isinstance(collection.sort()[:5], People)
    assert isinstance(collection, People)
    assert collection.johns() == 1


def test_values_with_every_character_can_be_found(person: type[Person]) -> None:
    for value in ("a:b", "*", "a\nb", "\0", "\U0001f600", "", "->", b"\xff\xfe"):
        one = person(firstname=value)
        assert list(person.collection(firstname=value)) == [one.get_pk()]
        one.delete()


def test_pks_with_every_character_can_be_sorted(database: RedisDatabase) -> None:
    model = define(RedisModel, database, "Model", key=fields.PKField(), n=fields.HashableField())
    pks = ["a:b", "*", "a\nb", "\0", "\U0001f600", "", "->", "a*b->c"]
    for n, pk in enumerate(pks):
        model(key=pk, n=n)
    assert list(model.collection().sort(by="n")) == pks
