"""Starts workers in processes of their own, watches them, and ends them."""

from __future__ import annotations

import shutil
import tempfile
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from limpyd_testing.connection import connect
from limpyd_testing.load.journal import done_in
from limpyd_testing.load.models import BOARD, define_models
from limpyd_testing.load.opener import Opener, opener
from limpyd_testing.load.worker import STOP, Plan, work
from limpyd_testing.waiting import wait_for

__all__ = ["Load"]

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["__main__", "limpyd.contrib.cache", "limpyd.contrib.database", "limpyd.contrib.related"]
)


class Load:
    """Workers on one server: a context manager, which starts so many and stops all.

    - `url`: by which the test itself reaches the server, once, to make what workers share.
    - `open_database`: makes a worker's database; by the same URL, if it is not given.
    - `options`: what `Plan` takes besides.
    """

    def __init__(
        self,
        url: str,
        workers: int,
        *,
        open_database: Opener | None = None,
        **options: Any,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="limpyd-load-"))
        self._url = url
        self._workers = workers
        self._plan = Plan(open_database or opener(url), **options)
        self._processes: dict[int, Any] = {}
        self._started = 0

    def __enter__(self) -> Self:
        database = connect(self._url)
        define_models(database).board(name=BOARD)
        database.connection.close()
        try:
            for _ in range(self._workers):
                self.add()
            self.wait_for_progress(10)
        except BaseException:
            self.close()
            raise
        return self

    def add(self) -> int:
        """Start one more worker. Returns its number."""
        self._started += 1
        process = _CONTEXT.Process(target=work, args=(self.folder, self._started, self._plan), daemon=True)
        process.start()
        self._processes[self._started] = process
        return self._started

    def kill(self, number: int) -> None:
        """End a worker by SIGKILL, whatever it does just now."""
        process = self._processes.pop(number)
        process.kill()
        process.join()

    @property
    def alive(self) -> list[int]:
        """The numbers of the workers that work."""
        return list(self._processes)

    def progress(self) -> dict[int, int]:
        """How many operations each of the workers that work has done."""
        paths = {number: self.folder / f"{number}.journal" for number in self._processes}
        return {number: done_in(path) if path.exists() else 0 for number, path in paths.items()}

    def wait_for_progress(self, more: int) -> None:
        """Wait until each worker has done so many more operations."""
        before = self.progress()

        def is_there() -> bool:
            for number, process in self._processes.items():
                assert process.exitcode is None, f"worker {number} ended with {process.exitcode}"
            return all(done >= before[number] + more for number, done in self.progress().items())

        wait_for(is_there)

    def stop(self) -> None:
        """Let the workers end what they do, and wait for them."""
        (self.folder / STOP).touch()
        for number, process in self._processes.items():
            process.join(30)
            assert process.exitcode == 0, f"worker {number} ended with {process.exitcode}"
        self._processes.clear()

    def close(self) -> None:
        """End all workers at once, and forget their journals."""
        for process in self._processes.values():
            process.kill()
            process.join()
        shutil.rmtree(self.folder)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
