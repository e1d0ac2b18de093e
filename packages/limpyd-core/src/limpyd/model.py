"""Models: classes whose objects live in Redis, as fields under keys that are made of the object's pk.

This module builds the commands of whole objects: create, connect, find and delete. How a class statement
becomes a model is told in `limpyd.declaration`, and what a field does is the field's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from limpyd import keys
from limpyd.audit import AuditCommands
from limpyd.bulk import BulkCommands
from limpyd.collection import Collection
from limpyd.commands import Command
from limpyd.creation import layout_of
from limpyd.database import RedisDatabase
from limpyd.declaration import Declaration
from limpyd.exceptions import (
    DoesNotExist,
    ImplementationError,
    LimpydException,
    MultipleObjectsReturned,
    UniquenessError,
)
from limpyd.fields import (
    AutoPKField,
    Field,
    HashableField,
    HashField,
    InstanceHashField,
    ListField,
    PKField,
    SetField,
    SortedSetField,
    StringField,
)
from limpyd.hashes import HashCommands
from limpyd.keys import Value
from limpyd.middleware import added_method
from limpyd.scripts import Script, answer

__all__ = [
    "AutoPKField",
    "Collection",
    "DoesNotExist",
    "HashField",
    "HashableField",
    "ImplementationError",
    "InstanceHashField",
    "LimpydException",
    "ListField",
    "MultipleObjectsReturned",
    "PKField",
    "RedisDatabase",
    "RedisModel",
    "SetField",
    "SortedSetField",
    "StringField",
    "UniquenessError",
]

T = TypeVar("T")

_CREATE = Script("create")
_START = Script("start")
_CONNECT = Script("connect")
_DELETE = Script("delete")


class _LazyPK(str):
    """A pk that `__init__` believes without asking Redis."""

    __slots__ = ()


class RedisModel(Declaration, HashCommands, BulkCommands, AuditCommands, root=True):
    """The base of all models. A subclass names its database and its fields.

    ```python
    class Bike(RedisModel):
        database = main_database

        name = HashableField(indexable=True, unique=True)
        wheels = StringField(default=2)
    ```

    - `Bike(name="tricycle")` creates an object: its pk, all values, defaults and indexes in one request.
    - `Bike(1)` connects to the object with this pk, or raises `DoesNotExist`.
    - `Bike()` sends nothing; the object is created, with its defaults, by its first command.

    An object holds its pk and no values. Two objects are equal if they have one model and one pk.
    """

    collection_manager: ClassVar[type[Collection[Any, Any]]] = Collection
    """What `collection` makes; a subclass of `Collection` can add methods to it."""

    # -- objects

    def __init__(self, *args: Any, **values: Any) -> None:
        # its fields, as they are needed; and what middlewares keep, by names that start with an underscore
        self._bound: dict[str, Any] = {}
        self._pk: str | None = None
        self._deleted: str | None = None
        # what was queued and makes the object unusable until it is done: `creation` or `deletion`
        self._pending: str | None = None
        if args:
            self._connect(args, values)
        elif values:
            self._create(values)

    @classmethod
    def lazy_connect(cls, pk: Any) -> Self:
        """The object with this pk, without asking Redis whether it exists. Sends nothing."""
        return cls(_LazyPK(cls.pk.normalize(pk)))

    def get_pk(self) -> str:
        """The pk. An object that is not created yet is created now.

        Raises `DoesNotExist` if the object was deleted.
        """
        if self._pk is None:
            self._create({})
        return self._require_pk()

    def delete(self) -> None:
        """Delete the object: all its values, its index entries and its pk, in one request.

        Raises `DoesNotExist`, and changes nothing, if there is no such object (any more). Afterwards every
        command on it raises that.
        """
        self.database.execute(self._deletion())

    if not TYPE_CHECKING:  # type checkers go on reporting attributes that don't exist

        def __getattr__(self, name: str) -> Any:
            database = None if name.startswith("_") else getattr(type(self), "database", None)
            hooks = () if database is None else database._middleware
            return added_method(self, name, (each.object_methods for each in hooks))

    def __repr__(self) -> str:
        if self._deleted is not None:
            return f"<{type(self).__name__} {self._deleted} (deleted)>"
        return f"<{type(self).__name__} {'(not created yet)' if self._pk is None else self._pk}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RedisModel):
            return NotImplemented
        if self._pk is None:
            return self is other
        return type(self) is type(other) and self._pk == other._pk

    def __hash__(self) -> int:
        if self._pk is None:
            raise TypeError(f"{self!r} has no pk, by which it could be hashed")
        return hash((type(self), self._pk))

    def _connect(self, args: tuple[Any, ...], values: dict[str, Any]) -> None:
        model = type(self)
        if len(args) > 1 or values:
            raise ImplementationError(
                f"{model.__name__}: give one pk to connect to an object, or named values to create one"
            )
        pk = args[0]
        if isinstance(pk, _LazyPK):
            self._pk = str(pk)
            return
        self._pk = model.pk.normalize(pk)
        self.database.execute(model._membership(self._pk, partial(_require, model.__name__, self._pk), self))

    def _require_pk(self) -> str:
        """The pk of an object that has one; `DoesNotExist` for one that was deleted."""
        self._check_usable()
        if self._pk is None:
            raise ImplementationError(f"{type(self).__name__}: the object has no pk yet; save a value first")
        return self._pk

    def _check_usable(self) -> None:
        """Refuse an object that was deleted, or of which the creation or the deletion is still queued."""
        if self._deleted is not None:
            raise DoesNotExist(type(self).__name__, self._deleted)
        if self._pending is not None:
            reason = ", which tells it its pk" if self._pending == "creation" else ""
            raise ImplementationError(
                f"{type(self).__name__}: the {self._pending} of the object is queued and not done yet; use "
                f"the object after the pipeline's `execute()`{reason}"
            )

    # -- creation

    def _create(self, values: Mapping[str, Any]) -> bool:
        """Create the object; it knows its pk afterwards. Returns True."""
        return self.database.execute(self._creation(values))

    def _creation(
        self,
        values: Mapping[str, Any],
        *,
        step: tuple[Value, ...] = (),
        decode: Callable[[Any], T] = bool,  # type: ignore[assignment]  # the pk is there: True
        reads: tuple[str, ...] = (),
    ) -> Command[T]:
        """The command that creates the object, and runs its first command if `step` has one."""
        self._check_usable()
        model = type(self)
        layout = layout_of(model, tuple(values))
        pk = layout.pk(values)
        script = _START if step else _CREATE
        return Command(
            script.name,
            layout.keys,
            (model._key, *layout.row(pk, values), *step),
            partial(_decode_creation, decode, model.__name__),
            script=script,
            is_write=True,
            model=model,
            instance=self,
            reads=reads,
            writes=layout.writes,
            on_reply=self._learn_pk,
            on_wait=partial(self._wait_for_creation, pk),
        )

    def _learn_pk(self, reply: Any) -> None:
        self._pk = reply[0][0]

    def _wait_for_creation(self, pk: str | None, waiting: bool) -> None:
        """An object whose creation is queued is used by the pk that it was given; without one it can't be."""
        self._pk = pk if waiting else None
        self._pending = "creation" if waiting and pk is None else None

    def _forget(self, _reply: Any) -> None:
        self._deleted, self._pk = self._pk, None

    def _wait_for_deletion(self, waiting: bool) -> None:
        self._pending = "deletion" if waiting else None

    def _deletion(self) -> Command[None]:
        """The command that deletes the object. A hook: plugins let it do more."""
        pk = self._require_pk()
        model = type(self)
        return Command(
            _DELETE.name,
            (keys.collection_key(model._key),),
            (model._key, pk, *model._deletion_plan),
            partial(_decode_deletion, model.__name__),
            script=_DELETE,
            is_write=True,
            model=model,
            instance=self,
            writes=tuple(model._fields),
            on_reply=self._forget,
            on_wait=self._wait_for_deletion,
        )

    # -- finding

    @classmethod
    def collection(cls, **filters: Any) -> Collection[Self, str]:
        """The pks of the objects that match all filters, as a lazy sequence. Sends nothing yet.

        A filter is `field=value`, for an indexed field, or for the pk; without filters it is all objects.
        Raises `ImplementationError` for an unknown field and one without an index.
        """
        return cls.collection_manager(cls, filters)

    @classmethod
    def get(cls, *args: Any, **filters: Any) -> Self:
        """The one object that has a pk, `get(pk)`, or that matches all filters, `get(name="x")`.

        Raises `DoesNotExist` if there is none and `MultipleObjectsReturned` if there are more. One request.
        """
        if args:
            return cls(*args, **filters)
        if not filters:
            raise ImplementationError(f"{cls.__name__}.get needs a pk or a filter")
        found = list(cls.collection(**filters)[:2].instances())
        if len(found) > 1:
            raise MultipleObjectsReturned(f"{cls.__name__}: more than one object matches {filters}")
        if not found:
            raise DoesNotExist(cls.__name__, detail=f"has no object that matches {filters}")
        return found[0]

    @classmethod
    def exists(cls, *args: Any, **filters: Any) -> bool:
        """Whether there is an object with a pk, `exists(pk)`, or that matches all filters. One request."""
        if len(args) + bool(filters) != 1:
            raise ImplementationError(f"{cls.__name__}.exists needs either one pk or filters")
        if args:
            return cls.database.execute(cls._membership(cls.pk.normalize(args[0]), bool))
        return cls.collection(**filters).exists()

    @classmethod
    def get_or_connect(
        cls, *, defaults: Mapping[str, Any] | None = None, **filters: Any
    ) -> tuple[Self, bool]:
        """The one object that matches all filters; if there is none, a new one with these values.

        Returns the object, and whether it was created. `defaults`: more values for a new object. All in one
        request: of two callers at the same time, one creates the object and the other gets it.

        Raises `MultipleObjectsReturned` if more than one matches, `UniquenessError` if a new one can't be.
        """
        if not filters:
            raise ImplementationError(f"{cls.__name__}.get_or_connect needs a filter")
        found = cls.collection(**filters)
        values = {**filters, **(defaults or {})}
        layout = layout_of(cls, tuple(values))
        pk = layout.pk(values)
        instance = cls()
        created = cls.database.execute(
            Command(
                _CONNECT.name,
                (*layout.keys, *found._keys),
                ("" if pk is None else f"={pk}", cls._key, *layout.row(pk, values)),
                partial(_decode_connection, cls.__name__),
                script=_CONNECT,
                is_write=True,
                model=cls,
                instance=instance,
                writes=layout.writes,
                on_reply=instance._learn_pk,
                on_wait=partial(instance._wait_for_creation, None),
            )
        )
        return instance, created

    @classmethod
    def _membership(
        cls, pk: str, decode: Callable[[Any], T], instance: RedisModel | None = None
    ) -> Command[T]:
        """The command that asks whether an object with this pk exists."""
        key = keys.collection_key(cls._key)
        return Command("SISMEMBER", (key,), (key, pk), decode, model=cls, instance=instance)

    @classmethod
    def _filter_field(cls, name: str) -> tuple[Field, tuple[str, ...]]:
        """The field that a filter is for, and what follows its name: for `a__b` it is `a` and `("b",)`."""
        first, *path = name.split("__")
        return cls.get_field(first), tuple(path)

    @classmethod
    def _sort_pattern(cls, name: str) -> str:
        """SORT's `BY` pattern for a field of one value, or for an entry of a hash (`field__entry`)."""
        first, _, entry = name.partition("__")
        field = cls.get_field(first)
        if isinstance(field, PKField):
            return ""
        if field.kind == "hashable" and not entry:
            return keys.sort_pattern(cls._key, keys.HASH, field.name)
        if field.kind == "string" and not entry:
            return keys.sort_pattern(cls._key, field.name)
        if field.kind == "hash" and entry:
            return keys.sort_pattern(cls._key, field.name, entry)
        raise ImplementationError(
            f"{cls.__name__}.collection can't be sorted by {name!r}: it takes a StringField, a "
            f"HashableField, or an entry of a HashField (field__entry)"
        )


def _require(model: str, pk: str, reply: Any) -> bool:
    if not reply:
        raise DoesNotExist(model, pk)
    return True


def _decode_creation(decode: Callable[[Any], T], model: str, reply: Any) -> T:
    pk, *replies = answer(reply, model)
    return decode(replies[0] if replies else pk)


def _decode_connection(model: str, reply: Any) -> bool:
    return bool(answer(reply, model)[1])


def _decode_deletion(model: str, reply: Any) -> None:
    answer(reply, model)
