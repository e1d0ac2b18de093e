"""Related collections: the other side of a relation, as an attribute of the objects that are referred to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from limpyd.collection import Collection, Source
from limpyd.contrib.related.relations import RelatedField

if TYPE_CHECKING:
    from limpyd.contrib.related.model import RelatedModel

__all__ = ["RelatedCollection"]

M = TypeVar("M", bound="RelatedModel")


class RelatedCollection(Generic[M]):
    """The objects of the model `M` that refer to one object by one field: `person.group_set`.

    Called, it is a collection. A model may declare it for type checkers, which can't know of it else:

    ```python
    class Person(RelatedModel):
        group_set: RelatedCollection[Group]
    ```
    """

    def __init__(self, field: RelatedField[Any], target: RelatedModel) -> None:
        self.field = field
        """The field that refers, of the class."""
        self.target = target
        """The object that is referred to."""

    def __call__(self, **filters: Any) -> Collection[M, str]:
        """The objects that refer to this one and match all filters, as a collection. Nothing is sent yet.

        The same as `Group.collection(owner=person, **filters)`; but `filters` may name the field of the
        relation once more, which then, if it holds many pks, has to hold both.
        """
        model = cast("type[M]", self.field.model)
        manager = cast("type[Collection[M, str]]", model.collection_manager)
        return manager(model, filters, Source(self.field.filter_key((), self.target)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.field.related_name} of {self.target!r}, by {self.field}>"
