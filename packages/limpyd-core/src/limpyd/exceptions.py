"""Everything limpyd raises itself. Errors of Redis (`redis.exceptions.*`) pass through unchanged.

==========================  ===============================================  ===========================
class                       cause                                            what to do
==========================  ===============================================  ===========================
`DoesNotExist`              no object has this pk, or it was deleted         create it, or `exists()` first
`MultipleObjectsReturned`   `get(...)` matches more than one object          filter by a unique field
`UniquenessError`           another object holds this pk or unique value     use `get(...)` to find it
`ImplementationError`       a model or a call that can't be                  change the code as it says
==========================  ===============================================  ===========================

This module knows no other module of limpyd.
"""

from __future__ import annotations

from typing import TypeVar

__all__ = [
    "DoesNotExist",
    "ImplementationError",
    "LimpydException",
    "MultipleObjectsReturned",
    "UniquenessError",
    "add_detail",
]

E = TypeVar("E", bound=BaseException)


class LimpydException(Exception):
    """The base of every exception that limpyd raises itself."""


class ImplementationError(LimpydException):
    """A model, or a call, that can't be; the text names the class, the field and the way out."""


class DoesNotExist(LimpydException):
    """No object of the model `model` (a class name) has the pk `pk`, or none matches the filters."""

    def __init__(self, model: str, pk: str | None = None, *, detail: str | None = None) -> None:
        self.model = model
        self.pk = pk
        super().__init__(f"{model} {detail or f'with pk {pk} does not exist'}")


class MultipleObjectsReturned(LimpydException):
    """More than one object matches where one was asked for."""


class UniquenessError(LimpydException):
    """`value` is held already, at the Redis key `key`, by the object whose pk is `pk`."""

    def __init__(self, text: str, *, key: str, value: str, pk: str) -> None:
        self.key = key
        self.value = value
        self.pk = pk
        super().__init__(text)


def add_detail(error: E, detail: str) -> E:
    """The same error, whose text says more; its type and its attributes stay."""
    if error.args and str(error) == error.args[0]:
        error.args = (f"{error.args[0]} ({detail})", *error.args[1:])
    else:
        error.add_note(detail)
    return error
