"""The value of an operation that waits in a pipeline.

A deferred knows its command and, once the pipeline was executed, its value or its error; it sends nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, NoReturn, TypeVar

from limpyd.commands import Command
from limpyd.exceptions import ImplementationError

__all__ = ["Deferred"]

T = TypeVar("T")

_WAITING: Final = object()


class Deferred(Generic[T]):
    """What an operation inside a pipeline returns: its value will be there after `execute()`.

    `value` is it then, and `if`, `str`, comparing, counting, iterating and arithmetic take the deferred for
    its value. Before, each of them raises `ImplementationError`; `repr` alone always works. If the operation
    failed, its error is raised instead.
    """

    __slots__ = ("_dropped", "_outcome", "command")

    def __init__(self, command: Command[T]) -> None:
        self.command = command
        """The command that was queued."""
        self._outcome: Any = _WAITING
        self._dropped = ""

    @property
    def is_done(self) -> bool:
        """Whether there is a value, or an error."""
        return self._outcome is not _WAITING

    @property
    def error(self) -> Exception | None:
        """What the operation raised; None if it has a value, or is not done."""
        return self._outcome if isinstance(self._outcome, Exception) else None

    @property
    def value(self) -> T:
        """The decoded value. Raises the operation's error, and `ImplementationError` before `execute()`."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        if self._outcome is not _WAITING:
            return self._outcome  # type: ignore[no-any-return]  # the decoder has made a T of it
        if self._dropped:
            raise ImplementationError(f"{self.command} has no value: {self._dropped}")
        raise ImplementationError(
            f"{self.command} is queued in a pipeline and has no value yet; it will be there after the "
            f"pipeline's `execute()`"
        )

    def settle(self, outcome: T | Exception) -> None:
        """Take the value, or the error."""
        self._outcome = outcome

    def drop(self, reason: str) -> None:
        """Note why there will never be a value."""
        self._dropped = reason

    def __repr__(self) -> str:
        if self.is_done:
            return f"<Deferred {self.command}: {self._outcome!r}>"
        return f"<Deferred {self.command}: {self._dropped or 'queued'}>"

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"a Deferred has no attribute {name!r}; what it stands for has: use `.value.{name}` after the "
            f"pipeline's `execute()`"
        )

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value)  # type: ignore[call-overload, no-any-return]  # if T can't be, Python says so

    def __len__(self) -> int:
        return len(self.value)  # type: ignore[arg-type]  # if T has none, Python says so

    def __getitem__(self, item: Any) -> Any:
        return self.value[item]  # type: ignore[index]

    def __contains__(self, item: object) -> bool:
        return item in self.value  # type: ignore[operator]

    def __int__(self) -> int:
        return int(self.value)  # type: ignore[call-overload, no-any-return]

    def __float__(self) -> float:
        return float(self.value)  # type: ignore[arg-type]

    def __index__(self) -> int:
        return operator.index(self.value)  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return bool(self.value == _value_of(other))


def _value_of(operand: Any) -> Any:
    return operand.value if isinstance(operand, Deferred) else operand


def _alone(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def alone(self: Deferred[Any]) -> Any:
        return function(self.value)

    return alone


def _forward(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def forward(self: Deferred[Any], other: object) -> Any:
        return function(self.value, _value_of(other))

    return forward


def _backward(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def backward(self: Deferred[Any], other: object) -> Any:
        return function(_value_of(other), self.value)

    return backward


for _name in ("lt", "le", "gt", "ge"):
    setattr(Deferred, f"__{_name}__", _forward(getattr(operator, _name)))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(Deferred, f"__{_name}__", _alone(getattr(operator, _name)))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"):
    _function = getattr(operator, f"__{_name}__")
    setattr(Deferred, f"__{_name}__", _forward(_function))
    setattr(Deferred, f"__r{_name}__", _backward(_function))
