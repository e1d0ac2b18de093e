"""redis-limpyd 2.1.2. Its pipelines take no indexed fields, so objects are created one by one."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from limpyd import fields, model
from limpyd.database import RedisDatabase

from benchmarks.peers.rows import measure


class Person(model.RedisModel):
    database = RedisDatabase(unix_socket_path=urlsplit(sys.argv[1]).path)
    name = fields.InstanceHashField(indexable=True)
    email = fields.InstanceHashField(unique=True)
    city = fields.InstanceHashField(indexable=True)
    country = fields.InstanceHashField(indexable=True)
    note = fields.InstanceHashField()


if __name__ == "__main__":
    measure(lambda row: Person(**row))
