"""What all fields have in common: their place in a model, their keys, and how a method becomes a command.

A field knows the Redis commands of its type and builds a `Command` for each; the database of its model runs
it. A field never sends anything itself, and looks at replies only in decoders.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self, TypeVar, overload

from limpyd import keys
from limpyd.audit import Audit, Progress, Report
from limpyd.commands import Command
from limpyd.exceptions import ImplementationError, UniquenessError
from limpyd.fields.steps import NOTHING, VALUE, Touch
from limpyd.indexes import EqualIndex, Index
from limpyd.keys import Key, Value
from limpyd.middleware import MISS, added_method
from limpyd.scripts import Script, answer
from limpyd.values import to_redis

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["NO_DEFAULT", "Field", "field_command"]

T = TypeVar("T")

NO_DEFAULT: Final = object()

_WRITE = Script("write")
_WRITE_VALUE = Script("write_value")


class Field:
    """One Redis value of each object of a model.

    On the class, `Example.foo` is the field; on an object, `example.foo` is the field bound to it, whose
    methods are Redis commands without the key.

    - `default`: what a new object gets when no value is given; a callable is called for each object.
    - `indexable`: objects can be found by the field's value.
    - `unique`: the same, and no two objects may have the same value.
    - `cacheable`: whether a cache may keep what was read, where the cache package is in use.
    """

    kind: ClassVar[str]
    """The kind of value, in the scripts' words (`scripts/lib/value_kinds.lua`)."""
    index_class: ClassVar[type[Index]] = EqualIndex
    """The index that `indexable` and `unique` give."""

    name: str = "?"
    """The name that the field has in its model."""
    suffix: str = "?"
    """The last part of the field's key."""
    model: type[RedisModel] | None = None
    """The model, or None before the field has joined one."""
    index_program: tuple[Value, ...]
    """The indexes, for a script: their number, then each."""
    program: tuple[Value, ...]
    """The field, for a script: kind of value, name, and indexes."""
    step_program: tuple[Value, ...]
    """The head of a step: what is touched when a command works on this field."""

    def __init__(
        self,
        *,
        default: Any = NO_DEFAULT,
        indexable: bool = False,
        unique: bool = False,
        cacheable: bool = True,
    ) -> None:
        self.default = default
        self.indexable = indexable or unique
        self.unique = unique
        self.cacheable = cacheable
        self.indexes: tuple[Index, ...] = ()
        self._instance: RedisModel | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.suffix = keys.suffix_of(self.kind, name)

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: RedisModel, owner: type | None = None) -> Self: ...
    def __get__(self, instance: RedisModel | None, owner: type | None = None) -> Self:
        if instance is None:
            return self
        try:
            return instance._bound[self.name]  # type: ignore[no-any-return]  # it was bound from self
        except KeyError:
            return self._bind(instance)

    def _bind(self, instance: RedisModel) -> Self:
        cls = type(self)
        bound = cls.__new__(cls)
        bound.__dict__.update(self.__dict__, _instance=instance)
        instance._bound[self.name] = bound
        return bound

    def __set__(self, instance: RedisModel, value: Any) -> NoReturn:
        raise ImplementationError(
            f"{self}: a field can't be assigned to; call the Redis command that sets it, "
            f"such as {self.name}.{self.setter}(value)"
        )

    setter: ClassVar[str] = "set"
    """The method that sets a value, for error texts."""

    if not TYPE_CHECKING:  # type checkers go on reporting attributes that don't exist

        def __getattr__(self, name: str) -> Any:
            instance = None if name.startswith("_") else self._instance
            hooks = () if instance is None else instance.database._middleware
            return added_method(self, name, (each.field_methods for each in hooks))

    def __str__(self) -> str:
        model = "?" if self.model is None else self.model.__name__
        return f"{model}.{self.name}"

    def __repr__(self) -> str:
        bound = "" if self._instance is None else f" of {self._instance!r}"
        return f"<{type(self).__name__} {self}{bound}>"

    # -- joining a model

    def join(self, model: type[RedisModel]) -> None:
        """Take a place in a model, once its name and namespace are known. A hook: plugins extend it."""
        if self.unique and self.default is not NO_DEFAULT:
            raise ImplementationError(
                f"{model.__name__}.{self.name}: a unique field can't have a default, which every object "
                f"would share; drop `default` or `unique`"
            )
        self.model = model
        if self.indexable:
            self.indexes = (self.index_class(model._key, self.name, unique=self.unique),)
        programs = (argument for index in self.indexes for argument in index.program)
        self.index_program = (len(self.indexes), *programs)
        self.program = (self.kind, self.name, *self.index_program)
        self._names = (self.name,)
        self._is_cacheable = model.cacheable and self.cacheable
        self.step_program = (self.kind, 1, self.name, *self.index_program)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The last parts of all keys that an object may have because of the field."""
        return (self.suffix,)

    # -- values

    def to_redis(self, value: Any) -> str | bytes:
        """What Redis gets for a value. A hook: a related field takes an object for its pk.

        Raises redis-py's `DataError` for what is no str, bytes, int or float.
        """
        return to_redis(value)

    def default_value(self) -> Any:
        """What a new object gets where it is given no value."""
        return self.default() if callable(self.default) else self.default

    filler: ClassVar[str] = "SET"
    """The Redis command that fills the field of a new object."""

    def filling(self, value: Any) -> Sequence[Value]:
        """The arguments with which `filler` gives a new object a value."""
        return (self.to_redis(value),)

    def terms(self, filling: Sequence[Value]) -> Sequence[Value]:
        """The terms under which an index has what `filling` gave."""
        return filling

    def filter_key(self, path: tuple[str, ...], value: Any) -> Key:
        """The key of the set of the objects with this value; `path` is what follows the name in a filter.

        Raises `ImplementationError` if the field has no index, or no such path.
        """
        if not self.indexes:
            raise ImplementationError(f"{self} has no index; `indexable=True` gives it one")
        if path:
            raise ImplementationError(
                f"{self}: a filter takes the value of the field, it has no part {'__'.join(path)!r}"
            )
        return self.indexes[0].key(self.to_redis(value))

    # -- the index as a whole

    def rebuild_indexes(self, *, progress: Progress | None = None, batch_size: int = 500) -> Report:
        """Let the field's index have what the data of all objects says: for a field that has just got one.

        ```python
        Bike.get_field("name").rebuild_indexes()
        ```

        What is missing is added and what is wrong removed, so that others can go on reading and writing.
        `progress`: called after each batch with the number of objects, or of keys, in it; `batch_size`:
        about how many. Returns a `Report` of what was found.

        Raises `UniquenessError` when it is through, if objects share a value of a unique field.

        `SSCAN` and `SCAN`, Redis 2.8, and a script for each batch; O(N) with all keys of the database.
        """
        model = self._model_of_class("rebuild_indexes")
        if not self.indexes:
            raise ImplementationError(f"{self} has no index; `indexable=True` gives it one")
        audit = Audit(model, "repair", progress=progress, batch_size=batch_size)
        report = audit.over_objects(self).over_keys(self.indexes[0].base).report
        if report.duplicates:
            _, term, pk = report.duplicates[0]
            raise UniquenessError(
                f"{self} is unique, and {len(report.duplicates)} objects share values, such as {term!r}, "
                f"which instance {pk} has",
                key=f"{self.indexes[0].base}:{term}",
                value=term,
                pk=pk,
            )
        return report

    def clear_indexes(self, *, progress: Progress | None = None, batch_size: int = 500) -> int:
        """Remove all entries of the field's index: for a field that has an index no more.

        While the field is declared with one, its objects can't be found by it any more, and nothing keeps
        a unique value from being given again, until `rebuild_indexes`. `progress` and `batch_size`: as there.
        Returns how many entries there were.

        `SCAN` and `SSCAN`, Redis 2.8, and a script for each batch; O(N) with all keys of the database.
        """
        model = self._model_of_class("clear_indexes")
        audit = Audit(model, "clear", progress=progress, batch_size=batch_size)
        return audit.over_keys(keys.index_base(model._key, self.name)).report.entries

    def _model_of_class(self, method: str) -> type[RedisModel]:
        """The model, for a method that works on all objects."""
        if self.model is None or self._instance is not None:
            raise ImplementationError(
                f"{self}: {method} works on all objects of a model: call it on the field of the class"
            )
        return self.model

    # -- keys and commands

    @property
    def bound_to(self) -> RedisModel:
        """The object that the field is bound to; `ImplementationError` if there is none."""
        if self._instance is None:
            raise ImplementationError(
                f"{self} is a field of the class; commands work on the field of an object"
            )
        return self._instance

    @property
    def key(self) -> str:
        """The Redis key of the value. `DoesNotExist` if the object was deleted, or not created yet."""
        instance = self.bound_to
        return keys.field_key(instance._key, instance._require_pk(), self.suffix)

    def _read(self, decode: Callable[[Any], T], name: str, *args: Value, binary: bool = False) -> T:
        """Run a command that changes nothing; `binary` if its reply is no text.

        `decode`: a function of a module, or a `partial` of some, and not one that is made by the call: caches
        tell reads from each other by it.
        """
        instance = self._instance or self.bound_to
        database = instance.database
        read: tuple[Hashable, ...] = ()
        if database._middleware and self._is_cacheable:
            decoder = decode if type(decode) is not partial else _told(decode)
            if decoder is not None and instance._pk is not None and instance._pending is None:
                read = (name, decoder, binary, *args)
                value: Any = database.recall(instance, self._names, read)
                if value is not MISS:
                    return value  # type: ignore[no-any-return]  # it is what the command would give
        return database.execute(
            field_command(
                instance,
                self.suffix,
                self._names,
                self.step_program,
                decode,
                name,
                args,
                NOTHING,
                is_write=False,
                binary=binary,
                read=read,
            )
        )

    def _write(self, decode: Callable[[Any], T], name: str, *args: Value, touch: Touch = NOTHING) -> T:
        """Run a command that may change the value; `touch` tells what of it, where it is indexed."""
        instance = self.bound_to
        return instance.database.execute(
            field_command(
                instance,
                self.suffix,
                self._names,
                self.step_program,
                decode,
                name,
                args,
                touch,
                is_write=True,
                is_indexed=bool(self.indexes),
            )
        )

    def _refuse_expiry(self, command: str) -> None:
        """Values that Redis takes away by time would leave their index behind."""
        if self.indexes:
            raise ImplementationError(
                f"{self}: {command} would let an indexed value expire, and its index entries stay; "
                f"make the field not indexable, or delete the value when its time has come"
            )


def field_command(
    instance: RedisModel,
    suffix: str,
    names: tuple[str, ...],
    step_program: tuple[Value, ...],
    decode: Callable[[Any], T],
    name: str,
    args: tuple[Value, ...],
    touch: Touch,
    *,
    is_write: bool,
    is_indexed: bool = False,
    binary: bool = False,
    read: tuple[Hashable, ...] = (),
) -> Command[T]:
    """The command that runs the Redis command `name` on the value of the fields `names` of an object.

    It is that command itself, unless there is more to do: then it is the script that creates the object
    first, or the one that lets the indexes follow, for which `touch` says what of the value is touched.
    `suffix` is the last part of the value's key, `step_program` what tells the script of the fields, and
    `read` what the command has under this name.
    """
    pk = instance._pk
    if instance._pending is not None:
        instance._check_usable()
    if pk is None:
        step = (*step_program, *touch, name, *args)
        return instance._creation({}, step=step, decode=decode, reads=names)
    model = type(instance)
    key = keys.field_key(model._key, pk, suffix)
    written = names if is_write else ()
    if touch is NOTHING or not is_indexed:
        return Command(  # by position, which takes half the time
            name,
            (key,),
            (key, *args),
            decode,
            None,
            is_write,
            binary,
            None,
            model,
            instance,
            names,
            written,
            None,
            None,
            "",
            read,
        )
    script, how = (_WRITE_VALUE, touch[-1:]) if touch.how == VALUE.how else (_WRITE, touch)
    return Command(
        script.name,
        (key, keys.collection_key(model._key)),
        (model._key, pk, *step_program, *how, name, *args),
        partial(_decode_answer, decode, model.__name__),
        script,
        True,
        False,
        None,
        model,
        instance,
        names,
        written,
        operation=name,
    )


def _decode_answer(decode: Callable[[Any], T], model: str, reply: Any) -> T:
    return decode(answer(reply, model))


def _told(decode: partial[Any]) -> Hashable:
    """What stands for a partial function, which equals no other one, in a `Command.read`, or None.

    Nothing can stand for functions that are made by the call, and for what is no key of a dictionary.
    """
    parts = (decode.func, *decode.args)
    if any("<" in getattr(part, "__qualname__", "") for part in parts):
        return None
    try:
        hash(parts)
    except TypeError:
        return None
    return parts
