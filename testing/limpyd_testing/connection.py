"""How tests reach a server: by `LIMPYD_PROTOCOL`, the RESP version, 3 or 2."""

from __future__ import annotations

import os

from limpyd.database import RedisDatabase

__all__ = ["connect", "protocol"]


def protocol() -> int:
    """The RESP version of the run."""
    return int(os.environ.get("LIMPYD_PROTOCOL", "3"))


def connect(url: str) -> RedisDatabase:
    """A database as tests use it."""
    return RedisDatabase.from_url(url, protocol=protocol())
