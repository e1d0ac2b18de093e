"""Relations between models: foreign keys and many-to-many, which a deletion takes along in its one request.

==================  =======================================================================
module              what it knows
==================  =======================================================================
`fields`            the five related fields
`model`             `RelatedModel`
`collections`       the other side of a relation: `person.group_set()`
`relations`         which model a field points to, and which fields point to a model
`deletion`          what becomes of references when an object is deleted
`diagram`           models and relations as a Mermaid diagram
==================  =======================================================================
"""

from __future__ import annotations

from limpyd.contrib.related.collections import RelatedCollection
from limpyd.contrib.related.deletion import Referrer, RestrictedError
from limpyd.contrib.related.diagram import related_diagram
from limpyd.contrib.related.fields import (
    FKHashableField,
    FKInstanceHashField,
    FKStringField,
    M2MListField,
    M2MSetField,
    M2MSortedSetField,
)
from limpyd.contrib.related.model import RelatedModel
from limpyd.contrib.related.relations import OnDelete, RelatedField

__all__ = [
    "FKHashableField",
    "FKInstanceHashField",
    "FKStringField",
    "M2MListField",
    "M2MSetField",
    "M2MSortedSetField",
    "OnDelete",
    "Referrer",
    "RelatedCollection",
    "RelatedField",
    "RelatedModel",
    "RestrictedError",
    "related_diagram",
]
