"""A pipeline: a queue of commands that go to Redis in one round trip.

It queues and settles; what is sent for commands is the business of core's `Runner`. While it watches keys, it
has a connection of its own, over which commands run at once until `multi()`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from limpyd.commands import Command
from limpyd.contrib.database import active
from limpyd.contrib.database.deferred import Deferred
from limpyd.database import raise_first
from limpyd.exceptions import ImplementationError
from limpyd.fields import Field, PKField
from limpyd.keys import Key, Value
from limpyd.runner import Runner
from limpyd.transport import HeldTransport
from limpyd.values import to_redis
from redis.exceptions import ExecAbortError, RedisError, WatchError

if TYPE_CHECKING:
    from limpyd.contrib.database.database import PipelineDatabase

__all__ = ["Pipeline"]

T = TypeVar("T")


class Pipeline:
    """Made by `PipelineDatabase.pipeline(...)`; inside its `with` block, operations are queued.

    - `pipe.execute()` sends what was queued; it can be called again, for what was queued since.
    - `pipe.watch(...)`, `pipe.multi()`, `pipe.unwatch()` and `pipe.reset()` are redis-py's.
    - `len(pipe)` is the number of queued operations.

    Leaving the block, by an exception or not, drops what was not executed: nothing of it is sent, and objects
    that were to be created are as if they had not been.
    """

    def __init__(self, database: PipelineDatabase, *, transaction: bool, share_in_threads: bool) -> None:
        self.database = database
        self.transaction = transaction
        self.share_in_threads = share_in_threads
        self.owner: tuple[int, Any] = (0, None)
        self.is_open = False
        self._queue: list[Deferred[Any]] = []
        self._lock = threading.Lock()
        self._explicit = False
        self._held: Runner | None = None
        self._transport: HeldTransport | None = None
        self._is_clean = True
        self._release = ExitStack()

    def __repr__(self) -> str:
        state = "watching" if self.is_watching else f"{len(self)} queued" if self.is_open else "closed"
        return f"<Pipeline on {self.database!r}: {state}>"

    def __len__(self) -> int:
        return len(self._queue)

    def __bool__(self) -> bool:
        return True

    # -- the block

    def __enter__(self) -> Self:
        if self.is_open:
            raise ImplementationError("this pipeline's block is open already; make another pipeline to nest")
        self.owner = active.who()
        self.is_open = True
        active.open_here(self)
        if self.share_in_threads:
            self.database._shared += (self,)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.is_open = False
        active.close(self)
        if self.share_in_threads:
            self.database._shared = tuple(p for p in self.database._shared if p is not self)
        self.reset()

    def _check_open(self, what: str) -> None:
        if not self.is_open:
            raise ImplementationError(
                f"{what} works inside of the pipeline's block: `with database.pipeline() as pipe:`"
            )

    # -- queueing

    @property
    def is_watching(self) -> bool:
        """Whether commands run at once, over the connection that watches."""
        return self._held is not None and not self._explicit

    def add(self, command: Command[T]) -> T | Deferred[T]:
        """Queue a command and return its deferred value; while watching, run it and return its value."""
        if self._held is not None and not self._explicit:
            return self.database._run_at_once(self._held, command)
        deferred = Deferred(command)
        if command.on_wait is not None:
            command.on_wait(True)
        with self._lock:
            self._queue.append(deferred)
        return deferred

    def execute_command(self, *args: Value) -> Any:
        """Queue any command of Redis by its name and arguments; its value is the raw reply.

        Raises redis-py's `DataError`, and queues nothing, for arguments that Redis can't take.

        ```python
        pipe.execute_command("PUBLISH", "news", "two persons more")
        ```
        """
        self._check_open("execute_command")
        name, *rest = args
        return self.add(Command(str(name), (), tuple(map(to_redis, rest)), is_write=True))

    # -- sending

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send what was queued, in one round trip; return the decoded value of each operation, in order.

        Raises the first error of an operation, after all have been told their outcome; the text says which
        operation it was. Without `raise_on_error`, errors stand in the list. An error keeps no other
        operation from being done: Redis has no rollback. But one that Redis refuses to queue in a transaction
        (out of memory, no permission) keeps all from being done: the others have an `ExecAbortError`.

        Raises `WatchError` if a watched key has changed: nothing was done then. If the connection breaks,
        redis-py's `ConnectionError` or `TimeoutError`: what holds a write is never sent twice, and whether it
        was done is unknown. Afterwards nothing is queued or watched any more.
        """
        self._check_open("execute()")
        with self._lock:
            queue, self._queue = self._queue, []
        try:
            outcomes = self._send(queue)
        except BaseException as error:
            _drop(queue, f"the pipeline failed: {error}", error)
            raise
        finally:
            self._stop_watching()
        for deferred, outcome in zip(queue, outcomes, strict=True):
            deferred.settle(outcome)
        if raise_on_error:
            culprits = [outcome for outcome in outcomes if not isinstance(outcome, ExecAbortError)]
            raise_first(culprits or outcomes)
        return outcomes

    def _send(self, queue: list[Deferred[Any]]) -> list[Any]:
        if not queue and self._held is None:
            return []
        database = self.database
        commands = [deferred.command for deferred in queue]
        transaction = self.transaction or self._explicit or self._held is not None
        try:
            answers = database._ask(self._held or database._runner, commands, transaction=transaction)
        except WatchError:
            self._is_clean = True
            raise
        self._is_clean = True
        _end_wait(queue)
        return database._outcomes(commands, answers)

    def reset(self) -> None:
        """Drop what was queued, and watch nothing any more. Objects that were to be created are not."""
        with self._lock:
            queue, self._queue = self._queue, []
        _drop(queue, "it was dropped; nothing was sent")
        self._stop_watching()

    # -- watching

    def watch(self, *watches: Key | Field) -> bool:
        """Watch keys, or the fields of objects: `execute()` does nothing if one of them changes before.

        Until `multi()`, commands run at once, over the watching connection. Returns True.

        Raises `ImplementationError` after `multi()`, and for what can't be watched: a field that is not
        an object's, one of an object on another database or without a pk, a primary key.

        `WATCH`, Redis 2.2, O(1) for each key.
        """
        self._check_open("watch()")
        if self._explicit:
            raise ImplementationError("watch() comes before multi(); call reset() to start anew")
        if not watches:
            raise ImplementationError("watch() needs a key or the field of an object")
        keys = [self._key(watch) for watch in watches]
        held = self._held
        if held is None:
            runner = self.database._runner
            self._transport = self._release.enter_context(runner.transport.hold())
            held = self._held = runner.over(self._transport)
        self._is_clean = False
        try:
            held.send(("WATCH", *keys), repeat=True)
        except BaseException:
            self._stop_watching()
            raise
        return True

    def unwatch(self) -> bool:
        """Watch nothing any more; what follows is queued. Returns True.

        `UNWATCH`, Redis 2.2, O(1).
        """
        self._check_open("unwatch()")
        if self._explicit:
            raise ImplementationError("unwatch() comes before multi(); reset() drops what was queued, too")
        self._stop_watching()
        return True

    def multi(self) -> None:
        """End the time in which commands run at once: what follows is queued, for `execute()`.

        Raises `ImplementationError` if it was called before, or if commands have been queued already.
        """
        self._check_open("multi()")
        if self._explicit:
            raise ImplementationError("multi() was called already")
        if self._queue:
            raise ImplementationError("multi() comes before the first command that is queued")
        self._explicit = True

    def _key(self, watch: Key | Field) -> Key:
        if isinstance(watch, (str, bytes)):
            return watch
        if not isinstance(watch, Field):
            raise ImplementationError(f"watch() takes keys and fields of objects, not {type(watch).__name__}")
        if isinstance(watch, PKField):
            raise ImplementationError(f"{watch} can't be watched: a primary key has no value in Redis")
        database = watch.bound_to.database
        if database is not self.database:
            raise ImplementationError(
                f"{watch} can't be watched by a pipeline on {self.database!r}: it is on {database!r}"
            )
        return watch.key

    def _stop_watching(self) -> None:
        """Give the connection back; unless it went through EXEC, it has to unwatch before."""
        held, self._held = self._held, None
        transport, self._transport = self._transport, None
        self._explicit = False
        if held is None or transport is None:
            return
        try:
            if transport.is_alive and not self._is_clean:
                held.send(("UNWATCH",), repeat=True)
        except RedisError:
            transport.disconnect()
        finally:
            self._release.close()


def _end_wait(queue: Sequence[Deferred[Any]]) -> None:
    for deferred in reversed(queue):
        if deferred.command.on_wait is not None:
            deferred.command.on_wait(False)


def _drop(queue: Sequence[Deferred[Any]], reason: str, error: BaseException | None = None) -> None:
    _end_wait(queue)
    for deferred in queue:
        deferred.drop(reason)
        if isinstance(error, Exception):
            deferred.settle(error)
