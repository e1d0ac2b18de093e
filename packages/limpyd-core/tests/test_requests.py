"""One operation is one request: the first promise, operation by operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd_testing.models import define


class City(RedisModel):
    abstract = True

    code = fields.HashableField(unique=True)
    country = fields.HashableField(indexable=True)
    name = fields.HashableField(indexable=True)
    population = fields.HashableField()
    tags = fields.SetField(indexable=True)
    visits = fields.StringField(default=0)


OPERATIONS: dict[str, Callable[[type[City]], Any]] = {
    "create": lambda city: city(code="new", country="FR", name="Lyon", tags={"a", "b"}),
    "create by the first write": lambda city: city().visits.incr(),
    "connect": lambda city: city(1),
    "update a plain field": lambda city: city.lazy_connect(1).population.hset(5),
    "update an indexed field": lambda city: city.lazy_connect(1).name.hset("Lutetia"),
    "update many fields": lambda city: city.lazy_connect(1).hmset(name="Lutetia", code="x", population=1),
    "update a set": lambda city: city.lazy_connect(1).tags.sadd("c", "d"),
    "read": lambda city: city.lazy_connect(1).name.hget(),
    "read all": lambda city: city.lazy_connect(1).hgetall(),
    "delete": lambda city: city.lazy_connect(1).delete(),
    "filter": lambda city: list(city.collection(country="FR", name="Paris")),
    "filter to objects": lambda city: list(city.collection(country="FR").instances()),
    "sorted page": lambda city: list(city.collection(country="FR").sort(by="-population")[1:3]),
    "sorted page of two filters": lambda city: list(
        city.collection(country="FR", name="Paris").sort(by="-population")[0:3]
    ),
    "count": lambda city: len(city.collection(country="FR", name="Paris")),
    "membership": lambda city: "1" in city.collection(country="FR", name="Paris"),
    "get": lambda city: city.get(code="1"),
    "exists": lambda city: city.exists(country="FR", name="Paris"),
    "get_or_connect, found": lambda city: city.get_or_connect(code="1"),
    "get_or_connect, created": lambda city: city.get_or_connect(code="new"),
}


@pytest.fixture
def city(database: RedisDatabase) -> type[City]:
    model = define(City, database)
    for number in range(5):
        model(code=number, country="FR", name="Paris" if number < 3 else "Nice", population=number)
    for look in (lambda: model.exists(country="FR", name="Paris"), lambda: model.get(code="1")):
        look()  # what this server does not know is found out once
    len(model.collection(country="FR", name="Paris"))
    return model


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_one_request(city: type[City], database: RedisDatabase, operation: str) -> None:
    with database.trace() as requests:
        OPERATIONS[operation](city)
    assert len(requests) == 1, [str(request) for request in requests]


def test_counting_a_filtered_collection_transfers_no_pks(city: type[City], database: RedisDatabase) -> None:
    def bytes_sent_to_count() -> int:
        before = database.connection.info("stats")["total_net_output_bytes"]
        len(city.collection(country="FR", name="Paris"))
        return int(database.connection.info("stats")["total_net_output_bytes"]) - int(before)

    few = bytes_sent_to_count()
    city.create_many({"code": f"more {n}", "country": "FR", "name": "Paris"} for n in range(500))
    assert len(city.collection(country="FR", name="Paris")) == 503
    assert bytes_sent_to_count() < few + 100
