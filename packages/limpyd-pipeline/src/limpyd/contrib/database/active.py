"""Which pipeline an operation goes into: the innermost one that its thread or asyncio task has opened.

A task or thread that is started inside of a pipeline's block inherits its context, but not the pipeline; that
is why each pipeline notes who opened it.
"""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limpyd.contrib.database.pipeline import Pipeline

__all__ = ["active_pipeline", "close", "open_here", "who"]

_opened: ContextVar[tuple[Pipeline, ...]] = ContextVar("limpyd_pipelines", default=())


def who() -> tuple[int, Any]:
    """The thread and the asyncio task that are running."""
    task = None if asyncio._get_running_loop() is None else asyncio.current_task()
    return threading.get_ident(), task


def open_here(pipeline: Pipeline) -> None:
    """Let operations of the running thread or task go into a pipeline."""
    _opened.set((*_opened.get(), pipeline))


def close(pipeline: Pipeline) -> None:
    """Let them go where they went before."""
    _opened.set(tuple(other for other in _opened.get() if other is not pipeline))


def active_pipeline(database: object) -> Pipeline | None:
    """The innermost pipeline on a database that the running thread or task has opened itself."""
    opened = _opened.get()
    if not opened:
        return None
    here = who()
    for pipeline in reversed(opened):
        if pipeline.database is database and pipeline.is_open and pipeline.owner == here:
            return pipeline
    return None
