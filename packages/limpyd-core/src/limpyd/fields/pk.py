"""The primary key of a model: given by the caller, or counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from limpyd import keys
from limpyd.exceptions import ImplementationError
from limpyd.fields.steps import NOTHING, Touch
from limpyd.fields.string import StringField
from limpyd.keys import Value

__all__ = ["AutoPKField", "PKField"]

T = TypeVar("T")


class PKField(StringField):
    """The name of an object, any text, given once, when the object is created.

    It is part of all keys of the object and has no key of its own: of a string's commands it has `get` alone.
    """

    def __init__(self) -> None:
        super().__init__(cacheable=False)

    def get(self) -> str:
        """The pk; nothing is sent for it. An object that is not created yet is created now."""
        return self.bound_to.get_pk()

    def set(self, value: Any, *args: Any, **options: Any) -> bool:
        """Create an object that has no pk yet, with this one. Returns True."""
        instance = self.bound_to
        if args or options or instance._pk is not None:
            self._refuse("set")
        return instance._create({self.name: value})

    def normalize(self, value: Any) -> str:
        """The text of a pk. `ImplementationError` if keys made of it could meet other keys of the model."""
        text = self.to_redis(value)
        # exactly a str: keys are formatted, which an enum's member is by its name
        pk = str.__str__(text) if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
        fields = () if self.model is None else self.model._fields
        part = keys.reserved_pk_part(pk, fields)
        if part is not None:
            raise ImplementationError(
                f"{self}: the pk {pk!r} starts with {part!r}, which the keys of the model's indexes do; "
                f"put something before it"
            )
        return pk

    def _read(self, decode: Callable[[Any], T], name: str, *args: Value, binary: bool = False) -> T:
        self._refuse(name.lower())

    def _write(self, decode: Callable[[Any], T], name: str, *args: Value, touch: Touch = NOTHING) -> T:
        self._refuse(name.lower())

    def _refuse(self, command: str) -> NoReturn:
        raise ImplementationError(
            f"{self}: {command} can't work on a primary key, which has no value of its own in Redis and "
            f"never changes; create another object, or use a StringField"
        )


class AutoPKField(PKField):
    """A pk that Redis counts: 1, 2, 3… A model without a pk field has one, named `pk`."""

    def set(self, value: Any, *args: Any, **options: Any) -> NoReturn:
        """Always refused: the pk comes from Redis."""
        raise ImplementationError(f"{self} is counted by Redis; a PKField takes a value")
