"""What a middleware is told, what it can answer, and what it can add."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.commands import Command
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError, UniquenessError
from limpyd.middleware import MISS, Middleware, Preloader


class Log(Middleware):
    """Notes what it is told, and answers what it was given to answer."""

    def __init__(self, name: str, log: list[tuple[str, ...]]) -> None:
        self.name = name
        self.log = log
        self.answer: object = MISS
        self.object_methods = {"greet": lambda instance: log.append((name, "greet", repr(instance)))}
        self.field_methods = {"greet": lambda field: log.append((name, "greet", field.name))}

    def join(self, database: RedisDatabase) -> None:
        self.log.append((self.name, "join"))

    def before(self, command: Command[Any]) -> object:
        self.log.append((self.name, "before", command.name))
        return self.answer

    def after(self, command: Command[Any], value: Any) -> None:
        self.log.append((self.name, "after", command.name, str(value)))


class Knowing(Log):
    """Has an answer to reads before their commands are made."""

    def __init__(self, name: str, log: list[tuple[str, ...]]) -> None:
        super().__init__(name, log)
        self.reads: list[Any] = []
        self.known: object = MISS

    def recall(self, instance: Any, names: tuple[str, ...], read: tuple[Hashable, ...]) -> object:
        self.log.append((self.name, "recall", *names))
        self.reads.append(read)
        return self.known


class Together(Log):
    def before_together(self, command: Command[Any]) -> None:
        self.log.append((self.name, "together", command.name))


class Taking(Middleware):
    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str | None]]] = []

    def preload(self, model: Any, names: tuple[str, ...]) -> Preloader:
        return partial(self.take, names)

    def take(self, names: tuple[str, ...], instance: Any, values: Sequence[str | None]) -> None:
        self.taken.append((instance.pk.get(), dict(zip(names, values, strict=True))))


@pytest.fixture
def log() -> list[tuple[str, ...]]:
    return []


def example_on(where: RedisDatabase) -> Any:
    class Example(model.RedisModel):
        database = where
        foo = fields.StringField()
        bar = fields.HashableField(indexable=True)
        code = fields.StringField(unique=True)
        tags = fields.SetField()
        scores = fields.SortedSetField()

    return Example


def with_hooks(database: RedisDatabase, *hooks: Middleware) -> Any:
    return example_on(RedisDatabase(connection=database.connection, middleware=hooks))


def test_middlewares_join_their_database(database: RedisDatabase, log: Any) -> None:
    with_hooks(database, Log("one", log), Log("two", log))
    assert log == [("one", "join"), ("two", "join")]


def test_before_goes_from_first_to_last_and_after_back(database: RedisDatabase, log: Any) -> None:
    example = with_hooks(database, Log("one", log), Log("two", log)).lazy_connect(1)
    log.clear()
    assert example.foo.get() is None
    assert log == [
        ("one", "before", "GET"),
        ("two", "before", "GET"),
        ("two", "after", "GET", "None"),
        ("one", "after", "GET", "None"),
    ]


def test_an_answer_is_not_sent_and_passed_to_those_in_front(database: RedisDatabase, log: Any) -> None:
    two = Log("two", log)
    example = with_hooks(database, Log("one", log), two, Log("three", log)).lazy_connect(1)
    two.answer = "answer"
    log.clear()
    with example.database.trace() as requests:
        assert example.foo.get() == "answer"
    assert requests == []
    assert log == [("one", "before", "GET"), ("two", "before", "GET"), ("one", "after", "GET", "answer")]


def test_after_is_not_called_for_a_command_that_failed(database: RedisDatabase, log: Any) -> None:
    examples = with_hooks(database, Log("one", log))
    examples(code="a")
    other = examples(code="b")
    log.clear()
    with pytest.raises(UniquenessError):
        other.code.set("a")
    assert [entry[1] for entry in log] == ["before"]


def test_what_the_first_recalls_is_the_answer_and_nobody_is_told(database: RedisDatabase, log: Any) -> None:
    one = Knowing("one", log)
    example = with_hooks(database, one, Knowing("two", log)).lazy_connect(1)
    one.known = "known"
    log.clear()
    with example.database.trace() as requests:
        assert example.foo.get() == "known"
    assert requests == []
    assert log == [("one", "recall", "foo")]


def test_what_the_first_does_not_recall_goes_the_usual_way(database: RedisDatabase, log: Any) -> None:
    two = Knowing("two", log)
    two.known = two.answer = "answer"
    example = with_hooks(database, Knowing("one", log), two).lazy_connect(1)
    log.clear()
    assert example.foo.get() == "answer"
    assert log == [
        ("one", "recall", "foo"),
        ("two", "before", "GET"),
        ("one", "after", "GET", "answer"),
    ]


def test_writes_and_objects_without_a_pk_are_not_recalled(database: RedisDatabase, log: Any) -> None:
    one = Knowing("one", log)
    one.known = "known"
    example = with_hooks(database, one)()
    assert example.foo.get() is None  # creates it
    assert example.foo.set("value") is True
    assert one.reads == []
    example.delete()
    with pytest.raises(DoesNotExist):
        example.foo.get()
    assert one.reads == []


def half(score: float) -> float:
    return score / 2


class Unhashable:
    __hash__ = None  # type: ignore[assignment]  # which is what is tried

    def __call__(self, score: float) -> float:
        return score


def reads_of(database: RedisDatabase, log: Any, *calls: Any) -> list[Any]:
    one = Knowing("one", log)
    example = with_hooks(database, one).lazy_connect(1)
    for call in calls:
        call(example)
    return one.reads


@pytest.mark.parametrize(
    "call",
    [
        lambda each: each.foo.get(),
        lambda each: each.foo.getrange(0, 1),
        lambda each: each.scores.zrange(0, -1, withscores=True),
        lambda each: each.scores.zrange(0, -1, withscores=True, score_cast_func=half),
    ],
)
def test_the_same_call_is_the_same_read(database: RedisDatabase, log: Any, call: Any) -> None:
    first, second = reads_of(database, log, call, call)
    assert first == second
    assert hash(first) == hash(second)


@pytest.mark.parametrize(
    ("call", "other"),
    [
        (lambda each: each.foo.get(), lambda each: each.foo.strlen()),
        (lambda each: each.foo.getrange(0, 1), lambda each: each.foo.getrange(0, 2)),
        (lambda each: each.tags.sismember(1), lambda each: each.tags.sismember(1.0)),
        (lambda each: each.scores.zrange(0, -1), lambda each: each.scores.zrange(0, -1, withscores=True)),
        (
            lambda each: each.scores.zrange(0, -1, withscores=True),
            lambda each: each.scores.zrange(0, -1, withscores=True, score_cast_func=half),
        ),
    ],
)
def test_calls_whose_replies_may_differ_are_other_reads(
    database: RedisDatabase, log: Any, call: Any, other: Any
) -> None:
    first, second = reads_of(database, log, call, other)
    assert first != second


@pytest.mark.parametrize("function", [Unhashable(), lambda score: score])
def test_reads_with_a_function_that_tells_nothing_are_not_recalled(
    database: RedisDatabase, log: Any, function: Any
) -> None:
    def call(each: Any) -> Any:
        return each.scores.zrange(0, -1, withscores=True, score_cast_func=function)

    assert reads_of(database, log, call) == []
    assert log[-2:] == [("one", "before", "ZRANGE"), ("one", "after", "ZRANGE", "[]")]


def test_fields_that_are_not_cacheable_are_not_recalled(database: RedisDatabase, log: Any) -> None:
    one = Knowing("one", log)

    other = RedisDatabase(connection=database.connection, middleware=[one])

    class Example(model.RedisModel):
        database = other
        foo = fields.StringField(cacheable=False)

    assert Example.lazy_connect(1).foo.get() is None
    assert one.reads == []


def commands_on(database: RedisDatabase) -> list[Command[Any]]:
    """A write and a read of a key that is a model's."""
    key = example_on(database).lazy_connect(1).foo.key
    return [
        Command("SET", (key,), (key, "value"), is_write=True),
        Command("GET", (key,), (key,)),
    ]


