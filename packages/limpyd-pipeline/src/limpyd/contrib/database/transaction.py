"""The loop of a transaction: watch, read, queue, execute; on `WatchError` all of it again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from limpyd.contrib.database.pipeline import Pipeline
from limpyd.exceptions import add_detail
from limpyd.fields import Field
from limpyd.keys import Key
from limpyd.values import integer
from redis.exceptions import WatchError

if TYPE_CHECKING:
    from limpyd.contrib.database.database import PipelineDatabase

__all__ = ["run_transaction"]


def run_transaction(
    database: PipelineDatabase,
    func: Callable[[Pipeline], Any],
    watches: Sequence[Key | Field],
    max_attempts: int | None,
    value_from_callable: bool,
    watch_delay: float | None,
) -> Any:
    """What `PipelineDatabase.transaction` does."""
    if max_attempts is not None and integer(max_attempts, "max_attempts") < 1:
        raise ValueError(f"max_attempts must be 1 or more, not {max_attempts}")
    attempts = 0
    while True:
        attempts += 1
        try:
            with database.pipeline() as pipe:
                if watches:
                    pipe.watch(*watches)
                value = func(pipe)
                results = pipe.execute()
                return value if value_from_callable else results
        except WatchError as error:
            if attempts == max_attempts:
                add_detail(error, f"attempt {attempts} of {max_attempts}")
                raise
        if watch_delay:
            time.sleep(watch_delay)
