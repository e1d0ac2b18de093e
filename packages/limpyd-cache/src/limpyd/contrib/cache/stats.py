"""What a cache counts."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CacheStats"]


class CacheStats(NamedTuple):
    """The counters of a cache at one moment. A read that no cache may keep counts nowhere."""

    hits: int
    """Reads that were answered without a request."""
    misses: int
    """Reads that went to Redis, and could have been answered."""
    entries: int
    """Replies that are kept now, the ones that are awaited among them."""
    evictions: int
    """Entries that made room for others, or whose time was over."""
    invalidations: int
    """Entries that were dropped because their value changed, or might have."""
