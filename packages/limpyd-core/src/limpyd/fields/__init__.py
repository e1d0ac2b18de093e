"""The types of fields, one module each.

====================  ===========================================  =============================
field                 value in Redis                               module
====================  ===========================================  =============================
`StringField`         a string                                     `limpyd.fields.string`
`HashableField`       an entry of the object's hash                `limpyd.fields.hashable`
`SetField`            a set                                        `limpyd.fields.set`
`ListField`           a list                                       `limpyd.fields.list`
`SortedSetField`      a sorted set                                 `limpyd.fields.sortedset`
`HashField`           a hash of its own                            `limpyd.fields.hash`
`PKField`             none: it names the object                    `limpyd.fields.pk`
`AutoPKField`         none: it numbers the object                  `limpyd.fields.pk`
====================  ===========================================  =============================
"""

from __future__ import annotations

from limpyd.fields.base import Field
from limpyd.fields.hash import HashField
from limpyd.fields.hashable import HashableField, InstanceHashField
from limpyd.fields.list import ListField
from limpyd.fields.pk import AutoPKField, PKField
from limpyd.fields.set import SetField
from limpyd.fields.sortedset import SortedSetField
from limpyd.fields.string import StringField

__all__ = [
    "AutoPKField",
    "Field",
    "HashField",
    "HashableField",
    "InstanceHashField",
    "ListField",
    "PKField",
    "SetField",
    "SortedSetField",
    "StringField",
]