def test_what_is_sent_together_can_not_be_answered(database: RedisDatabase, log: Any) -> None:
    one = Log("one", log)
    one.answer = "answer"
    hooked = RedisDatabase(connection=database.connection, middleware=[one])
    log.clear()
    assert hooked.execute_together(commands_on(hooked))[1] == "value"
    assert [entry[1:3] for entry in log] == [
        ("before", "SET"),
        ("before", "GET"),
        ("after", "SET"),
        ("after", "GET"),
    ]


def test_a_middleware_can_tell_what_is_sent_together(database: RedisDatabase, log: Any) -> None:
    hooked = RedisDatabase(connection=database.connection, middleware=[Together("one", log)])
    log.clear()
    hooked.execute_together(commands_on(hooked))
    assert [entry[1] for entry in log] == ["together", "together", "after", "after"]


def test_methods_that_are_added_are_called_with_their_object(database: RedisDatabase, log: Any) -> None:
    example = with_hooks(database, Log("one", log), Log("two", log)).lazy_connect(1)
    log.clear()
    example.greet()
    example.foo.greet()
    assert log == [
        ("one", "greet", "<Example 1>"),
        ("two", "greet", "<Example 1>"),
        ("one", "greet", "foo"),
        ("two", "greet", "foo"),
    ]


