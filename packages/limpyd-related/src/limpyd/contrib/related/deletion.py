"""Deleting an object with everything that refers to it, in one request.

This module knows the plan that `scripts/delete.lua` follows: the models that a deletion can reach, and their
relations. What is referred to, by whom, and how much of it, is found out on the server.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from limpyd import keys
from limpyd.commands import Command
from limpyd.contrib.related.relations import remembered
from limpyd.exceptions import LimpydException
from limpyd.keys import Key, Value
from limpyd.scripts import Script, answer

if TYPE_CHECKING:
    from limpyd.contrib.related.model import RelatedModel

__all__ = ["Referrer", "RestrictedError", "with_references"]

_DELETE = Script("delete", "limpyd.contrib.related.scripts")


class Referrer(NamedTuple):
    """A reference that forbids a deletion."""

    model: str
    """The class name of the object that refers."""
    pk: str
    """Its pk."""
    field: str
    """The name of its field that refers."""
    target_model: str
    """The class name of the object that is referred to: the one to delete, or one that would go with it."""
    target_pk: str
    """Its pk."""

    def __str__(self) -> str:
        return f"{self.model}({self.pk}).{self.field} -> {self.target_model}({self.target_pk})"


class RestrictedError(LimpydException):
    """An object can't be deleted, because others refer to it by fields with `on_delete="restrict"`.

    Nothing was changed. Delete those others first, or let them refer to something else.
    """

    def __init__(self, model: str, pk: str, count: int, referrers: tuple[Referrer, ...]) -> None:
        self.model = model
        """The class name of the object that was to be deleted."""
        self.pk = pk
        """Its pk."""
        self.count = count
        """How many references forbid it."""
        self.referrers = referrers
        """The first 20 of them."""
        shown = ", ".join(map(str, referrers))
        more = f" and {count - len(referrers)} more" if count > len(referrers) else ""
        super().__init__(
            f'{model} with pk {pk} can\'t be deleted while it is referred to with on_delete="restrict": '
            f"{shown}{more}"
        )


class _Plan(NamedTuple):
    models: tuple[type[RelatedModel], ...]
    """The model of the object, and all others that a deletion can reach."""
    keys: tuple[Key, ...]
    arguments: tuple[Value, ...]


def with_references(deletion: Command[None], model: type[RelatedModel], pk: str) -> Command[None]:
    """The deletion of an object of `model`, extended to what its relations say; `deletion` is core's."""
    plan = remembered(model, "_known_deletion", _plan)
    return deletion._replace(
        name=_DELETE.name,
        keys=plan.keys,
        args=(pk, *plan.arguments),
        decode=partial(_decode, plan.models, pk),
        script=_DELETE,
    )


def _plan(root: type[RelatedModel]) -> _Plan:
    numbers = {root: 1}
    deleted = {root: None}
    waiting = [root]
    while waiting:
        for field in waiting.pop()._relations().values():
            model = _referring(field)
            numbers.setdefault(model, len(numbers) + 1)
            if field.on_delete == "cascade" and model not in deleted:
                deleted[model] = None
                waiting.append(model)
    arguments: list[Value] = [len(numbers), *(model._key for model in numbers)]
    for model in numbers:
        if model not in deleted:
            arguments += (0, 0, 0)
            continue
        relations = model._relations().values()
        arguments += (*model._deletion_plan, len(relations))
        for field in relations:
            arguments += (numbers[_referring(field)], field.on_delete, len(field.program), *field.program)
    collections = tuple(keys.collection_key(model._key) for model in numbers)
    return _Plan(tuple(numbers), collections, tuple(arguments))


def _referring(field: Any) -> type[RelatedModel]:
    model: type[RelatedModel] = field.model
    return model


def _decode(models: tuple[type[RelatedModel], ...], pk: str, reply: Any) -> None:
    if reply[0] != "restricted":
        answer(reply, models[0].__name__)
        return
    _, count, *parts = reply
    names = [model.__name__ for model in models]
    referrers = tuple(
        Referrer(names[model - 1], its_pk, field, names[target - 1], target_pk)
        for model, its_pk, field, target, target_pk in zip(*[iter(parts)] * 5, strict=True)
    )
    raise RestrictedError(names[0], pk, count, tuple(sorted(referrers)))
