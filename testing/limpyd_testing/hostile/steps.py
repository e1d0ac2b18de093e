"""Steps: calls of limpyd's public methods, each with the keys that it may change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from limpyd_testing.hostile.arguments import Call
from limpyd_testing.hostile.world import KINDS, OURS, Allowed, World, encoded
from limpyd_testing.writes import TYPES

__all__ = ["BitFieldStep", "FieldStep", "ModelStep", "ObjectStep", "PipelineStep", "Query", "Step"]


class Step(ABC):
    """A call, or some that belong together."""

    @abstractmethod
    def run(self, world: World) -> Any:
        """Take the step; what it answers."""

    @abstractmethod
    def allowed(self, world: World) -> list[Allowed]:
        """The keys that it may change."""

    @property
    def is_of_many(self) -> bool:
        """Whether it does several things, each for itself: some are done where others fail."""
        return False


@dataclass(frozen=True)
class FieldStep(Step):
    """A call of a method of a field of an object."""

    who: Any
    name: str
    call: Call

    def run(self, world: World) -> Any:
        """Call the method."""
        return self.call(getattr(world.object(self.who), self.name))

    def allowed(self, world: World) -> list[Allowed]:
        """The field, and its indexes."""
        return world.changes(self.who, [self.name])


@dataclass(frozen=True)
class BitFieldStep(Step):
    """Operations of a `BitField`, and their execution."""

    who: Any
    name: str
    calls: list[Call]

    def run(self, world: World) -> Any:
        """Queue the operations, and execute them."""
        builder = getattr(world.object(self.who), self.name).bitfield()
        for call in self.calls:
            call(builder)
        return builder.execute()

    def allowed(self, world: World) -> list[Allowed]:
        """The field, and its indexes."""
        return world.changes(self.who, [self.name])


@dataclass(frozen=True)
class ObjectStep(Step):
    """A call of a method of an object."""

    who: Any
    call: Call

    def run(self, world: World) -> Any:
        """Call the method."""
        return self.call(world.object(self.who))

    def allowed(self, world: World) -> list[Allowed]:
        """The hashable fields; for `delete` everything that the object has, and what refers to it."""
        model = world.named if self.who == "named" else world.thing
        if self.call.name != "delete" or self.who == "new":
            return world.changes(self.who, model._hashable_fields)
        allowed = world.changes(self.who, [name for name in model._fields if name not in ("pk", "name")])
        allowed.append(Allowed(frozenset({encoded(f"{model._key}:collection")})))
        if model is world.named:
            for pk in (b"1", b"2"):
                allowed += world.values(world.thing, pk, KINDS.keys() - TYPES)
        return allowed


@dataclass(frozen=True)
class ModelStep(Step):
    """A call on a model: making and finding objects."""

    model: str
    name: str
    arguments: tuple[Any, ...]
    values: dict[str, Any]

    def run(self, world: World) -> Any:
        """Call the model or its method, and show what comes back."""
        model = getattr(world, self.model)
        method = model if self.name == "model" else getattr(model, self.name)
        result = method(*self.arguments, **self.values)
        return repr(result) and str(result)

    def allowed(self, world: World) -> list[Allowed]:
        """All that a creation writes, where one may happen."""
        if self.name not in ("model", "create_many", "get_or_connect"):
            return []
        return world.creation(getattr(world, self.model))

    @property
    def is_of_many(self) -> bool:
        """Whether it does several things, each for itself."""
        return self.name == "create_many"


@dataclass(frozen=True)
class Query(Step):
    """A collection that is described and looked at."""

    source: str
    filters: dict[str, Any]
    chain: list[tuple[str, Any]]
    look: str
    item: Any

    def run(self, world: World) -> Any:
        """Describe the collection, and look at it."""
        owner, _, name = self.source.partition(".")
        target = world.object(owner) if name else getattr(world, owner)
        found = getattr(target, name or "collection")(**self.filters)
        for how, argument in self.chain:
            if how == "slice":
                try:
                    found = found[slice(*argument)]
                except ValueError:  # as a list has it: the step is 0
                    return None
            else:
                found = argument(found)
        if not hasattr(found, "fetch"):
            return found
        if self.look == "index":
            try:
                return found[self.item]
            except IndexError:
                return None
        if self.look == "in":
            return self.item in found
        if self.look in ("fetch", "count", "exists"):
            return getattr(found, self.look)()
        look: Any = {"list": list, "len": len, "bool": bool, "repr": repr}[self.look]
        return look(found)

    def allowed(self, world: World) -> list[Allowed]:
        """Nothing."""
        return []


@dataclass(frozen=True)
class PipelineStep(Step):
    """Steps in a pipeline or in a transaction: an error of one keeps no other from being done."""

    steps: list[Step]
    how: str
    raise_on_error: bool

    def run(self, world: World) -> Any:
        """Queue the steps, and execute them."""

        def queue(pipe: Any) -> None:
            if self.how == "watching":
                pipe.multi()
            for step in self.steps:
                try:
                    step.run(world)
                except OURS:
                    continue

        if self.how == "watching":
            return world.database.transaction(queue, world.objects["first"].plain_string)
        with world.database.pipeline(transaction=self.how == "transaction") as pipe:
            queue(pipe)
            return pipe.execute(raise_on_error=self.raise_on_error)

    def allowed(self, world: World) -> list[Allowed]:
        """What any of the steps may change."""
        return [allowed for step in self.steps for allowed in step.allowed(world)]

    @property
    def is_of_many(self) -> bool:
        """Whether it does several things, each for itself."""
        return True
