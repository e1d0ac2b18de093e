"""Many processes create objects with the same unique values: one wins each, and the indexes are whole."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import pytest
from limpyd import fields, model
from limpyd.contrib.database import PipelineDatabase
from limpyd.database import RedisDatabase
from limpyd.exceptions import UniquenessError

VALUES = 400
PROCESSES = 8


class Person(model.RedisModel):
    abstract = True
    email = fields.HashableField(unique=True)
    group = fields.StringField(indexable=True)


def define(url: str) -> tuple[PipelineDatabase, Any]:
    database = PipelineDatabase.from_url(url)
    return database, type("Person", (Person,), {"database": database})


def rows(seed: int) -> list[dict[str, Any]]:
    found = [{"email": f"e{n}", "group": n % 7} for n in range(VALUES)]
    random.Random(seed).shuffle(found)
    return found


def create_many(url: str, seed: int) -> int:
    _, person = define(url)
    outcomes = person.create_many(rows(seed), chunk_size=37, raise_on_error=False)
    assert all(isinstance(outcome, (str, UniquenessError)) for outcome in outcomes)
    return sum(isinstance(outcome, str) for outcome in outcomes)


def create_in_pipelines(url: str, seed: int) -> int:
    database, person = define(url)
    created = 0
    with database.pipeline() as pipe:
        for number, row in enumerate(rows(seed), 1):
            person(**row)
            if number % 37 == 0 or number == VALUES:
                outcomes = pipe.execute(raise_on_error=False)
                assert all(outcome is True or isinstance(outcome, UniquenessError) for outcome in outcomes)
                created += sum(outcome is True for outcome in outcomes)
    return created


@pytest.mark.parametrize("how", ["create_many", "create_in_pipelines"])
def test_each_unique_value_ends_with_one_object_and_whole_indexes(
    database: RedisDatabase, server_url: str, how: str
) -> None:
    processes = [
        subprocess.Popen([sys.executable, __file__, how, server_url, str(seed)], stdout=subprocess.PIPE)
        for seed in range(PROCESSES)
    ]
    created = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(created) == VALUES
    _, person = define(server_url)
    persons = list(person.collection().instances())
    emails = {one.email.hget(): one for one in persons}
    assert len(persons) == len(emails) == VALUES
    client = database.connection
    expected = {f":person:email:{email}": {one.pk.get()} for email, one in emails.items()}
    for group in range(7):
        expected[f":person:group:{group}"] = {
            one.pk.get() for one in persons if one.group.get() == str(group)
        }
    for key, pks in expected.items():
        assert client.smembers(key) == pks
    data = {f":person:{one.pk.get()}:{part}" for one in persons for part in ("hash", "group")}
    assert set(client.scan_iter()) == {*expected, *data, ":person:collection", ":person:max_pk"}


if __name__ == "__main__":
    create = {"create_many": create_many, "create_in_pipelines": create_in_pipelines}[sys.argv[1]]
    sys.stdout.write(str(create(sys.argv[2], int(sys.argv[3]))))
