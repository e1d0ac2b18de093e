"""The diagram of models and relations."""

from __future__ import annotations

import pytest
from limpyd import fields
from limpyd.contrib import related
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.models import define


def test_it_shows_models_fields_and_relations(database: RedisDatabase) -> None:
    define(
        related.RelatedModel,
        database,
        "Person",
        key=fields.PKField(),
        email=fields.HashableField(unique=True),
        city=fields.HashableField(indexable=True),
        boss=related.FKStringField("self", related_name="staff", on_delete="restrict"),
    )
    define(
        related.RelatedModel,
        database,
        "Group",
        namespace="my-groups",
        owner=related.FKHashableField("Person", unique=True, on_delete="cascade"),
        members=related.M2MSortedSetField("Person", related_name="membership"),
    )
    define(RedisModel, database, "Plain")

    with database.trace() as requests:
        text = related.related_diagram(database)

    assert not requests
    assert text == (
        "classDiagram\n"
        "    class Person {\n"
        "        PKField key\n"
        "        HashableField email unique\n"
        "        HashableField city indexable\n"
        "        FKStringField boss\n"
        "    }\n"
        '    class my_groups_Group["my-groups:Group"] {\n'
        "        AutoPKField pk\n"
        "        FKHashableField owner unique\n"
        "        M2MSortedSetField members\n"
        "    }\n"
        "    class Plain {\n"
        "        AutoPKField pk\n"
        "    }\n"
        '    Person "*" --> "0..1" Person : boss / staff, restrict\n'
        '    my_groups_Group "0..1" --> "0..1" Person : owner / group_set, cascade\n'
        '    my_groups_Group "*" --> "*" Person : members / membership, clear'
    )


def test_a_relation_to_nothing_is_an_error(database: RedisDatabase) -> None:
    define(related.RelatedModel, database, "Group", owner=related.FKHashableField("Nobody"))
    with pytest.raises(ImplementationError, match=r"Group.owner points to 'Nobody', and no model"):
        related.related_diagram(database)
