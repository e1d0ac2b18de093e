"""The commands of an object that work on several of its hashable fields at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from limpyd.decoders import is_done, optional_texts, text_dict, texts
from limpyd.exceptions import ImplementationError
from limpyd.fields.base import Field, field_command
from limpyd.fields.steps import GIVEN_VALUE, NOTHING, VALUE, Touch
from limpyd.keys import HASH, Value
from limpyd.middleware import MISS

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
        if names:
            self._check_hashables(names)
        return self._read_hash(optional_texts, "HMGET", names or self._hashable_fields, with_names=True)

    def hmset(self, **values: Any) -> bool:
        """Set hashable fields, and let their indexes follow. Returns True.

        Raises `UniquenessError`, and sets nothing, if one of the values is taken.

        `HMSET`, Redis 2.0, O(N) with their number.
        """
        names = tuple(values)
        self._check_hashables(names)
        args: list[Value] = []
        for name in names:
            args += [name, self._fields[name].to_redis(values[name])]
        return self._write_hash(is_done, "HMSET", names, tuple(args), GIVEN_VALUE)

    def hgetall(self) -> dict[str, str]:
        """The hashable fields that have a value, by their names.

        `HGETALL`, Redis 2.0, O(N) with their number.
        """
        return self._read_hash(text_dict, "HGETALL")

    def hkeys(self) -> list[str]:
        """The names of the hashable fields that have a value.

        `HKEYS`, Redis 2.0, O(N) with their number.
        """
        return self._read_hash(texts, "HKEYS")

    def hvals(self) -> list[str]:
        """The values of the hashable fields that have one.

        `HVALS`, Redis 2.0, O(N) with their number.
        """
        return self._read_hash(texts, "HVALS")

    def hlen(self) -> int:
        """How many hashable fields have a value.

        `HLEN`, Redis 2.0, O(1).
        """
        return self._read_hash(int, "HLEN")

    def hdel(self, *names: str) -> int:
        """Delete the values of hashable fields. Returns how many there were.

        `HDEL`, Redis 2.0, O(N) with their number.
        """
        self._check_hashables(names)
        names = tuple(dict.fromkeys(names))
        return self._write_hash(int, "HDEL", names, names, VALUE)

    def _check_hashables(self, names: tuple[str, ...]) -> None:
        model = type(self).__name__
        if not names:
            raise ImplementationError(f"{model}: name at least one hashable field")
        for name in names:
            if name not in self._hashable_fields:
                raise ImplementationError(
                    f"{model} has no hashable field {name!r}; it has: "
                    f"{', '.join(self._hashable_fields) or 'none'}"
                )

    def _read_hash(
        self,
        decode: Callable[[Any], T],
        command: str,
        names: tuple[str, ...] = (),
        *,
        with_names: bool = False,
    ) -> T:
        """Run a command that reads hashable fields, all of them unless it names some."""
        instance = cast("RedisModel", self)
        database = instance.database
        names = names or self._hashable_fields
        if not names:
            self._check_hashables(names)
        args = names if with_names else ()
        read: tuple[Hashable, ...] = ()
        has_pk = instance._pk is not None
        if database._middleware and instance.cacheable and has_pk and instance._pending is None:
            read = (command, decode, False, *args)
            value: Any = database.recall(instance, names, read)
            if value is not MISS:
                return value  # type: ignore[no-any-return]  # it is what the command would give
        return database.execute(
            field_command(
                instance,
                HASH,
                names,
                () if has_pk else self._hash_program(names),
                decode,
                command,
                args,
                NOTHING,
                is_write=False,
                read=read,
            )
        )

    def _write_hash(
        self,
        decode: Callable[[Any], T],
        command: str,
        names: tuple[str, ...],
        args: tuple[Value, ...],
        touch: Touch,
    ) -> T:
        """Run a command that writes the hashable fields `names`."""
        instance = cast("RedisModel", self)
        return instance.database.execute(
            field_command(
                instance,
                HASH,
                names,
                self._hash_program(names),
                decode,
                command,
                args,
                touch,
                is_write=True,
                is_indexed=any(self._fields[name].indexes for name in names),
            )
        )

    def _hash_program(self, names: tuple[str, ...]) -> tuple[Value, ...]:
        """The head of a step that works on these fields."""
        program: list[Value] = ["hashable", len(names)]
        for name in names:
            program += (name, *self._fields[name].index_program)
        return tuple(program)
