"""A diagram of models and their relations, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from limpyd.contrib.related.fields import ManyToMany
from limpyd.contrib.related.relations import RelatedField
from limpyd.database import RedisDatabase
from limpyd.fields import Field
from limpyd.model import RedisModel

__all__ = ["related_diagram"]


def related_diagram(database: RedisDatabase) -> str:
    """A Mermaid class diagram of all models on a database: their fields, and how they refer to each other.

    Put it into a fenced block marked `mermaid`, in a README or a page of docs. An arrow goes from the model
    of a field to the one that it points to; the numbers at its ends say how many objects can refer to one,
    and to how many one can refer. Beside it stand the field, the related name, and what a deletion does.

    Sends nothing. Raises `ImplementationError` if a field points to a model that there isn't.
    """
    models = list(database.models)
    lines = ["classDiagram"]
    for model in models:
        lines += _class(model)
    for model in models:
        lines += [_arrow(model, field) for field in model._fields.values() if isinstance(field, RelatedField)]
    return "\n".join(f"    {line}" if number else line for number, line in enumerate(lines))


def _class(model: type[RedisModel]) -> Iterator[str]:
    label = f'["{model.namespace}:{model.__name__}"]' if model.namespace else ""
    yield f"class {_id(model)}{label} {{"
    for field in model._fields.values():
        yield f"    {_type(field)} {field.name}{_mark(field)}"
    yield "}"


def _type(field: Field) -> str:
    """The name of the field's class, or of the public one that it comes from."""
    return next(each.__name__ for each in type(field).__mro__ if not each.__name__.startswith("_"))


def _mark(field: Field) -> str:
    if field.unique:
        return " unique"
    return " indexable" if field.indexable and not isinstance(field, RelatedField) else ""


def _arrow(model: type[RedisModel], field: RelatedField[Any]) -> str:
    referring = "0..1" if field.unique else "*"
    referred = "*" if isinstance(field, ManyToMany) else "0..1"
    label = f"{field.name} / {field.related_name}, {field.on_delete}"
    return f'{_id(model)} "{referring}" --> "{referred}" {_id(field.target)} : {label}'


def _id(model: type[RedisModel]) -> str:
    """A name for the class that Mermaid takes: letters, digits and underscores."""
    return re.sub(r"\W", "_", f"{model.namespace}_{model.__name__}" if model.namespace else model.__name__)
