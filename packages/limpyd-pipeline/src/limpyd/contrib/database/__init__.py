"""Pipelines and transactions: many operations in one round trip, or all of them at one point in time.

`PipelineDatabase` takes the place of `RedisDatabase`, with the same arguments. It costs nothing until a
pipeline is opened.
"""

from __future__ import annotations

from limpyd.contrib.database.database import PipelineDatabase
from limpyd.contrib.database.deferred import Deferred
from limpyd.contrib.database.pipeline import Pipeline

__all__ = ["Deferred", "Pipeline", "PipelineDatabase"]
