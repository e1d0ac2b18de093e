"""The commands of an object that work on several hashable fields at once."""

from __future__ import annotations

from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError, UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.models import define


class Example(RedisModel):
    abstract = True

    foo = fields.HashableField()
    bar = fields.HashableField()
    city = fields.HashableField(indexable=True)
    name = fields.HashableField(unique=True)
    other = fields.StringField()


class Plain(RedisModel):
    abstract = True

    other = fields.StringField()


@pytest.fixture
def example(database: RedisDatabase) -> type[Example]:
    return define(Example, database)


def test_hmget_gives_values_in_the_order_of_the_names(example: type[Example]) -> None:
    one = example(foo="FOO", bar="BAR")
    assert one.hmget("foo", "bar") == ["FOO", "BAR"]
    assert one.hmget("bar", "city", "foo") == ["BAR", None, "FOO"]


def test_a_name_that_is_given_twice_is_read_twice_and_deleted_once(example: type[Example]) -> None:
    one = example(foo="FOO", city="Oslo")
    assert one.hmget("foo", "city", "foo") == ["FOO", "Oslo", "FOO"]
    assert example().hmget("foo", "foo") == [None, None]
    assert one.hdel("city", "foo", "city") == 2
    assert list(example.collection(city="Oslo")) == []


def test_hmget_without_names_gives_all_hashable_fields(example: type[Example]) -> None:
    one = example(foo="FOO", name="n")
    assert dict(zip(one._hashable_fields, one.hmget(), strict=True)) == {
        "foo": "FOO",
        "bar": None,
        "city": None,
        "name": "n",
    }


def test_hmset_of_plain_fields_is_one_plain_command(example: type[Example], database: RedisDatabase) -> None:
    one = example(foo="a")
    with database.trace() as requests:
        assert one.hmset(foo="FOO", bar="BAR") is True
    assert [str(request) for request in requests] == ["HMSET :example:1:hash foo FOO bar BAR"]
    assert one.hmget("foo", "bar") == ["FOO", "BAR"]


def test_hmset_lets_every_index_follow_in_one_request(
    example: type[Example], database: RedisDatabase
) -> None:
    one = example(foo="a", city="Oslo", name="n")
    with database.trace() as requests:
        assert one.hmset(foo="b", city="Rome", name="m") is True
    assert len(requests) == 1
    assert one.hgetall() == {"foo": "b", "city": "Rome", "name": "m"}
    assert list(example.collection(city="Oslo")) == list(example.collection(name="n")) == []
    assert list(example.collection(city="Rome", name="m")) == [one.get_pk()]


def test_hmset_of_a_taken_value_sets_nothing(example: type[Example]) -> None:
    example(name="taken")
    one = example(foo="a", city="Oslo", name="n")
    with pytest.raises(UniquenessError, match=r"Key :example:name:taken already exists \(for instance 1\)"):
        one.hmset(foo="b", city="Rome", name="taken")
    assert one.hgetall() == {"foo": "a", "city": "Oslo", "name": "n"}
    assert list(example.collection(city="Oslo", name="n")) == [one.get_pk()]
    assert list(example.collection(city="Rome")) == []


def test_hdel_lets_the_indexes_follow(example: type[Example], database: RedisDatabase) -> None:
    one = example(foo="a", city="Oslo")
    with database.trace() as requests:
        assert one.hdel("foo", "city", "name") == 2
    assert len(requests) == 1
    assert one.hgetall() == {}
    assert list(example.collection(city="Oslo")) == []


def test_hkeys_hvals_and_hlen(example: type[Example]) -> None:
    one = example(foo="FOO", bar="BAR")
    assert sorted(one.hkeys()) == ["bar", "foo"]
    assert sorted(one.hvals()) == ["BAR", "FOO"]
    assert one.hlen() == 2


@pytest.mark.parametrize(
    "use",
    [
        lambda one: one.hmset(foo="FOO", city="Oslo"),
        lambda one: one.hmget(),
        lambda one: one.hgetall(),
        lambda one: one.hdel("foo"),
    ],
)
def test_the_first_command_creates_the_object_in_its_one_request(
    example: type[Example], database: RedisDatabase, use: Any
) -> None:
    one = example()
    with database.trace() as requests:
        use(one)
    assert len(requests) == 1
    assert example.exists(one.get_pk())


def test_the_document_s_example(database: RedisDatabase) -> None:
    class WithDict(Example):
        abstract = True

        def hmget_dict(self, *args: str) -> dict[str, str | None]:
            """A call to hmget but which return a dict with field names as keys."""
            values = self.hmget(*args)
            keys = args or self._hashable_fields
            return dict(zip(keys, values, strict=True))

    example = define(WithDict, database)
    one = example(foo="FOO", bar="BAR")
    assert one.hmget_dict("foo", "bar") == {"bar": "BAR", "foo": "FOO"}
    assert one.hmget_dict() == {"bar": "BAR", "foo": "FOO", "city": None, "name": None}


@pytest.mark.parametrize("name", ["other", "nothing", "pk"])
def test_names_that_are_no_hashable_fields_are_refused_before_anything_is_sent(
    example: type[Example], database: RedisDatabase, name: str
) -> None:
    one = example(foo="a")
    text = f"Example has no hashable field '{name}'; it has: foo, bar, city, name"
    with database.trace() as requests:
        for use in (lambda: one.hmget(name), lambda: one.hmset(**{name: 1}), lambda: one.hdel("foo", name)):
            with pytest.raises(ImplementationError) as caught:
                use()
            assert str(caught.value) == text
    assert requests == []


def test_at_least_one_field_is_needed(example: type[Example], database: RedisDatabase) -> None:
    one = example(foo="a")
    plain = define(Plain, database)(other="x")
    with database.trace() as requests:
        for use in (one.hmset, one.hdel, plain.hmget, plain.hgetall):
            with pytest.raises(ImplementationError, match="name at least one hashable field"):
                use()
    assert requests == []
