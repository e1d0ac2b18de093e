"""What a worker does to its own story, each with what that should do to the story's data.

Many of these would show it if they were done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from limpyd_testing.load.story import Args, Operation, State, Story

__all__ = ["CHANGES", "END", "ENDS", "OPENING", "OPERATIONS"]

TITLES = ("Moon", "Sea", "Time", "x:y", "é*\n")
YEARS = ("1828", "1866", "1895")
GENRES = ("novel", "space", "poem", "a:b")
ENTRIES = ("language", "pages")
FEW = ("1", "2", "3")


# -- what begins a story


def _open(story: Story, _args: Args) -> None:
    story.models.author(name=story.token, born="1828")


def _publish(story: Story, args: Args) -> None:
    title, year, genre = args
    story.book = story.models.book(
        isbn=story.token,
        title=title,
        author=story.author,
        year=year,
        genres=[genre],
        chapters=["start"],
        ratings={"good": 1},
        details={"language": "fr"},
    )


def _published(state: State, args: Args) -> None:
    title, year, genre = args
    state["book"] = {
        "title": title,
        "year": year,
        "copies": 1,
        "genres": [genre],
        "chapters": ["start"],
        "ratings": {"good": 1},
        "details": {"language": "fr"},
    }


def _join(story: Story, _args: Args) -> None:
    story.models.reader(name=story.token, email=f"{story.token}@example.com", favourites=[story.book])


# -- what goes on


def _reprint(story: Story, args: Args) -> list[Any]:
    title, chapter = args
    with story.database.pipeline() as pipe:
        story.book.title.hset(title)
        story.book.chapters.rpush(chapter)
        story.book.copies.incr()
        story.reader.favourites.sadd(story.book)
        results: list[Any] = pipe.execute()
    return results[1:3]


def _reprinted(state: State, args: Args) -> None:
    state["book"]["title"], chapter = args
    state["book"]["chapters"].append(chapter)
    state["book"]["copies"] += 1
    state["reader"]["favourites"] = True


def _lend(story: Story, _args: Args) -> Any:
    def do_lend(pipe: Any) -> None:
        copies = int(story.book.copies.get() or 0)
        pipe.multi()
        story.book.copies.set(copies + 2)
        story.book.year.set("1895")

    return story.database.transaction(do_lend, story.book.copies)


def _lent(state: State, _args: Args) -> None:
    state["book"]["copies"] += 2
    state["book"]["year"] = "1895"


def _rewrite(story: Story, args: Args) -> Any:
    return story.book.hmset(title=args[0], author=story.author)


def _note(story: Story, _args: Args) -> None:
    story.notes.append(story.models.note(token=story.token))


def _noted(state: State, _args: Args) -> None:
    state["notes"] += 1


# -- what ends a story


def _end_of_book(state: State, _args: Args) -> None:
    state["book"] = None
    if state["reader"] is not None:
        state["reader"]["favourites"] = False


def _end_of_author(state: State, args: Args) -> None:
    state["author"] = None
    _end_of_book(state, args)


def _erase(story: Story, _args: Args) -> None:
    with story.database.pipeline() as pipe:
        for note in story.notes:
            note.delete()
        pipe.execute()
    story.notes.clear()


# -- what is read, and has to be what the state says


def _look(story: Story, _args: Args) -> Any:
    book = story.book
    return [
        book.title.hget(),
        book.copies.get(),
        sorted(book.genres.smembers()),
        book.chapters.lrange(0, -1),
        book.details.hgetall(),
    ]


def _seen(state: State, _args: Args) -> Any:
    book = state["book"]
    return [book["title"], str(book["copies"]), book["genres"], book["chapters"], book["details"]]


def _find(story: Story, args: Args) -> Any:
    pk = story.book.pk.get()
    found = story.models.book.collection
    return [
        list(found(isbn=story.token)) == [pk],
        list(story.author.book_set().sort(by="title", alpha=True).instances()) == [story.book],
        pk in found(title=args[0]),
    ]


def _page(story: Story, _args: Args) -> Any:
    novels = story.models.book.collection(genres="novel").sort(by="-title", alpha=True)
    list(novels[:10].instances(preload=["title", "copies"]))
    return len(story.book.fans()) == 1


# -- the table


def _book(call: Callable[[Any, Args], Any]) -> Callable[[Story, Args], Any]:
    return lambda story, args: call(story.book, args)


def _put(name: str) -> Callable[[State, Args], None]:
    def change(state: State, args: Args) -> None:
        state["book"][name] = args[0]

    return change


def _copy(amount: int) -> Callable[[State, Args], None]:
    def change(state: State, _args: Args) -> None:
        state["book"]["copies"] += amount

    return change


def _pushed(state: State, args: Args) -> None:
    state["book"]["chapters"].append(args[0])


def _tagged(state: State, args: Args) -> None:
    state["book"]["genres"] = sorted({*state["book"]["genres"], args[0]})


def _untagged(state: State, args: Args) -> None:
    state["book"]["genres"] = sorted({*state["book"]["genres"]} - {args[0]})


def _rated(state: State, args: Args) -> None:
    ratings = state["book"]["ratings"]
    ratings[args[0]] = ratings.get(args[0], 0) + 1


def _described(state: State, args: Args) -> None:
    state["book"]["details"][args[0]] = args[1]


def _joined(state: State, _args: Args) -> None:
    state["reader"] = {"favourites": True}


def _favoured(is_favourite: bool) -> Callable[[State, Args], None]:
    def change(state: State, _args: Args) -> None:
        state["reader"]["favourites"] = is_favourite

    return change


def _opened(state: State, _args: Args) -> None:
    state["author"] = {"born": "1828"}


def _erased(state: State, _args: Args) -> None:
    state["notes"] = 0


def _left(state: State, _args: Args) -> None:
    state["reader"] = None


def _of(*choices: tuple[str, ...]) -> Callable[[Random], Args]:
    """Chooses one of each."""
    return lambda random: [random.choice(each) for each in choices]


OPERATIONS: dict[str, Operation] = {
    "open": Operation(_open, _opened),
    "publish": Operation(_publish, _published, choose=_of(TITLES, YEARS, GENRES)),
    "join": Operation(_join, _joined),
    "retitle": Operation(
        _book(lambda book, args: book.title.hset(args[0])), _put("title"), lambda _s, _a: 0, _of(TITLES)
    ),
    "date": Operation(_book(lambda book, args: book.year.set(args[0])), _put("year"), choose=_of(YEARS)),
    "sell": Operation(
        _book(lambda book, _args: book.copies.incr()), _copy(1), lambda state, _a: state["book"]["copies"]
    ),
    "write": Operation(
        _book(lambda book, args: book.chapters.rpush(args[0])),
        _pushed,
        lambda state, _a: len(state["book"]["chapters"]),
        _of(FEW),
    ),
    "tag": Operation(_book(lambda book, args: book.genres.sadd(args[0])), _tagged, choose=_of(GENRES)),
    "untag": Operation(_book(lambda book, args: book.genres.srem(args[0])), _untagged, choose=_of(GENRES)),
    "rate": Operation(
        _book(lambda book, args: book.ratings.zincrby(1, args[0])),
        _rated,
        lambda state, args: state["book"]["ratings"][args[0]],
        _of(FEW),
    ),
    "describe": Operation(
        _book(lambda book, args: book.details.hset(*args)), _described, choose=_of(ENTRIES, FEW)
    ),
    "rewrite": Operation(_rewrite, _put("title"), choose=_of(TITLES)),
    "reprint": Operation(
        _reprint,
        _reprinted,
        lambda state, _a: [len(state["book"]["chapters"]), state["book"]["copies"]],
        _of(TITLES, FEW),
    ),
    "lend": Operation(_lend, _lent),
    "like": Operation(lambda story, _a: story.reader.favourites.sadd(story.book), _favoured(True)),
    "unlike": Operation(lambda story, _a: story.reader.favourites.srem(story.book), _favoured(False)),
    "note": Operation(_note, _noted),
    "look": Operation(_look, reply=_seen),
    "find": Operation(
        _find, reply=lambda state, args: [True, True, state["book"]["title"] == args[0]], choose=_of(TITLES)
    ),
    "page": Operation(_page, reply=lambda state, _a: state["reader"]["favourites"]),
    "withdraw": Operation(lambda story, _a: story.book.delete(), _end_of_book),
    "retire": Operation(lambda story, _a: story.author.delete(), _end_of_author),
    "erase": Operation(_erase, _erased),
    "leave": Operation(lambda story, _a: story.reader.delete(), _left),
}

OPENING = ("open", "publish", "join")
"""How a story begins; without one of these, it is over."""

ENDS = ("withdraw", "retire", "look")
"""One of these is the end of a story, of which something stays."""

END = ("retire", "erase", "leave")
"""After these, nothing is left of a story."""

CHANGES = ("look", *(name for name in OPERATIONS if name not in {*OPENING, *ENDS, *END}))
"""What may come in between."""