def test_nobody_else_gets_the_methods(database: RedisDatabase, log: Any) -> None:
    with_hooks(database, Log("one", log))
    example = example_on(database).lazy_connect(1)
    with pytest.raises(AttributeError, match="'Example' object has no attribute 'greet'"):
        example.greet()
    with pytest.raises(AttributeError, match="'StringField' object has no attribute 'greet'"):
        example.foo.greet()
    with pytest.raises(AttributeError, match="'StringField' object has no attribute 'greet'"):
        type(example).foo.greet()


def test_objects_and_fields_can_be_copied_all_the_same(database: RedisDatabase, log: Any) -> None:
    example = with_hooks(database, Log("one", log)).lazy_connect(1)
    assert copy.copy(example) == example
    assert copy.copy(example.foo).name == "foo"


@pytest.fixture
def taking() -> Taking:
    return Taking()


@pytest.fixture
def loaded(database: RedisDatabase, taking: Taking) -> Any:
    examples = with_hooks(database, taking)
    examples(foo="a", bar="2")
    examples(bar="1")
    list(examples.collection().instances(preload=["foo"]))  # loads the script
    taking.taken.clear()
    return examples


def test_values_that_are_read_along_are_handed_over(loaded: Any, taking: Taking) -> None:
    with loaded.database.trace() as requests:
        found = list(loaded.collection().sort(by="bar").instances(preload=["foo", "bar"]))
    assert [each.pk.get() for each in found] == ["2", "1"]
    assert taking.taken == [("2", {"foo": None, "bar": "1"}), ("1", {"foo": "a", "bar": "2"})]
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("choose", "pks"),
    [
        (lambda every: every[:1], ["2"]),
        (lambda every: every[-1:], ["1"]),
        (lambda every: every[::-1], ["1", "2"]),
        (lambda every: [every[1]], ["1"]),
        (lambda every: every.fetch(), ["2", "1"]),
    ],
)
def test_of_a_slice_its_values_alone_are_read_along(
    loaded: Any, taking: Taking, choose: Any, pks: list[str]
) -> None:
    list(choose(loaded.collection().sort(by="bar").instances(preload=["foo"])))
    assert [pk for pk, _ in taking.taken] == pks


def test_a_filter_by_pk_reads_values_along(loaded: Any, taking: Taking) -> None:
    list(loaded.collection(pk=1).instances(preload=["foo"]))
    assert taking.taken == [("1", {"foo": "a"})]


@pytest.mark.parametrize("name", ["tags", "pk"])
def test_fields_of_many_values_can_not_be_read_along(loaded: Any, name: str) -> None:
    with pytest.raises(ImplementationError, match=f"Example.collection can't preload '{name}'"):
        loaded.collection().instances(preload=[name])


def test_without_anybody_who_wants_them_nothing_is_read_along(database: RedisDatabase, log: Any) -> None:
    with pytest.raises(ImplementationError, match="collection has nothing to preload"):
        with_hooks(database, Log("one", log)).collection().instances(preload=["foo"])
