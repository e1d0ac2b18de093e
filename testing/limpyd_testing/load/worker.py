"""The process that works: one operation after the other, each noted in its journal."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from limpyd.contrib.cache import InstanceCache, SharedCache
from limpyd.exceptions import LimpydException
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from limpyd_testing.load.figures import Figures, Latencies, memory_now
from limpyd_testing.load.journal import DONE, REFUSED, UNKNOWN, WRONG, Journal
from limpyd_testing.load.models import define_models
from limpyd_testing.load.opener import Opener
from limpyd_testing.load.operations import CHANGES, END, ENDS, OPENING, OPERATIONS
from limpyd_testing.load.shared import BOARD_OPERATIONS, RIVAL_OPERATIONS
from limpyd_testing.load.story import Story, start

__all__ = ["STOP", "Plan", "work"]

STOP = "stop"
"""Workers end when there is a file of this name in their folder."""

_WARM = 2000
"""After so many operations a worker has all its code and its caches, and its memory is measured."""


@dataclass(frozen=True)
class Plan:
    """What workers do."""

    open_database: Opener
    tidy: bool = False
    """Leave nothing of a story that is over, and no journal of it: for a load that goes on for long."""
    limit: int | None = None
    """Stop after so many operations."""


def work(folder: Path, number: int, plan: Plan) -> None:
    """Work, as worker `number`, until there is a file `STOP` in the folder of the journals."""
    worker = _Worker(folder, number, plan)
    try:
        worker.run()
    finally:
        worker.close()


class _Worker:
    def __init__(self, folder: Path, number: int, plan: Plan) -> None:
        self.folder = folder
        self.stop = folder / STOP
        self.number = number
        self.plan = plan
        self.random = Random(number)
        self.journal = Journal(folder / f"{number}.journal")
        self.cache = SharedCache() if number % 2 else InstanceCache()
        self.database = plan.open_database([self.cache])
        self.models = define_models(self.database)
        self.done = 0
        self.latencies = Latencies()
        self.memory = 0

    def run(self) -> None:
        for number, operation in enumerate(self._operations()):
            if self.stop.exists() or number == self.plan.limit:
                return
            operation()
            if number == _WARM:
                self.memory = memory_now()

    def close(self) -> None:
        if isinstance(self.cache, SharedCache):
            self.cache.close()
        self.database.connection.close()
        self.journal.close()
        memory = memory_now()
        Figures(self.latencies, self.memory or memory, memory).write(self.folder, self.number)

    def _operations(self) -> Iterator[Callable[[], Any]]:
        number = 0
        while True:
            number += 1
            for operation in self._story(f"{self.number}-{number}"):
                yield operation
                while self.random.random() < 0.2:
                    yield self._shared

    def _story(self, token: str) -> Iterator[Callable[[], Any]]:
        """The operations of one story; it is over when an answer is lost, or when it can't begin."""
        story, state = Story(token, self.models, self.database), start()
        changes = self.random.choices(CHANGES, k=self.random.randint(5, 40))
        ends = END if self.plan.tidy else (self.random.choice(ENDS),)
        outcome = DONE

        def operate() -> None:
            nonlocal state, outcome
            operation = OPERATIONS[name]
            args = operation.choose(self.random)
            after = copy.deepcopy(state)
            operation.change(after, args)
            wanted = None if operation.reply is None else operation.reply(after, args)
            outcome = self._do(token, name, args, lambda: operation.run(story, args), wanted)
            if outcome == DONE:
                state = after

        for name in (*OPENING, *changes, *ends):
            yield operate
            if outcome in (UNKNOWN, WRONG) or (name in OPENING and outcome != DONE):
                return
        if self.plan.tidy and state == start():
            self.journal.forget()

    def _shared(self) -> None:
        if self.random.random() < 0.5:
            token = f"{self.number}.{self.done}.{self.random.random()}"
            name = self.random.choice(["hit", "score"] if self.plan.tidy else list(BOARD_OPERATIONS))
            self._do("board", name, [token], lambda: BOARD_OPERATIONS[name](self.models, token))
        else:
            name = self.random.choice(list(RIVAL_OPERATIONS))
            self._do("rival", name, [], lambda: RIVAL_OPERATIONS[name](self.models, self.random))

    def _do(self, about: str, name: str, args: list[Any], run: Callable[[], Any], wanted: Any = None) -> str:
        """Do it, and note it. Returns the outcome."""
        self.journal.begin(about, name, args)
        begin = time.perf_counter()
        try:
            reply = run()
        except (RedisConnectionError, RedisTimeoutError) as error:
            return self._end(UNKNOWN, error)
        except (ResponseError, LimpydException) as error:
            return self._end(REFUSED, error)
        except Exception as error:
            self._end(WRONG, error)
            raise
        self.latencies.add(time.perf_counter() - begin)
        if wanted is not None and reply != wanted:
            self.journal.end(WRONG, "WrongReply", f"{reply!r}, and not {wanted!r}")
            return WRONG
        self.done += 1
        self.journal.end(DONE)
        return DONE

    def _end(self, outcome: str, error: Exception) -> str:
        self.journal.end(outcome, type(error).__name__, str(error))
        if outcome == UNKNOWN:
            time.sleep(0.01)  # a server that is away is not asked as fast as can be
        return outcome
