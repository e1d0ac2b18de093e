"""`PipelineDatabase`: a database whose operations go into a pipeline while one is open.

It decides where a command goes, and nothing else: to Redis at once, or into the queue of a `Pipeline`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from limpyd.commands import Command
from limpyd.contrib.database.active import active_pipeline
from limpyd.contrib.database.pipeline import Pipeline
from limpyd.contrib.database.transaction import run_transaction
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.fields import Field
from limpyd.keys import Key
from limpyd.middleware import MISS
from limpyd.runner import Runner

if TYPE_CHECKING:
    from limpyd.model import RedisModel

__all__ = ["PipelineDatabase"]

T = TypeVar("T")


class PipelineDatabase(RedisDatabase):
    """A `RedisDatabase`, with the same arguments, that has pipelines and transactions.

    ```python
    with database.pipeline() as pipe:
        for person in persons:
            person.name.get()
        names = pipe.execute()
    ```
    """

    _shared: tuple[Pipeline, ...] = ()
    """The pipelines that are open for all threads, innermost last."""

    def pipeline(self, transaction: bool = True, share_in_threads: bool = False) -> Pipeline:
        """A pipeline, to be used in a `with` block: see `Pipeline`.

        Inside the block, every operation of models on this database is queued, and returns a `Deferred` whose
        value is there after `pipe.execute()`, which sends all in one round trip. Models on other databases,
        other threads and other asyncio tasks are not affected. Pipelines can be nested: the innermost one
        gets the operations.

        - `transaction`: whether Redis does all of it at one point in time, between `MULTI` and `EXEC`.
        - `share_in_threads`: whether the operations of all threads and tasks go into it as well.

        Any operation can be queued: creating objects (one without a given pk can be used after `execute()`),
        indexed and unique fields, deleting, `Model.exists`, and of collections `fetch`, `count` and `exists`.
        What needs an answer at once, as `list(collection)` or `Model.get(name=...)`, raises
        `ImplementationError`.

        `MULTI` and `EXEC`, Redis 1.2, as long as what is queued takes.
        """
        return Pipeline(self, transaction=transaction, share_in_threads=share_in_threads)

    def transaction(
        self,
        func: Callable[[Pipeline], Any],
        *watches: Key | Field,
        max_attempts: int | None = None,
        value_from_callable: bool = False,
        watch_delay: float | None = None,
    ) -> Any:
        """Run a function that reads values and queues what depends on them, again if they have changed.

        ```python
        def double(pipe):
            hits = int(page.hits.get())  # read at once
            pipe.multi()
            page.hits.set(hits * 2)  # queued


        database.transaction(double, page.hits)
        ```

        - `func`: called with a pipeline that watches. What it does before `pipe.multi()` is done at once,
          what it does after that is queued, and executed when it returns.
        - `watches`: keys, or fields of objects on this database. Without any, all is queued from the start.
        - `max_attempts`: how often to try before `WatchError` is raised; without it, until it works.
        - `value_from_callable`: return what `func` returned.
        - `watch_delay`: seconds to wait before another try.

        Returns the list that `execute()` gives, and raises what it raises.

        `WATCH`, Redis 2.2, O(1) for each key.
        """
        return run_transaction(self, func, watches, max_attempts, value_from_callable, watch_delay)

    def recall(self, instance: RedisModel, names: tuple[str, ...], read: tuple[Hashable, ...]) -> object:
        """The answer of the first middleware to a read; none in a pipeline, which has reads of its own."""
        return MISS if self._pipeline() is not None else super().recall(instance, names, read)

    def execute(self, command: Command[T]) -> T:
        """Run a command, or queue it if a pipeline is open; then the value is a `Deferred`."""
        pipeline = self._pipeline()
        if pipeline is None:
            return super().execute(command)
        return cast(T, pipeline.add(command))

    def execute_now(self, command: Command[T]) -> T:
        """Run a command. `ImplementationError` if it would be queued."""
        self._check_not_queueing(
            str(command),
            "queue `collection.fetch()`, `.count()` or `.exists()` instead, or look before the pipeline",
        )
        return self.execute(command)

    def execute_together(self, commands: Sequence[Command[T]], *, raise_on_error: bool = True) -> list[T]:
        """Run commands in one round trip. `ImplementationError` inside a pipeline, which has its own."""
        self._check_not_queueing(
            "the outcome of `create_many`, which has round trips of its own,",
            "call it before or after the pipeline, or create the objects one by one in it",
        )
        return super().execute_together(commands, raise_on_error=raise_on_error)

    def _check_not_queueing(self, what: str, instead: str) -> None:
        pipeline = self._pipeline()
        if pipeline is not None and not pipeline.is_watching:
            raise ImplementationError(
                f"{what} is needed at once, and inside a pipeline answers come with `execute()`; {instead}"
            )

    def _pipeline(self) -> Pipeline | None:
        """The pipeline that an operation of this thread or task goes into."""
        own = active_pipeline(self)
        if own is not None or not self._shared:
            return own
        return self._shared[-1]

    def _run_at_once(self, runner: Runner, command: Command[T]) -> T:
        """Run a command over the connection of a pipeline that watches; no middleware answers it."""
        for middleware in self._middleware:
            middleware.before_together(command)
        value = runner.run(command)
        for middleware in reversed(self._middleware):
            middleware.after(command, value)
        return value
