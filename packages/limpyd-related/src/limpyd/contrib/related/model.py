"""Models whose objects can be referred to, and refer to others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from limpyd.commands import Command
from limpyd.contrib.related.collections import RelatedCollection
from limpyd.contrib.related.deletion import with_references
from limpyd.contrib.related.relations import RelatedField, RelationTarget
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel

__all__ = ["RelatedModel"]


class RelatedModel(RelationTarget, RedisModel):
    """The base of models with related fields, and of models that such fields point to.

    An object has an attribute for each field that points to its model, named by the field's `related_name`.
    It gives the collection of the objects that refer to it:

    ```python
    class Person(RelatedModel):
        database = main_database

        name = PKField()


    class Group(RelatedModel):
        database = main_database

        owner = FKHashableField(Person)
        members = M2MSetField(Person, related_name="membership")


    person = Person(name="ybon")
    person.group_set()  # the groups whose owner is person
    person.membership()  # the groups that have person among their members
    ```
    """

    abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.abstract:
            return
        try:
            cls._check_relations()
        except ImplementationError:
            cls.database.models.remove(cls)
            raise

    @classmethod
    def _check_relations(cls) -> None:
        """Refuse names of relations that can't be, on this model and on those that its fields point to."""
        cls._relations()
        for field in cls._fields.values():
            target = field._find_target() if isinstance(field, RelatedField) else None
            if target is not None:
                target._relations()

    if not TYPE_CHECKING:  # type checkers go on reporting attributes that don't exist

        def __getattr__(self, name: str) -> Any:
            field = None if name.startswith("__") else type(self)._relations().get(name)
            return super().__getattr__(name) if field is None else RelatedCollection(field, self)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *type(self)._relations()]

    def _deletion(self) -> Command[None]:
        deletion = super()._deletion()
        model = type(self)
        return with_references(deletion, model, self._require_pk()) if model._relations() else deletion
