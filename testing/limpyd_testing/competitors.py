"""Processes that write to the same objects at once, without knowing of each other."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any

from limpyd import fields
from limpyd.exceptions import DoesNotExist, UniquenessError
from limpyd.model import RedisModel
from redis.exceptions import ResponseError

from limpyd_testing.expected import define_example
from limpyd_testing.plugin import connect
from limpyd_testing.writes import TYPES, choose, choose_start

__all__ = ["compete"]

_PKS = 6
"""So many objects, about, are there of each model."""


def compete(url: str, processes: int, seconds: float) -> int:
    """Let so many processes work for so long on the models of `define_example`. Returns how often they wrote.

    What else than `DoesNotExist`, `UniquenessError` and Redis's own refusals they raise is raised here.
    """
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(_work, [url] * processes, range(processes), [seconds] * processes))


def _work(url: str, number: int, seconds: float) -> int:
    database, random = connect(url), Random(number)
    models = {kind: define_example(database, kind, pk=fields.PKField()) for kind in TYPES}
    done, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        kind = random.choice(list(TYPES))
        with contextlib.suppress(DoesNotExist, UniquenessError):
            _operate(models[kind], kind, random)
        done += 1
    database.connection.close()
    return done


def _operate(model: type[RedisModel], kind: str, random: Random) -> None:
    """One random operation."""
    chance = random.random()
    pk = str(random.randint(1, _PKS))
    if chance < 0.05:
        values: dict[str, Any] = {"pk": pk, "indexed": choose_start(random, kind)}
        if chance < 0.02:
            values["unique"] = choose_start(random, kind)
        model(**values)
    elif chance < 0.08:
        model(pk).delete()
    elif chance < 0.09:
        model.database.connection.script_flush()
    else:
        field = getattr(model.lazy_connect(pk), random.choice(["indexed", "unique"]))
        try:
            choose(random, kind)(field)
        except ResponseError as error:
            if "limpyd script" in str(error):
                raise
