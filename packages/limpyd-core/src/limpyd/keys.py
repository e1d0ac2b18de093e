"""Every Redis key that limpyd uses is made here (scripts join the same parts in `lib/keys.lua`).

=======================================  ======================  ====================
what                                     key                     type
=======================================  ======================  ====================
pks of a model                           `model:collection`      set
last auto pk                             `model:max_pk`          string
a field of an object                     `model:pk:field`        the field's type
the hashable fields of an object         `model:pk:hash`         hash
what repeats in a long indexed list      `…:field:__repeats`     hash
equality index of a field                `model:field:value`     set of pks
scratch space of a script, never kept    `model:__scratch`       set
=======================================  ======================  ====================

`model` is `namespace:classname`, with the class name in lower case; the namespace may be empty.
Data and indexes share one key space, so `reserved_pk_part` tells which pks would collide.
"""

from __future__ import annotations

from collections.abc import Container

from redis.exceptions import DataError

__all__ = [
    "HASH",
    "Key",
    "Value",
    "collection_key",
    "field_key",
    "index_base",
    "join",
    "max_pk_key",
    "model_key",
    "repeats_suffix",
    "reserved_pk_part",
    "sort_pattern",
    "suffix_of",
]

Key = str | bytes
Value = str | bytes | int | float
"""What Redis can store as one value: text, bytes, or a number, which is stored as its text."""

HASH = "hash"
"""The last part of the key under which an object's hashable fields are stored."""

_RESERVED = frozenset({"collection", "max_pk"})


def join(first: str, *rest: str | bytes) -> Key:
    """Join the parts of a key by `:`; the key is `bytes` when a part is, else `str`.

    Raises redis-py's `DataError` for a text that has no bytes.
    """
    texts = [part for part in rest if isinstance(part, str)]
    if len(texts) == len(rest):
        return ":".join((first, *texts))
    try:
        return b":".join(
            part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
            for part in (first, *rest)
        )
    except UnicodeEncodeError as error:
        raise DataError(f"Invalid input: {error}") from error


def model_key(namespace: str, class_name: str) -> str:
    """The prefix that all keys of a model share."""
    return f"{namespace}:{class_name.lower()}"


def collection_key(model: str) -> str:
    """The set of the pks of all objects of the model."""
    return f"{model}:collection"


def max_pk_key(model: str) -> str:
    """The string that holds the last pk that was given by an `AutoPKField`."""
    return f"{model}:max_pk"


def field_key(model: str, pk: str, suffix: str) -> str:
    """The value of a field of an object; `suffix` is what `suffix_of` gives for the field."""
    return f"{model}:{pk}:{suffix}"


def suffix_of(kind: str, name: str) -> str:
    """The last part of a field's key: its name, but for hashable fields, which share a hash."""
    return HASH if kind == "hashable" else name


def repeats_suffix(suffix: str) -> str:
    """The last part of the key beside a list, under which `scripts/lib/lists.lua` counts what repeats."""
    return f"{suffix}:__repeats"


def index_base(model: str, field: str) -> str:
    """What the keys of a field's equality index start with; `:value` follows."""
    return f"{model}:{field}"


def sort_pattern(model: str, suffix: str, entry: str | None = None) -> str:
    """The `BY` argument of Redis's SORT for a field, or for an entry of a hash."""
    pattern = f"{model}:*:{suffix}"
    return pattern if entry is None else f"{pattern}->{entry}"


def reserved_pk_part(pk: str, fields: Container[str]) -> str | None:
    """The first part of `pk`, when data of such a pk could collide with keys of the model, else None."""
    part = pk.partition(":")[0]
    if part in fields or part in _RESERVED or part.startswith("__"):
        return part
    return None
