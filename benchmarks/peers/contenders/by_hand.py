"""By hand on redis-py: the floor, that everything is compared with.

It is what a good developer would write for this one model, with its scripts kept to what this model needs. It
has the keys that limpyd has, it checks that emails are unique, and each of its operations is one request.
It takes nothing back if it fails halfway, and does not look whether an object exists that it writes to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import redis

from benchmarks.peers.adapter import Contender
from benchmarks.peers.people import FIELDS, Row

_CREATE = """
local function create(at)
  local name, email, city, country = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  email = ':person:email:' .. email
  if redis.call('EXISTS', email) == 1 then
    return redis.error_reply('taken ' .. email)
  end
  local pk = redis.call('INCR', ':person:max_pk')
  redis.call('SADD', ':person:collection', pk)
  redis.call('HSET', ':person:' .. pk .. ':hash', 'name', name, 'email', ARGV[at + 1], 'city', city,
    'country', country, 'note', ARGV[at + 4])
  redis.call('SADD', ':person:name:' .. name, pk)
  redis.call('SADD', email, pk)
  redis.call('SADD', ':person:city:' .. city, pk)
  redis.call('SADD', ':person:country:' .. country, pk)
  return pk
end
"""
_SCRIPTS = {
    "create": _CREATE + "return create(1)",
    "create_many": _CREATE
    + """
local pks = {}
for at = 1, #ARGV, 5 do
  pks[#pks + 1] = create(at)
end
return pks
""",
    "move": """
local key = ':person:' .. ARGV[1] .. ':hash'
local old = redis.call('HGET', key, 'city')
if old ~= ARGV[2] then
  redis.call('HSET', key, 'city', ARGV[2])
  if old then
    redis.call('SREM', ':person:city:' .. old, ARGV[1])
  end
  redis.call('SADD', ':person:city:' .. ARGV[2], ARGV[1])
end
""",
    "delete": """
local key = ':person:' .. ARGV[1] .. ':hash'
local values = redis.call('HMGET', key, 'name', 'email', 'city', 'country')
for i, name in ipairs({'name', 'email', 'city', 'country'}) do
  if values[i] then
    redis.call('SREM', ':person:' .. name .. ':' .. values[i], ARGV[1])
  end
end
redis.call('DEL', key)
return redis.call('SREM', ':person:collection', ARGV[1])
""",
    "find": """
local rows = {}
for i, pk in ipairs(redis.call('SINTER', KEYS[1], KEYS[2])) do
  rows[i] = redis.call('HMGET', ':person:' .. pk .. ':hash', 'name', 'email', 'city', 'country', 'note')
end
return rows
""",
}
_ROWS_A_SCRIPT = 100
_SCRIPTS_A_ROUND_TRIP = 10


class Adapter(Contender):
    """redis-py, with a script for each thing that takes more than one command."""

    title = "by hand"
    distributions = ("redis",)
    notes: Mapping[str, str] = {
        "cached_read": "a dict, which never learns of a change: redis-py's own cache works neither over unix "
        "sockets nor with Valkey",
    }

    def __init__(self, socket: str, db: int) -> None:
        self.client = redis.Redis(unix_socket_path=socket, db=db, decode_responses=True)
        self.cache: dict[str, str] = {}
        self.sha: dict[str, str] = {
            name: str(self.client.script_load(text)) for name, text in _SCRIPTS.items()
        }

    def create(self, row: Row) -> str:
        pk = self.client.evalsha(
            self.sha["create"], 0, row["name"], row["email"], row["city"], row["country"], row["note"]
        )
        return str(pk)

    def read_all(self, pk: str) -> Row:
        values: Any = self.client.hgetall(f":person:{pk}:hash")
        return values  # type: ignore[no-any-return]  # redis-py's types leave open whether it is awaited

    def read_one(self, pk: str) -> str:
        value: Any = self.client.hget(f":person:{pk}:hash", "email")
        return value  # type: ignore[no-any-return]

    def update_indexed(self, pk: str, city: str) -> None:
        self.client.evalsha(self.sha["move"], 0, pk, city)

    def delete(self, pk: str) -> None:
        self.client.evalsha(self.sha["delete"], 0, pk)

    def bulk_create(self, rows: Sequence[Row]) -> list[str]:
        pks: list[str] = []
        sha, step = self.sha["create_many"], _ROWS_A_SCRIPT
        for start in range(0, len(rows), step * _SCRIPTS_A_ROUND_TRIP):
            pipe = self.client.pipeline(transaction=False)
            chunk = rows[start : start + step * _SCRIPTS_A_ROUND_TRIP]
            for first in range(0, len(chunk), step):
                batch = chunk[first : first + step]
                pipe.evalsha(sha, 0, *[row[name] for row in batch for name in FIELDS])
            for reply in pipe.execute():
                pks += map(str, reply)
        return pks

    def filter_pks(self, city: str, country: str) -> Collection[str]:
        pks: Any = self.client.sinter([f":person:city:{city}", f":person:country:{country}"])
        return pks  # type: ignore[no-any-return]

    def filter_objects(self, city: str, country: str) -> list[Row]:
        keys = (f":person:city:{city}", f":person:country:{country}")
        found: Any = self.client.evalsha(self.sha["find"], 2, *keys)
        return [dict(zip(FIELDS, values, strict=True)) for values in found]

    def sorted_page(self, city: str, start: int, number: int) -> list[Row]:
        found: Any = self.client.sort(
            f":person:city:{city}",
            start=start,
            num=number,
            by=":person:*:hash->email",
            get=[f":person:*:hash->{name}" for name in FIELDS],
            alpha=True,
            groups=True,
        )
        return [dict(zip(FIELDS, values, strict=True)) for values in found]

    def count(self, city: str, country: str) -> int:
        number: Any = self.client.sintercard(2, [f":person:city:{city}", f":person:country:{country}"])
        return number  # type: ignore[no-any-return]

    def load_relation(self, pk: str, number: int) -> None:
        pipe = self.client.pipeline(transaction=False)
        for group in range(1, number + 1):
            pipe.sadd(":group:collection", group)
            pipe.hset(f":group:{group}:hash", "owner", pk)
            pipe.sadd(f":group:owner:{pk}", group)
        pipe.execute()

    def reverse_relation(self, pk: str) -> Collection[str]:
        pks: Any = self.client.smembers(f":group:owner:{pk}")
        return pks  # type: ignore[no-any-return]

    def cached_read(self, pk: str) -> str:
        value = self.cache.get(pk)
        if value is None:
            value = self.cache[pk] = self.read_one(pk)
        return value

    def forget(self) -> None:
        self.cache.clear()
