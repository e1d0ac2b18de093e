"""Class statements: how a class with fields becomes a model of a database.

The names of its fields are checked, each model gets fields of its own, one of them its primary key, and the
database learns of it. Nothing here knows what an object does.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar, cast

from limpyd import keys
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.fields import AutoPKField, Field, HashableField, PKField
from limpyd.registry import Source

if TYPE_CHECKING:
    from limpyd.creation import Layout
    from limpyd.keys import Value
    from limpyd.model import RedisModel

__all__ = ["Declaration"]


class _DefaultPK(AutoPKField):
    """The `pk` of a model that declares none."""


class Declaration:
    """The part of `RedisModel` that a class statement fills.

    The one class that is made with `root=True` is the base of all models; what it has, no field may hide.
    """

    database: ClassVar[RedisDatabase]
    """The database on which the model lives. Needed, here or in a base class."""
    namespace: ClassVar[str] = ""
    """Goes before the class's name in keys, so that two models of one name can share a database."""
    abstract: ClassVar[bool] = False
    """Whether the class is just a base for models; it is not inherited."""
    cacheable: ClassVar[bool] = True
    """Whether a cache may keep what was read, where the cache package is in use."""
    pk = _DefaultPK()
    """The primary key, under whatever name it has besides."""

    _fields: ClassVar[dict[str, Field]] = {}
    _hashable_fields: ClassVar[tuple[str, ...]] = ()
    _stored_fields: ClassVar[tuple[Field, ...]] = ()
    """The fields that have a value in Redis: all but the primary key."""
    _deletion_plan: ClassVar[tuple[Value, ...]] = ()
    """What `scripts/lib/delete.lua` takes."""
    _layouts: ClassVar[dict[tuple[str, ...], Layout]] = {}
    _key: ClassVar[str] = ""
    _source: ClassVar[Source]
    _reserved: ClassVar[frozenset[str]] = frozenset()
    """The names that every model has, which no field can have."""

    def __init_subclass__(cls, *, root: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if root:
            Declaration._reserved = frozenset(dir(cls)) | frozenset(Declaration.__annotations__)
            return
        declared = _declared_fields(cls)
        for name, field in declared.items():
            _check_name(cls, name, field)
        cls.abstract = bool(cls.__dict__.get("abstract", False))
        cls._key = keys.model_key(cls.namespace, cls.__name__)
        cls._source = Source.of_class_statement()
        cls._check_key()
        cls._join_fields(declared)
        if not cls.abstract:
            if not isinstance(getattr(cls, "database", None), RedisDatabase):
                raise ImplementationError(
                    f"{cls.__name__} has no database; set `database = RedisDatabase(...)`, or "
                    f"`abstract = True` for a base class"
                )
            cls.database.models.add(cls)

    @classmethod
    def _check_key(cls) -> None:
        """Refuse names that the patterns of SORT would take for patterns."""
        for what, name in (("namespace", cls.namespace), ("name", cls.__name__)):
            if set(name) & set("*?[]\\"):
                raise ImplementationError(f"{cls.__name__}: the {what} {name!r} must not hold * ? [ ] or \\")

    @classmethod
    def _join_fields(cls, fields: dict[str, Field]) -> None:
        """Give the class its own copy of each field, its primary key among them."""
        pks = [name for name, field in fields.items() if isinstance(field, PKField)]
        if len(pks) > 1:
            raise ImplementationError(
                f"{cls.__name__} has two primary keys, {' and '.join(pks)}; keep one PKField"
            )
        if not pks:
            fields = {"pk": Declaration.pk, **fields}
        cls._fields = {}
        cls._layouts = {}
        for name, field in fields.items():
            own = copy.copy(field)
            own.__set_name__(cls, name)
            setattr(cls, name, own)
            cls._fields[name] = own
            if isinstance(own, PKField):
                cls.pk = own  # type: ignore[assignment]  # whatever its type, it is the pk
        cls._hashable_fields = tuple(
            name for name, field in cls._fields.items() if isinstance(field, HashableField)
        )
        for field in cls._fields.values():
            field.join(cast("type[RedisModel]", cls))
        cls._stored_fields = tuple(field for field in cls._fields.values() if not isinstance(field, PKField))
        cls._deletion_plan = _deletion_plan(cls._stored_fields)

    @classmethod
    def use_database(cls, database: RedisDatabase) -> None:
        """Move the model to another database, with all its subclasses that are on the same one.

        Nothing is moved in Redis. Raises `ImplementationError`, and moves none, if one can't live there.
        """
        old = cls.__dict__.get("database", getattr(cls, "database", None))
        moving = [model for model in _with_subclasses(cls) if getattr(model, "database", None) is old]
        concrete = [model for model in moving if not model.abstract]
        added = []
        try:
            for model in concrete:
                database.models.add(model)
                added.append(model)
        except ImplementationError:
            for model in added:
                database.models.remove(model)
            raise
        for model in moving:
            if old is not None and old is not database:
                old.models.remove(model)
            model.database = database

    @classmethod
    def get_field(cls, name: str) -> Field:
        """The field of this name, or the primary key for `pk`; `ImplementationError` if there is none."""
        field = cls._fields.get(name)
        if field is not None:
            return field
        if name == "pk":
            return cls.pk
        raise ImplementationError(
            f"{cls.__name__} has no field {name!r}; its fields are: {', '.join(cls._fields)}"
        )


def _with_subclasses(model: type[Declaration]) -> list[type[Declaration]]:
    found = {model: None}
    for subclass in model.__subclasses__():
        found.update(dict.fromkeys(_with_subclasses(subclass)))
    return list(found)


def _deletion_plan(fields: tuple[Field, ...]) -> tuple[Value, ...]:
    """What the keys of an object may end with, and its fields that have indexes."""
    suffixes = dict.fromkeys(suffix for field in fields for suffix in field.suffixes)
    indexed = [argument for field in fields if field.indexes for argument in field.program]
    return (len(suffixes), *suffixes, len(indexed), *indexed)


def _declared_fields(cls: type[Declaration]) -> dict[str, Field]:
    """The fields that a class statement and its bases declare, bases first."""
    fields: dict[str, Field] = {}
    for base in reversed(cls.__mro__[:-1]):
        for name, value in vars(base).items():
            if isinstance(value, Field):
                is_alias = name == "pk" and (value.name != "pk" or isinstance(value, _DefaultPK))
                if not is_alias:
                    fields[name] = value
            else:
                fields.pop(name, None)
    return fields


def _check_name(cls: type[Declaration], name: str, field: Field) -> None:
    if not name.isidentifier():
        problem = "a name must be a Python identifier, so that it can't meet other parts of keys"
    elif name.startswith("_") or "__" in name:
        problem = "a name must not start with _ or hold __, which filters use"
    elif name == "pk" and not isinstance(field, PKField):
        problem = "pk is the name of the primary key"
    elif name != "pk" and name in cls._reserved:
        problem = "it would hide what every model has under this name"
    elif name == keys.HASH and field.suffix == name and not isinstance(field, (HashableField, PKField)):
        problem = "its key is the one of the hashable fields"
    else:
        return
    raise ImplementationError(f"{cls.__name__}.{name} can't be a field: {problem}; rename it")
