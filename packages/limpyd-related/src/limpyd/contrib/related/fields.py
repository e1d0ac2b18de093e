"""The five related fields: a type of core's each, whose values are pks of objects of another model.

====================  ======================  ==========================================
field                 it is                   what it adds
====================  ======================  ==========================================
`FKStringField`       a `StringField`         `instance()`
`FKHashableField`     a `HashableField`       `instance()`
`M2MSetField`         a `SetField`            called, a collection of the other side
`M2MListField`        a `ListField`           the same, in the order of the list
`M2MSortedSetField`   a `SortedSetField`      the same, in the order of the scores
====================  ======================  ==========================================
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from limpyd import keys
from limpyd.collection import Collection, Source
from limpyd.commands import Command
from limpyd.contrib.related.relations import M, RelatedField
from limpyd.decoders import optional_text
from limpyd.exceptions import DoesNotExist, ImplementationError
from limpyd.fields import HashableField, ListField, SetField, SortedSetField, StringField
from limpyd.fields.base import field_command
from limpyd.fields.steps import NOTHING
from limpyd.scripts import Script, answer

__all__ = [
    "FKHashableField",
    "FKInstanceHashField",
    "FKStringField",
    "ForeignKey",
    "M2MListField",
    "M2MSetField",
    "M2MSortedSetField",
    "ManyToMany",
]

_INSTANCE = Script("instance", "limpyd.contrib.related.scripts")


class ForeignKey(RelatedField[M]):
    """What the fields have in common that hold one pk."""

    def instance(self, lazy: bool = False) -> M | None:
        """The object that the field refers to, or None if it has no value.

        Raises `DoesNotExist` if there is no such object (any more). `lazy`: don't ask whether there is one,
        as `lazy_connect` doesn't.

        `GET` or `HGET`, and without `lazy` `SISMEMBER` in the same request, by a script; O(1).
        """
        target = self.target
        if lazy:
            name, *args = self._getter
            return self._read(partial(_connected, target), name, *args)
        owner = self.bound_to
        return owner.database.execute(
            Command(
                _INSTANCE.name,
                (self.key, keys.collection_key(target._key)),
                self._getter,
                partial(_decode_instance, target),
                script=_INSTANCE,
                model=type(owner),
                instance=owner,
                reads=(self.name,),
            )
        )

    @property
    def _getter(self) -> tuple[str, ...]:
        """The command that reads the pk, and its arguments after the key."""
        return ("GET",) if self.kind == "string" else ("HGET", self.name)

    def _stored_pk(self) -> str:
        """The pk that the field holds, read by a request of its own."""
        owner = self.bound_to
        owner._require_pk()
        name, *args = self._getter
        command = field_command(
            owner,
            self.suffix,
            (self.name,),
            self.step_program,
            optional_text,
            name,
            tuple(args),
            NOTHING,
            is_write=False,
        )
        pk = owner.database.execute_now(command)
        if pk is None:
            raise ImplementationError(f"{self!r} has no value that another field could take")
        return pk


class ManyToMany(RelatedField[M]):
    """What the fields have in common that hold many pks."""

    def __call__(self, **filters: Any) -> Collection[M, str]:
        """The objects that the field refers to, as a collection; a list or a sorted set gives them its order.

        `filters`: as for `collection` of the other model. Nothing is sent yet.
        """
        target = self.target
        manager = cast("type[Collection[M, str]]", target.collection_manager)
        return manager(target, filters, Source(self.key, self.kind))


class FKStringField(ForeignKey[M], StringField):
    """A foreign key in a string of its own: the pk of one object, under `model:pk:field`."""


class FKHashableField(ForeignKey[M], HashableField):
    """A foreign key in the hash of the object, to be read and set by `hmget` and `hmset` too."""


FKInstanceHashField = FKHashableField
"""The name that redis-limpyd 2 had for `FKHashableField`."""


class M2MSetField(ManyToMany[M], SetField):
    """Many objects without an order, each once: the lightest kind, and the fastest to ask for a member."""


class M2MListField(ManyToMany[M], ListField):
    """Many objects in order, each as often as it was pushed."""


class M2MSortedSetField(ManyToMany[M], SortedSetField):
    """Many objects in the order of their scores, each once: a score may be the time of joining, or a rank."""


def _connected(target: type[M], pk: str | None) -> M | None:
    return None if pk is None else target.lazy_connect(pk)


def _decode_instance(target: type[M], reply: Any) -> M | None:
    found = answer(reply, target.__name__)
    if found is None:
        return None
    pk, exists = found
    if not exists:
        raise DoesNotExist(target.__name__, pk)
    return target.lazy_connect(pk)
