"""Caches for limpyd: middleware that answers reads without asking Redis.

==================  ==========================================  =====================================
cache               keeps values                                sees what others write
==================  ==========================================  =====================================
`InstanceCache`     on each object, as long as that lives       no
`SharedCache`       for all objects and threads of a process    yes: the server tells, in milliseconds
==================  ==========================================  =====================================

```python
database = RedisDatabase(middleware=[InstanceCache()])
```

`cacheable = False` on a model, or `cacheable=False` on a field, keeps its values out of both. A cache
belongs to one database. With one in use, `example.init_cache()` forgets the values of an object, and
`example.name.init_cache()` those of one field; `init_cache(example)` does the same, for type checkers.
"""

from __future__ import annotations

from limpyd.contrib.cache.base import Cache, init_cache
from limpyd.contrib.cache.instance import InstanceCache
from limpyd.contrib.cache.shared import SharedCache
from limpyd.contrib.cache.stats import CacheStats

__all__ = ["Cache", "CacheStats", "InstanceCache", "SharedCache", "init_cache"]
