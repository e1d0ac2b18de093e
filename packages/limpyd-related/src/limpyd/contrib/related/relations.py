"""Relations: which model a related field points to, and which fields point to a model.

Both are found out when they are asked for, from the models that live on the database then: so it makes no
difference which of two models is defined first, and in which module, and relations move along by
`use_database`. Nothing is written into another model, and what is remembered holds until the models of the
database change.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, cast, get_args

from limpyd import keys
from limpyd.exceptions import ImplementationError
from limpyd.fields import Field, PKField
from limpyd.fields.base import NO_DEFAULT
from limpyd.model import RedisModel

if TYPE_CHECKING:
    from limpyd.contrib.related.model import RelatedModel
    from typing_extensions import TypeVar

    M = TypeVar("M", bound=RelatedModel, default=Any)
else:
    from typing import TypeVar

    M = TypeVar("M")

__all__ = ["OnDelete", "RelatedField", "RelationTarget", "remembered"]

T = TypeVar("T")

_OF_OBJECTS = frozenset(vars(RedisModel()))
"""The attributes that an object has besides those of its class."""

OnDelete = Literal["clear", "cascade", "restrict"]
"""What becomes of a reference when the object that it points to is deleted."""


class RelatedField(Field, Generic[M]):
    """What all fields have in common whose values are pks of objects of another model, or of the same one.

    - `to`: the model that it points to: a class; a name, of a model in the same namespace, or else in none;
      `namespace:Name`; or `self`. A model that is named may be defined later. It has to be a `RelatedModel`
      on the same database.
    - `related_name`: the name under which an object of that model has the collection of the objects that
      refer to it; `%(model)s` and `%(namespace)s` in it stand for the lower-cased name and the namespace of
      the model that has the field. `<model>_set` if it is not given.
    - `on_delete`: what happens when an object is deleted that others refer to. `clear` takes its pk out of
      their values; `cascade` deletes them, too; `restrict` refuses with `RestrictedError`.
    - `default`, `unique`: as for other fields.

    It is always indexed, and never cached. Wherever a value is taken, it may be an object, a pk, or a foreign
    key of an object, which is read for it by a request of its own.
    """

    to: type[M] | str
    related_name: str
    on_delete: OnDelete

    def __init__(
        self,
        to: type[M] | str,
        related_name: str | None = None,
        *,
        on_delete: OnDelete = "clear",
        default: Any = NO_DEFAULT,
        unique: bool = False,
    ) -> None:
        if not isinstance(to, (str, type)):
            raise ImplementationError(f"{type(self).__name__}: `to` is a model or its name, not {to!r}")
        if related_name is not None and not isinstance(related_name, str):
            raise ImplementationError(
                f"{type(self).__name__}: `related_name` is a text, not {related_name!r}"
            )
        if on_delete not in get_args(OnDelete):
            raise ImplementationError(
                f"{type(self).__name__}: `on_delete` is one of {', '.join(get_args(OnDelete))}, "
                f"not {on_delete!r}"
            )
        super().__init__(default=default, indexable=True, unique=unique, cacheable=False)
        self.to = to
        self.on_delete = on_delete
        self.related_name = self._name_pattern = "%(model)s_set" if related_name is None else related_name
        self._target_keys: tuple[str, ...] = ()

    # -- joining a model

    def join(self, model: type[RedisModel]) -> None:
        """Take a place in a model, and find out the names of both sides of the relation."""
        super().join(model)
        if not issubclass(model, RelationTarget):
            raise ImplementationError(
                f"{self}: a related field needs a RelatedModel; make this a base of {model.__name__}"
            )
        self._target_keys = _target_keys(self.to, model)
        if not model.abstract:
            self.related_name = self._formatted_name(model)

    def _formatted_name(self, model: type[RedisModel]) -> str:
        parts = {"model": model.__name__.lower(), "namespace": re.sub(r"\W", "_", model.namespace)}
        try:
            name = self._name_pattern % parts
        except (KeyError, ValueError, TypeError):
            raise ImplementationError(
                f"{self}: in related_name {self._name_pattern!r}, % can start %(model)s or %(namespace)s only"
            ) from None
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
            raise ImplementationError(
                f"{self}: related_name {name!r} can't be the name of an attribute; choose another one"
            )
        return name

    # -- the other side

    @property
    def target(self) -> type[M]:
        """The model that the field points to.

        Raises `ImplementationError` if there is none on the database, or if it is no `RelatedModel`.
        """
        found = self._find_target()
        if found is None:
            raise ImplementationError(f"{self} points to {_shown(self.to)}, {self._problem()}")
        return found

    def _find_target(self) -> type[M] | None:
        """The model that the field points to, or None if there is none that it can point to."""
        if self.model is None or self.model.abstract:
            return None
        models = self.model.database.models
        for key in self._target_keys:
            found = models.get(key)
            if found is not None:
                return cast("type[M]", found) if self._is_meant(found) else None
        return None

    def _is_meant(self, found: type[RedisModel]) -> bool:
        """Whether a model with the right keys is the one: a class has to be itself, or reloaded since."""
        if not issubclass(found, RelationTarget):
            return False
        to = self.to
        return isinstance(to, str) or (to.__module__, to.__qualname__) == (
            found.__module__,
            found.__qualname__,
        )

    def _problem(self) -> str:
        """Why there is no target."""
        model = self.model
        if model is None or model.abstract:
            return "but is in no model yet that has a database; use the field of one that has"
        found: type[RedisModel] | None = self.to if isinstance(self.to, type) else None
        for key in self._target_keys:
            found = found or model.database.models.get(key) or _elsewhere(key, model)
        if found is None:
            names = ", ".join(_shown(each) for each in model.database.models)
            return (
                f"and no model of this name is on {model.__name__}'s database, which has: {names}; define "
                f"it, or name it as `namespace:Name`"
            )
        if not issubclass(found, RelationTarget):
            return f"but {found.__name__} is no RelatedModel; make this its base"
        if found.abstract:
            return f"but {found.__name__} is abstract; point to a model that has objects"
        return (
            f"but {found.__name__} is on {found.database!r}, and {model.__name__} on {model.database!r}; "
            f"both need the same database object"
        )

    # -- values

    def to_redis(self, value: Any) -> str | bytes:
        """The pk that a value stands for.

        Raises `ImplementationError` for objects of other models and for one that is not created yet, and
        `DoesNotExist` for one that was deleted.
        """
        target = self.target
        if isinstance(value, RelatedField):
            if value.target is not target:
                raise ImplementationError(
                    f"{self} takes objects of {target.__name__}, and {value!r} points to "
                    f"{value.target.__name__}"
                )
            return value._stored_pk()
        if isinstance(value, PKField):
            value = value.bound_to
        if not isinstance(value, RedisModel):
            return super().to_redis(value)
        if (value._key, value.database) != (target._key, target.database):
            raise ImplementationError(
                f"{self} takes objects of {target.__name__}, and {value!r} is one of {type(value).__name__}"
            )
        if value._pk is None and value._deleted is None and value._pending is None:
            raise ImplementationError(
                f"{self} can't refer to {value!r}, which has no pk yet; save a value of it first, or call "
                f"get_pk() on it"
            )
        return value._require_pk()

    def _stored_pk(self) -> str:
        """The pk that the field of an object holds, for another field to take."""
        raise ImplementationError(
            f"{self!r} holds many pks and can't stand for one; give them one by one: *{self.name}()"
        )


class RelationTarget:
    """The part of `RelatedModel` that knows which fields point to it."""

    @classmethod
    def _relations(cls) -> dict[str, RelatedField[Any]]:
        """The fields of all models that point to this one, by their related names.

        Raises `ImplementationError` if two have one name, or if one would hide something of this model.
        """
        return remembered(cast("type[RedisModel]", cls), "_known_relations", _relations_to)


def remembered(model: type[RedisModel], name: str, build: Callable[[Any], T]) -> T:
    """What `build(model)` gives, kept in the class until other models are on its database."""
    if model.abstract or getattr(model, "database", None) is None:
        return build(model)
    models = tuple(model.database.models)
    known: tuple[tuple[Any, ...], T] | None = model.__dict__.get(name)
    if known is None or known[0] != models:
        known = (models, build(model))
        setattr(model, name, known)
    return known[1]


def _relations_to(model: type[RedisModel]) -> dict[str, RelatedField[Any]]:
    found: dict[str, RelatedField[Any]] = {}
    if model.abstract:
        return found
    for other in model.database.models:
        for field in other._fields.values():
            target = field._find_target() if isinstance(field, RelatedField) else None
            if isinstance(field, RelatedField) and target is not None and target._key == model._key:
                name = field.related_name
                if name in found:
                    raise ImplementationError(
                        f"{found[name]} and {field} would both be {model.__name__}.{name}; give one of them "
                        f"another `related_name`, and one with %(model)s to fields that are inherited"
                    )
                if hasattr(model, name) or name in _OF_OBJECTS:
                    raise ImplementationError(
                        f"{field}: its related_name {name!r} would hide {model.__name__}.{name}; give it "
                        f"another one"
                    )
                found[name] = field
    return found


def _target_keys(to: type | str, model: type[RedisModel]) -> tuple[str, ...]:
    """The keys of the models that a field of `model` may point to, the first one that exists being meant."""
    if isinstance(to, type):
        return (str(getattr(to, "_key", "")),)
    if to == "self":
        return (model._key,)
    namespace, colon, name = to.rpartition(":")
    if colon:
        return (keys.model_key(namespace, name),)
    return tuple(dict.fromkeys((keys.model_key(model.namespace, name), keys.model_key("", name))))


def _elsewhere(key: str, model: type[RedisModel]) -> type[RedisModel] | None:
    """A model with these keys that is on another database, for the text of an error."""
    waiting = RedisModel.__subclasses__()
    while waiting:
        found = waiting.pop()
        if found._key == key and not found.abstract and found.database is not model.database:
            return found
        waiting += found.__subclasses__()
    return None


def _shown(to: type | str) -> str:
    if isinstance(to, str):
        return repr(to)
    namespace = getattr(to, "namespace", "")
    return f"{namespace}:{to.__name__}" if namespace else to.__name__
