"""A field that is one entry of the hash which all hashable fields of an object share."""

from __future__ import annotations

from typing import Any

from limpyd.decoders import optional_text
from limpyd.fields.hashable_expiry import HashableExpiryCommands
from limpyd.fields.steps import GIVEN_VALUE, VALUE, VALUE_AS_REPLY
from limpyd.values import integer, number

__all__ = ["HashableField", "InstanceHashField"]


class HashableField(HashableExpiryCommands):
    """One value in the hash `model:pk:hash`, with Redis's commands for an entry of a hash.

    Cheaper than a `StringField`, and an object's `hmget` and `hmset` read and write many in one command.
    """

    kind = "hashable"
    setter = "hset"

    def hget(self) -> str | None:
        """The value, or None if there is none.

        `HGET`, Redis 2.0, O(1).
        """
        return self._read(optional_text, "HGET", self.name)

    def hexists(self) -> bool:
        """Whether there is a value.

        `HEXISTS`, Redis 2.0, O(1).
        """
        return self._read(bool, "HEXISTS", self.name)

    def exists(self) -> bool:
        """The same as `hexists`, as other fields have it.

        `HEXISTS`, Redis 2.0, O(1).
        """
        return self.hexists()

    def hstrlen(self) -> int:
        """The length of the value in bytes, 0 if there is none.

        `HSTRLEN`, Redis 3.2, O(1).
        """
        return self._read(int, "HSTRLEN", self.name)

    def hset(self, value: Any) -> int:
        """Set the value. Returns 1 if there was none before, else 0.

        `HSET`, Redis 2.0, O(1).
        """
        return self._write(int, "HSET", self.name, self.to_redis(value), touch=GIVEN_VALUE)

    def hsetnx(self, value: Any) -> bool:
        """Set the value if there is none. Returns whether it was set.

        `HSETNX`, Redis 2.0, O(1).
        """
        return self._write(bool, "HSETNX", self.name, self.to_redis(value), touch=VALUE)

    def hincrby(self, amount: int = 1) -> int:
        """Add to the value, which is 0 if there is none. Returns the new one.

        `HINCRBY`, Redis 2.0, O(1).
        """
        amount = integer(amount, "amount")
        return self._write(int, "HINCRBY", self.name, amount, touch=VALUE_AS_REPLY)

    def hincrbyfloat(self, amount: float = 1.0) -> float:
        """Add to the value, which is 0 if there is none. Returns the new one.

        `HINCRBYFLOAT`, Redis 2.6, O(1).
        """
        amount = number(amount, "amount")
        return self._write(float, "HINCRBYFLOAT", self.name, amount, touch=VALUE)

    def hdel(self) -> int:
        """Delete the value, and its index entries. Returns 1, or 0 if there was none.

        `HDEL`, Redis 2.0, O(1).
        """
        return self._write(int, "HDEL", self.name, touch=VALUE)

    def delete(self) -> int:
        """The same as `hdel`, as other fields have it.

        `HDEL`, Redis 2.0, O(1).
        """
        return self.hdel()


InstanceHashField = HashableField
"""The name that redis-limpyd 2 had for `HashableField`."""
