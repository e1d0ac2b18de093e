"""A lending library, which uses all four packages at once.

Authors write books; deleting an author deletes the books. Members have favourites, which lose a book that is
deleted, and loans, which go with the member, but keep a book from being deleted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from limpyd import fields
from limpyd.contrib import related
from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.contrib.database import PipelineDatabase
from limpyd.contrib.related import RestrictedError
from limpyd.database import RedisDatabase
from limpyd.exceptions import DoesNotExist, ImplementationError, UniquenessError
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, snapshot


def models_on(where: PipelineDatabase) -> dict[str, Any]:
    class Author(related.RelatedModel):
        database = where
        name = fields.PKField()
        born = fields.StringField(indexable=True)

    class Book(related.RelatedModel):
        database = where
        isbn = fields.HashableField(unique=True)
        title = fields.HashableField(indexable=True)
        author = related.FKHashableField("Author", on_delete="cascade")
        sequel = related.FKStringField("self", related_name="prequels")
        copies = fields.StringField(default=1)
        genres = fields.SetField(indexable=True)
        chapters = fields.ListField()
        ratings = fields.SortedSetField(indexable=True)
        details = fields.HashField(indexable=True)

    class Member(related.RelatedModel):
        database = where
        email = fields.HashableField(unique=True)
        favourites = related.M2MSetField("Book", related_name="fans")
        wishes = related.M2MListField("Book", related_name="wishers")
        seen = related.M2MSortedSetField("Book", related_name="watchers")

    class Loan(related.RelatedModel):
        database = where
        code = fields.PKField()
        book = related.FKHashableField("Book", on_delete="restrict")
        member = related.FKStringField("Member", on_delete="cascade")

    return {"Author": Author, "Book": Book, "Member": Member, "Loan": Loan}


@pytest.fixture(params=[InstanceCache, SharedCache])
def cache(request: pytest.FixtureRequest) -> Iterator[Any]:
    cache = request.param()
    yield cache
    if isinstance(cache, SharedCache):
        cache.close()


@pytest.fixture
def library(database: RedisDatabase, cache: Any) -> Iterator[Any]:
    """Two authors, three books, two members, and a loan; at the end, all indexes have to be whole."""
    where = PipelineDatabase(connection=database.connection, middleware=[cache])
    its = SimpleNamespace(database=where, cache=cache, **models_on(where))
    its.verne = its.Author(name="Verne", born=1828)
    its.wells = its.Author(name="Wells", born=1866)
    its.moon = its.Book(
        isbn="m1",
        title="The Moon",
        author=its.verne,
        copies=2,
        genres=["novel", "space"],
        chapters=["Start", "Flight"],
        ratings={"good": 4, "bad": 1},
        details={"pages": "300", "language": "fr"},
    )
    its.sea = its.Book(isbn="s1", title="The Sea", author=its.verne, sequel=its.moon, genres=["novel"])
    its.time = its.Book(isbn="t1", title="The Time Machine", author=its.wells, genres=["novel"])
    its.ann = its.Member(email="ann@example.com", favourites=[its.moon, its.time])
    its.bob = its.Member(email="bob@example.com", wishes=[its.sea, its.time, its.sea], seen={its.moon: 3})
    its.loan = its.Loan(code="L1", book=its.time, member=its.bob)
    yield its
    for model in (its.Author, its.Book, its.Member, its.Loan):
        assert indexes_in_redis(model) == indexes_by_scan(model)


def pks(collection: Any) -> list[str]:
    return sorted(collection)


def sent(library: Any, call: Callable[[], Any]) -> list[str]:
    """The requests of a call, by name; less those that teach a script to the server."""
    with library.database.trace() as requests:
        call()
    return [
        request.script or request.name
        for request in requests
        if request.name != "SCRIPT" and request.seconds is not None
    ]


def round_trips(library: Any, call: Callable[[], Any]) -> int:
    with library.database.trace() as requests:
        call()
    return len(requests)


def test_a_pipeline_creates_objects_that_refer_to_each_other_in_one_round_trip(library: Any) -> None:
    def create() -> None:
        with library.database.pipeline() as pipe:
            made["poe"] = library.Author(name="Poe", born=1809)  # its pk is given: it can be used at once
            made["raven"] = library.Book(isbn="r1", title="The Raven", author=made["poe"], genres=["poem"])
            library.Loan(code="L2", book=library.moon, member=library.ann)
            library.ann.favourites.sadd(library.sea)
            library.Book.collection(genres="poem").fetch()
            results.extend(pipe.execute())

    made: dict[str, Any] = {}
    results: list[Any] = []

    assert round_trips(library, create) == 1
    assert results[-2:] == [1, [made["raven"].pk.get()]]
    assert list(made["poe"].book_set().instances()) == [made["raven"]]
    assert pks(library.ann.loan_set()) == ["L2"]
    assert pks(library.sea.fans()) == [library.ann.pk.get()]


def test_a_new_object_without_a_pk_can_not_be_referred_to_before_execute(library: Any) -> None:
    with library.database.pipeline() as pipe:
        book = library.Book(isbn="n1", title="New")
        with pytest.raises(ImplementationError, match="queued"):
            library.ann.favourites.sadd(book)
        pipe.execute()
        library.ann.favourites.sadd(book)
        assert pipe.execute() == [1]


def test_a_cascade_in_a_pipeline_takes_books_and_what_refers_to_them(library: Any) -> None:
    def delete() -> None:
        with library.database.pipeline() as pipe:
            library.verne.delete()
            library.Book.collection(genres="novel").fetch()
            library.ann.favourites.smembers()
            library.bob.wishes.lrange(0, -1)
            library.bob.seen.zrange(0, -1)
            results.extend(pipe.execute())

    results: list[Any] = []
    time_pk = library.time.pk.get()

    assert round_trips(library, delete) == 1
    assert results == [None, [time_pk], {time_pk}, [time_pk], []]
    assert pks(library.Author.collection()) == ["Wells"]
    assert pks(library.Book.collection()) == [time_pk]
    assert not library.Book.exists(isbn="m1")
    assert not library.database.connection.keys(":book:1:*")
    with pytest.raises(DoesNotExist):
        library.verne.born.set("1829")
    with pytest.raises(DoesNotExist):
        library.moon.title.hset("Gone")


def test_a_deletion_that_is_restricted_changes_nothing_and_keeps_nothing_else_from_being_done(
    library: Any,
) -> None:
    before = snapshot(library.database)

    with library.database.pipeline() as pipe:
        library.wells.delete()
        library.moon.copies.incr()
        with library.database.trace() as requests:
            outcomes = pipe.execute(raise_on_error=False)

    assert len(requests) == 1
    assert isinstance(outcomes[0], RestrictedError)
    assert "operation 1 of 2" in str(outcomes[0])
    assert outcomes[1] == 3
    assert snapshot(library.database) == before | {":book:1:copies": "3"}
    assert library.wells.born.get() == "1866"  # it is still there, and can be used


def test_deletions_in_a_pipeline_see_what_those_before_them_did(library: Any) -> None:
    def delete() -> None:
        with library.database.pipeline() as pipe:
            library.bob.delete()  # takes the loan along, which has kept the book
            library.wells.delete()
            pipe.execute()

    assert round_trips(library, delete) == 1
    assert pks(library.Loan.collection()) == []
    assert pks(library.Book.collection()) == ["1", "2"]
    assert library.ann.favourites.smembers() == {"1"}


def test_leaving_a_pipeline_undoes_what_was_queued(library: Any) -> None:
    before = snapshot(library.database)

    def give_up() -> None:
        with library.database.pipeline():
            library.verne.delete()
            library.Book(isbn="x1", title="X", author=library.wells)
            library.moon.title.hset("Other")
            raise RuntimeError

    def try_it() -> None:
        with pytest.raises(RuntimeError):
            give_up()

    assert sent(library, try_it) == []
    assert snapshot(library.database) == before
    assert library.verne.born.get() == "1828"
    assert library.moon.title.hset("The Moon") == 0


def lend(library: Any, book: Any, member: Any, code: str, meanwhile: Callable[[], Any]) -> list[Any]:
    """Lend a book if there is a copy; the number of copies may change before it is done."""

    def do_lend(pipe: Any) -> None:
        copies = int(book.copies.get())
        tries.append(copies)
        meanwhile()
        pipe.multi()
        if copies:
            library.Loan(code=code, book=book, member=member)
            book.copies.set(copies - 1)

    tries: list[int] = []
    library.database.transaction(do_lend, book.copies)
    return tries


def test_a_transaction_reads_past_the_cache_and_starts_anew_when_the_value_changes(library: Any) -> None:
    others = iter(["0"])

    def meanwhile() -> None:
        for value in others:
            library.database.connection.set(library.moon.copies.key, value)

    assert library.moon.copies.get() == "2"  # from now on it is cached

    assert lend(library, library.moon, library.ann, "L9", meanwhile) == [2, 0]
    assert not library.Loan.exists("L9")
    assert lend(library, library.sea, library.ann, "L9", lambda: None) == [1]
    assert library.sea.copies.get() == "0"
    assert pks(library.ann.loan_set()) == ["L9"]


def test_values_are_cached_and_relations_are_not(library: Any) -> None:
    def read() -> None:
        for _ in range(2):
            library.moon.title.hget()
            library.moon.genres.smembers()
            library.moon.author.hget()
            library.ann.favourites.smembers()

    assert sent(library, read) == ["HGET", "SMEMBERS", "HGET", "SMEMBERS", "HGET", "SMEMBERS"]


def test_a_page_of_a_relation_is_preloaded_by_its_one_request(library: Any) -> None:
    def page() -> None:
        books = library.verne.book_set(genres="novel").sort(by="title", alpha=True)
        first = books[:10].instances(preload=["title", "copies"])
        shown.extend((book.title.hget(), book.copies.get()) for book in first)

    shown: list[Any] = []
    settle(library)

    assert sent(library, page) == ["collect"]
    assert shown == [("The Moon", "2"), ("The Sea", "1")]


def settle(library: Any) -> None:
    """Wait for the messages about earlier writes, which make what is read meanwhile doubtful.

    They come in order: when that about one more write is here, so are they.
    """
    if isinstance(library.cache, SharedCache):
        marker = library.Author.lazy_connect("marker")
        assert marker.born.get() is None
        library.database.connection.set(marker.born.key, "here")
        wait_for(lambda: marker.born.get() == "here")
        library.database.connection.delete(marker.born.key)


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.mark.parametrize("cache", [SharedCache], indirect=True)
def test_the_shared_cache_hears_what_a_cascade_deletes(library: Any) -> None:
    again = library.Book.lazy_connect(library.moon.pk.get())
    assert (again.title.hget(), again.copies.get()) == ("The Moon", "2")

    with library.database.pipeline() as pipe:
        library.verne.delete()
        pipe.execute()

    wait_for(lambda: (again.title.hget(), again.copies.get()) == (None, None))


@pytest.mark.parametrize("cache", [InstanceCache], indirect=True)
def test_an_object_is_told_to_forget_what_a_cascade_deleted(library: Any) -> None:
    assert library.moon.title.hget() == "The Moon"

    library.verne.delete()

    assert library.moon.title.hget() == "The Moon"  # as if another client had deleted it
    library.moon.init_cache()
    assert library.moon.title.hget() is None


def test_a_write_in_a_pipeline_that_fails_leaves_data_indexes_and_cache_right(library: Any) -> None:
    assert library.moon.isbn.hget() == "m1"

    with library.database.pipeline() as pipe:
        library.moon.isbn.hset("t1")
        library.moon.hmset(title="Luna")
        with pytest.raises(UniquenessError, match="operation 1 of 2"):
            pipe.execute()

    assert library.moon.hmget("isbn", "title") == ["m1", "Luna"]
    assert library.Book.get(isbn="t1") == library.time
    assert pks(library.Book.collection(title="The Moon")) == []


def test_many_objects_that_refer_to_others_are_created_in_one_round_trip(library: Any) -> None:
    def create() -> None:
        rows = ({"isbn": f"b{n}", "title": f"Book {n % 7}", "author": library.wells} for n in range(200))
        made.extend(library.Book.create_many(rows))

    made: list[str] = []

    assert round_trips(library, create) == 1
    assert len(library.wells.book_set()) == 201
    assert library.Book.get(isbn="b123").pk.get() == made[123]
    assert library.Book(made[123]).copies.get() == "1"  # the default
    with pytest.raises(UniquenessError, match="row 1"):
        library.Book.create_many([{"isbn": "c1", "author": "Verne"}, {"isbn": "b7", "author": "Verne"}])
    assert pks(library.verne.book_set()) == ["1", "2", library.Book.get(isbn="c1").pk.get()]


def test_many_objects_made_in_bulk_are_deleted_by_one_cascade(library: Any) -> None:
    before = snapshot(library.database)
    poe = library.Author(name="Poe", born=1809)
    library.Book.create_many({"isbn": f"b{n}", "title": "Poems", "author": poe} for n in range(300))

    with library.database.pipeline() as pipe:
        poe.delete()
        library.Book.collection().count()
        assert pipe.execute() == [None, 3]

    counter = {":book:max_pk": "303"}
    assert snapshot(library.database) == before | counter


def test_every_type_of_field_is_written_with_its_index_in_one_round_trip(library: Any) -> None:
    def write() -> None:
        with library.database.pipeline() as pipe:
            library.verne.born.set(1829)
            library.moon.title.hset("Luna")
            library.moon.genres.srem("space")
            library.moon.chapters.rpush("End")
            library.moon.ratings.zadd({"fair": 3})
            library.moon.details.hset("language", "en")
            library.moon.author.hset(library.wells)
            library.sea.sequel.delete()
            library.bob.wishes.lrem(0, library.sea)
            library.bob.seen.zadd({library.time: 1})
            results.extend(pipe.execute())

    results: list[Any] = []

    assert round_trips(library, write) == 1
    assert results == [True, 0, 1, 3, 1, 0, 0, 1, 2, 1]
    book = library.Book.collection
    assert pks(book(title="Luna", genres="novel", ratings="fair", details__language="en")) == ["1"]
    assert pks(book(genres="space")) == pks(book(title="The Moon")) == pks(book(details__language="fr")) == []
    assert pks(library.wells.book_set()) == ["1", "3"]
    assert pks(library.moon.prequels()) == pks(library.sea.wishers()) == []
    assert list(library.bob.seen().instances()) == [library.time, library.moon]
