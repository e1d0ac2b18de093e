"""The commands of an object that work on several of its hashable fields at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from limpyd.decoders import is_done, optional_texts, text_dict, texts
from limpyd.exceptions import ImplementationError
from limpyd.fields.base import Field, field_command
from limpyd.fields.steps import GIVEN_VALUE, NOTHING, VALUE, Touch
from limpyd.keys import Value

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["HashCommands"]

T = TypeVar("T")


class HashCommands:
    """The part of `RedisModel` that knows the hash in which all hashable fields of an object are."""

    _fields: ClassVar[dict[str, Field]]
    _hashable_fields: ClassVar[tuple[str, ...]]
    """The names of the hashable fields, in the order of `hmget()`."""

    def hmget(self, *names: str) -> list[str | None]:
        """The values of the hashable fields `names`, in this order; of all of them if no name is given.

        `HMGET`, Redis 2.0, O(N) with their number.
        """
        fields = self._hashables(names or self._hashable_fields)
        return self._run(optional_texts, "HMGET", fields, tuple(fields))

    def hmset(self, **values: Any) -> bool:
        """Set hashable fields, and let their indexes follow. Returns True.

        Raises `UniquenessError`, and sets nothing, if one of the values is taken.

        `HMSET`, Redis 2.0, O(N) with their number.
        """
        fields = self._hashables(tuple(values))
        args: list[Value] = []
        for name, field in fields.items():
            args += [name, field.to_redis(values[name])]
        return self._run(is_done, "HMSET", fields, tuple(args), GIVEN_VALUE)

    def hgetall(self) -> dict[str, str]:
        """The hashable fields that have a value, by their names.

        `HGETALL`, Redis 2.0, O(N) with their number.
        """
        return self._run(text_dict, "HGETALL", self._hashables(self._hashable_fields))

    def hkeys(self) -> list[str]:
        """The names of the hashable fields that have a value.

        `HKEYS`, Redis 2.0, O(N) with their number.
        """
        return self._run(texts, "HKEYS", self._hashables(self._hashable_fields))

    def hvals(self) -> list[str]:
        """The values of the hashable fields that have one.

        `HVALS`, Redis 2.0, O(N) with their number.
        """
        return self._run(texts, "HVALS", self._hashables(self._hashable_fields))

    def hlen(self) -> int:
        """How many hashable fields have a value.

        `HLEN`, Redis 2.0, O(1).
        """
        return self._run(int, "HLEN", self._hashables(self._hashable_fields))

    def hdel(self, *names: str) -> int:
        """Delete the values of hashable fields. Returns how many there were.

        `HDEL`, Redis 2.0, O(N) with their number.
        """
        fields = self._hashables(names)
        return self._run(int, "HDEL", fields, tuple(fields), VALUE)

    def _hashables(self, names: tuple[str, ...]) -> dict[str, Field]:
        model = type(self).__name__
        if not names:
            raise ImplementationError(f"{model}: name at least one hashable field")
        for name in names:
            if name not in self._hashable_fields:
                raise ImplementationError(
                    f"{model} has no hashable field {name!r}; it has: "
                    f"{', '.join(self._hashable_fields) or 'none'}"
                )
        return {name: self._fields[name] for name in names}

    def _run(
        self,
        decode: Callable[[Any], T],
        command: str,
        fields: dict[str, Field],
        args: tuple[Value, ...] = (),
        touch: Touch = NOTHING,
    ) -> T:
        instance = cast("RedisModel", self)
        program: tuple[Value, ...] = ("hashable", len(fields))
        for name, field in fields.items():
            program += (name, *field.index_program)
        indexed = any(field.indexes for field in fields.values())
        return instance.database.execute(
            field_command(
                instance,
                tuple(fields),
                program,
                decode,
                command,
                args,
                touch,
                is_indexed=indexed,
                is_write=touch is not NOTHING,
            )
        )
