"""Every example of the document that limpyd was asked to be, in its order, with its lost lines restored.

Plugins' examples stand in the tests of the plugins. Outputs are compared as Python 3 prints them.
"""

from __future__ import annotations

import pytest
from limpyd import fields, model
from limpyd.database import RedisDatabase
from limpyd.exceptions import UniquenessError
from redis import Redis


@pytest.fixture
def main_database(database: RedisDatabase) -> RedisDatabase:
    """The document's name for it."""
    return database


def test_introduction(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Bike(model.RedisModel):
        database = database_

        name = model.HashableField(indexable=True, unique=True)
        color = model.HashableField()
        wheels = model.StringField(default=2)

    mountainbike = Bike(name="mountainbike")
    assert mountainbike.wheels.get() == "2"
    assert mountainbike.wheels.incr() == 3
    assert mountainbike.wheels.get() == "3"
    Bike(name="tricycle", wheels=3)
    tricycle = Bike.collection(name="tricycle").instances()[0]
    assert tricycle.wheels.get() == "3"
    assert tricycle.hmset(color="blue")
    assert tricycle.hmget("color") == ["blue"]
    assert tricycle.hmget("color", "name") == ["blue", "tricycle"]
    assert tricycle.color.hget() == "blue"
    assert tricycle.color.hset("yellow") == 0
    assert tricycle.hmget("color") == ["yellow"]


def test_everything_is_reached_through_model(main_database: RedisDatabase) -> None:
    assert model.RedisDatabase is RedisDatabase
    for name in fields.__all__:
        if name.endswith("Field") and name != "Field":
            assert getattr(model, name) is getattr(fields, name)


def test_database(main_database: RedisDatabase) -> None:
    database_ = RedisDatabase(host="localhost", port=6379, db=0)

    class Example(model.RedisModel):
        database = database_
        some_field = fields.StringField()

    class BaseModel(model.RedisModel):
        database = database_
        abstract = True

    class Foo(BaseModel):
        foo_field = fields.StringField()

    class Bar(BaseModel):
        bar_field = fields.StringField()

    assert set(database_.models) == {Example, Foo, Bar}
    assert isinstance(database_.connection, Redis)


def test_models(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_

        foo = fields.StringField()
        bar = fields.StringField()

    example = Example(foo="FOO", bar="BAR")
    assert f"New example object with pk #{example.get_pk()}" == "New example object with pk #1"
    assert Example(1).foo.get() == "FOO"


def test_abstract_models(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Content(model.RedisModel):
        database = database_
        namespace = "content"
        abstract = True

        title = fields.HashableField()
        pub_date = fields.HashableField()

    class Article(Content):
        content = fields.StringField()

    class Image(Content):
        path = fields.HashableField()

    Article(title="One", pub_date="2012-12-12", content="text")
    Image(title="Two", path="/two.png")
    assert set(database_.models) == {Article, Image}
    stored = {"title": "One", "pub_date": "2012-12-12"}
    assert database_.connection.hgetall("content:article:1:hash") == stored
    assert database_.connection.hgetall("content:image:1:hash") == {"title": "Two", "path": "/two.png"}


def test_default(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_
        foo = fields.StringField(default="FOO")
        bar = fields.StringField()

    example = Example(bar="BAR")
    assert example.foo.get() == "FOO"


def test_indexable_and_unique(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_
        foo = fields.StringField(indexable=True)
        bar = fields.StringField(unique=True)

    Example(foo="FOO", bar="BAR")
    with pytest.raises(UniquenessError) as caught:
        Example(foo="FOO", bar="BAR")
    assert str(caught.value) == "Key :example:bar:BAR already exists (for instance 1)"


def test_string_field(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_

        name = fields.StringField()

    example = Example(name="foo")
    assert example.name.get() == "foo"
    assert example.name.set("bar")
    assert example.name.get() == "bar"
    assert len(Example.collection()) == 1
    example.delete()
    assert len(Example.collection()) == 0


def test_hashable_field(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_

        foo = fields.HashableField()
        bar = fields.HashableField()

        def hmget_dict(self, *args: str) -> dict[str, str | None]:
            values = self.hmget(*args)
            keys = args or self._hashable_fields
            return dict(zip(keys, values, strict=True))

    example = Example()
    assert example.foo.hset("FOO") == 1  # 1 because the hash field was created
    assert example.foo.hget() == "FOO"

    example = Example(foo="FOO", bar="BAR")
    assert example.hmget("foo", "bar") == ["FOO", "BAR"]
    assert example.hmget_dict("foo", "bar") == {"bar": "BAR", "foo": "FOO"}

    example = Example()
    assert example.hmset(foo="FOO", bar="BAR")
    assert example.hmget("foo", "bar") == ["FOO", "BAR"]


def test_set_field(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_

        stuff = fields.SetField()

    example = Example()
    assert example.stuff.sadd("foo", "bar") == 2  # number of values really added to the set
    assert example.stuff.smembers() == {"foo", "bar"}
    assert example.stuff.sismember("bar")
    assert example.stuff.srem("bar")
    assert example.stuff.smembers() == {"foo"}
    assert example.stuff.delete()


def test_list_field(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_

        stuff = fields.ListField()

    example = Example()
    assert example.stuff.rpush("foo", "bar") == 2  # number of values added to the list
    assert example.stuff.lrange(0, -1) == ["foo", "bar"]
    assert example.stuff.lindex(1) == "bar"
    assert example.stuff.lrem(1, "bar") == 1  # number of values really removed
    assert example.stuff.lrange(0, -1) == ["foo"]
    assert example.stuff.delete()


def test_sorted_set_field(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_

        stuff = fields.SortedSetField()

    example = Example()
    assert example.stuff.zadd(foo=2.5, bar=1.1) == 2  # number of values added to the sorted set
    assert example.stuff.zrange(0, -1) == ["bar", "foo"]
    assert example.stuff.zrangebyscore(1, 2, withscores=True) == [("bar", 1.1)]
    assert example.stuff.zrem("bar") == 1  # number of values really removed
    assert example.stuff.zrangebyscore(1, 2, withscores=True) == []
    assert example.stuff.delete()


def test_pk_fields(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Foo(model.RedisModel):
        """The PK field is `pk`, and will be auto-incremented."""

        database = database_

    class Bar(model.RedisModel):
        """The PK field is `id`, and will be auto-incremented."""

        database = database_
        id = fields.AutoPKField()

    class Baz(model.RedisModel):
        """The PK field is `name`, and won't be auto-incremented."""

        database = database_
        name = fields.PKField()

    assert Foo().pk.get() == "1"
    assert Bar().id.get() == "1"
    assert Baz(name="baz").pk.get() == "baz"


def test_the_ways_to_a_pk(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Example(model.RedisModel):
        database = database_
        id = fields.AutoPKField()
        name = fields.StringField()

    example = Example(name="foobar")
    assert example.get_pk() == "1"
    assert example.pk.get() == "1"
    assert example.id.get() == "1"
    assert example._pk == "1"


def test_collections(main_database: RedisDatabase) -> None:
    database_ = main_database

    class Person(model.RedisModel):
        database = database_
        firstname = fields.HashableField(indexable=True)
        lastname = fields.HashableField(indexable=True)
        birth_year = fields.HashableField(indexable=True)

        def __repr__(self) -> str:
            values = self.hmget("firstname", "lastname", "birth_year")
            return "<[{}] {} {} ({})>".format(self.get_pk(), *values)

    assert repr(Person(firstname="John", lastname="Smith", birth_year=1960)) == "<[1] John Smith (1960)>"
    assert repr(Person(firstname="John", lastname="Doe", birth_year=1965)) == "<[2] John Doe (1965)>"
    assert repr(Person(firstname="Emily", lastname="Smith", birth_year=1950)) == "<[3] Emily Smith (1950)>"
    assert repr(Person(firstname="Susan", lastname="Doe", birth_year=1960)) == "<[4] Susan Doe (1960)>"

    johns = Person.collection(firstname="John")
    assert repr(johns) == "['1', '2']"
    assert repr(Person.collection(firstname="john", lastname="Smith")) == "[]"
    assert repr(Person.collection(birth_year=1965)) == "['2']"
    assert repr(Person.collection(birth_year=1965, lastname="Smith")) == "[]"
    assert repr(johns[1:2]) == "['2']"

    by_name = johns.sort(by="lastname", alpha=True)
    assert repr(by_name) == "['2', '1']"
    assert repr(by_name[1:2]) == "['1']"
    assert repr(Person.collection().sort(by="birth_year")) == "['3', '1', '4', '2']"

    both = "[<[1] John Smith (1960)>, <[2] John Doe (1965)>]"
    both_by_name = "[<[2] John Doe (1965)>, <[1] John Smith (1960)>]"
    assert repr(johns.instances()) == both
    assert repr(johns.instances().sort(by="lastname", alpha=True)) == both_by_name
    assert repr(johns.sort(by="lastname", alpha=True).instances()) == both_by_name
    assert repr(johns.sort(by="lastname", alpha=True).instances()[0]) == "<[2] John Doe (1965)>"

    with database_.trace() as requests:
        results = Person.collection(firstname="John").instances()
        assert requests == []
        assert len(list(results)) == 2
    assert len(requests) == 1
