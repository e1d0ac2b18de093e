"""All or nothing: a write that fails leaves data and indexes as they were, and the error is Redis's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import UniquenessError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, snapshot
from limpyd_testing.plugin import connect
from limpyd_testing.server import Server
from redis.exceptions import NoPermissionError, OutOfMemoryError, ResponseError

VALUES: dict[str, Any] = {
    "name": "old",
    "label": "old",
    "tags": ["old", "more"],
    "log": ["old", "more", "old"],
    "scores": {"old": 1.5, "more": 2},
    "data": {"k": "old", "n": "7"},
}

WRITES: dict[str, Callable[[Any], Any]] = {
    "set": lambda o: o.name.set("new"),
    "append": lambda o: o.name.append("new"),
    "getdel": lambda o: o.name.getdel(),
    "delete_string": lambda o: o.name.delete(),
    "hset_hashable": lambda o: o.label.hset("new"),
    "hdel_hashable": lambda o: o.label.hdel(),
    "hmset": lambda o: o.hmset(label="new", other="new"),
    "sadd": lambda o: o.tags.sadd("new"),
    "srem": lambda o: o.tags.srem("old"),
    "spop": lambda o: o.tags.spop(2),
    "delete_set": lambda o: o.tags.delete(),
    "rpush": lambda o: o.log.rpush("new"),
    "lset": lambda o: o.log.lset(1, "new"),
    "linsert": lambda o: o.log.linsert("BEFORE", "old", "new"),
    "lpop": lambda o: o.log.lpop(3),
    "ltrim": lambda o: o.log.ltrim(1, 1),
    "lrem": lambda o: o.log.lrem(0, "old"),
    "zadd": lambda o: o.scores.zadd({"new": 1, "old": 9}),
    "zincrby": lambda o: o.scores.zincrby(1, "new"),
    "zrem": lambda o: o.scores.zrem("old"),
    "zpopmin": lambda o: o.scores.zpopmin(2),
    "zremrangebyrank": lambda o: o.scores.zremrangebyrank(0, -1),
    "hset": lambda o: o.data.hset("k", "new"),
    "hincrby": lambda o: o.data.hincrby("n"),
    "hdel": lambda o: o.data.hdel("k", "n"),
    "restore": lambda o: o.tags.restore(0, o.plain.dump(), replace=True),
    "delete": lambda o: o.delete(),
}


def define(database: RedisDatabase, *, unique: bool = False) -> Any:
    options = {"unique": True} if unique else {"indexable": True}
    space = {
        "database": database,
        "name": fields.StringField(**options),
        "label": fields.HashableField(**options),
        "other": fields.HashableField(**options),
        "tags": fields.SetField(**options),
        "log": fields.ListField(**options),
        "scores": fields.SortedSetField(**options),
        "data": fields.HashField(**options),
        "plain": fields.SetField(),
    }
    return type("Example", (RedisModel,), space)


def refuses(error: type[Exception], call: Callable[[], Any]) -> bool:
    """Whether the call was refused with this error; that is no error if it went well."""
    try:
        call()
    except error:
        return True
    return False


# -- the wrong type


@pytest.mark.parametrize("write", WRITES)
def test_a_key_of_the_wrong_type_is_left_alone(database: RedisDatabase, write: str) -> None:
    model = define(database)
    example = model(**VALUES)
    dump = model(plain=["x"]).plain.dump()
    for suffix in ("name", "tags", "log", "scores", "data", "hash"):
        database.connection.delete(f":example:1:{suffix}")
        if suffix == "name":
            database.connection.rpush(f":example:1:{suffix}", "x")
        else:
            database.connection.set(f":example:1:{suffix}", "x")
    before = snapshot(database)
    call = WRITES[write] if write != "restore" else lambda o: o.tags.restore(0, dump, replace=True)
    with pytest.raises(ResponseError, match=r"^WRONGTYPE Operation against a key holding the wrong kind"):
        call(example)
    assert snapshot(database) == before


NEW_TERMS = {
    "name": ["new", "oldnew"],
    "label": ["new"],
    "other": ["new"],
    "tags": ["new", "x"],
    "log": ["new"],
    "scores": ["new"],
    "data": ["k:new", "n:8"],
}
OLD_TERMS = {
    "name": ["old"],
    "label": ["old"],
    "tags": ["old"],
    "log": ["old"],
    "scores": ["old"],
    "data": ["k:old"],
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("terms", [NEW_TERMS, OLD_TERMS], ids=["new", "old"])
@pytest.mark.parametrize("unique", [False, True], ids=["indexed", "unique"])
def test_an_index_key_of_the_wrong_type_changes_nothing(
    database: RedisDatabase, write: str, terms: dict[str, list[str]], unique: bool
) -> None:
    model = define(database, unique=unique)
    example = model(**VALUES, plain=["x"])
    for field, values in terms.items():
        for term in values:
            database.connection.set(f":example:{field}:{term}", "no set")
    before = snapshot(database)
    if refuses(ResponseError, lambda: WRITES[write](example)):
        assert snapshot(database) == before


def test_a_creation_with_an_index_key_of_the_wrong_type_creates_nothing(database: RedisDatabase) -> None:
    model = define(database)
    database.connection.set(":example:data:k:old", "no set")
    before = snapshot(database)
    with pytest.raises(ResponseError, match=r"^WRONGTYPE"):
        model(**VALUES)
    after = snapshot(database)
    after.pop(":example:max_pk", None)
    assert after == before


# -- values that are no numbers

NOT_NUMBERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "incr": (lambda o: o.name.incr(), "value is not an integer or out of range"),
    "incrbyfloat": (lambda o: o.name.incrbyfloat(1.5), "value is not a valid float"),
    "hincrby_hashable": (lambda o: o.label.hincrby(), "hash value is not an integer"),
    "hincrbyfloat_hashable": (lambda o: o.label.hincrbyfloat(), "hash value is not a float"),
    "hincrby": (lambda o: o.data.hincrby("k"), "hash value is not an integer"),
    "hincrbyfloat": (lambda o: o.data.hincrbyfloat("k"), "hash value is not a float"),
    "zadd": (lambda o: o.scores.zadd({"new": 1, "x": "no number"}), "value is not a valid float"),
}


@pytest.mark.parametrize("write", NOT_NUMBERS)
def test_an_increment_of_no_number_changes_nothing(database: RedisDatabase, write: str) -> None:
    example = define(database)(**VALUES)
    before = snapshot(database)
    call, text = NOT_NUMBERS[write]
    with pytest.raises(ResponseError, match=f"^{text}"):
        call(example)
    assert snapshot(database) == before


# -- no memory left


@pytest.fixture(scope="module")
def full() -> Iterator[RedisDatabase]:
    with Server(maxmemory_policy="noeviction") as server:
        database = connect(server.url)
        yield database
        database.connection.close()


@pytest.mark.parametrize("write", WRITES)
def test_a_write_without_memory_left_changes_nothing_or_all(full: RedisDatabase, write: str) -> None:
    full.connection.config_set("maxmemory", 0)
    full.connection.flushdb()
    model = define(full)
    example = model(**VALUES, plain=["x"])
    WRITES[write](model(**VALUES, plain=["x"]))
    before = snapshot(full)
    full.connection.config_set("maxmemory", 1)
    if refuses(OutOfMemoryError, lambda: WRITES[write](example)):
        assert snapshot(full) == before
    assert indexes_in_redis(model) == indexes_by_scan(model)


def test_a_creation_without_memory_left_creates_nothing(full: RedisDatabase) -> None:
    full.connection.config_set("maxmemory", 0)
    full.connection.flushdb()
    model = define(full)
    model(**VALUES)
    before = snapshot(full)
    full.connection.config_set("maxmemory", 1)
    with pytest.raises(OutOfMemoryError):
        model(**VALUES)
    assert snapshot(full) == before


# -- a user who may not run one of the commands

COMMANDS = """
sadd srem set get getdel append del hset hdel hmget smembers smismember spop rpush lpop lset linsert lpos
lrange lrem ltrim llen zadd zrem zmscore zincrby zpopmin zremrangebyrank zrange hincrby hmset dump restore
exists sismember srandmember incr
"""


@pytest.fixture(scope="module")
def guarded() -> Iterator[RedisDatabase]:
    with Server() as server:
        database = connect(server.url)
        yield database
        database.connection.close()


@pytest.mark.parametrize("forbidden", COMMANDS.split())
@pytest.mark.parametrize("unique", [False, True], ids=["indexed", "unique"])
def test_a_forbidden_command_lets_a_write_change_nothing_or_all(
    guarded: RedisDatabase, forbidden: str, unique: bool
) -> None:
    rules = ["reset", "on", ">word", "~*", "&*", "+@all", f"-{forbidden}"]
    connection: Any = guarded.connection
    connection.execute_command("ACL", "SETUSER", "user", *rules)
    path = guarded.connection.connection_pool.connection_kwargs["path"]
    limited = connect(f"unix://user:word@{path}?db=0")
    for name, write in WRITES.items():
        guarded.connection.flushdb()
        model = define(guarded, unique=unique)
        pk = model(**VALUES, plain=["x"]).get_pk()
        if unique:
            model(name="oldnew", label="new", tags=["new"], log=["new"], scores={"new": 1}, data={"k": "new"})
        before = snapshot(guarded)
        example = define(limited, unique=unique).lazy_connect(pk)
        try:
            write(example)
        except (NoPermissionError, UniquenessError):
            assert snapshot(guarded) == before, name
        assert indexes_in_redis(model) == indexes_by_scan(model), name
    limited.connection.close()


@pytest.mark.parametrize("unique", [False, True], ids=["indexed", "unique"])
def test_a_user_who_may_use_the_model_s_keys_alone_may_do_all(guarded: RedisDatabase, unique: bool) -> None:
    connection: Any = guarded.connection
    path = guarded.connection.connection_pool.connection_kwargs["path"]
    limited = connect(f"unix://user:word@{path}?db=0")
    for write in WRITES.values():
        guarded.connection.flushdb()
        prefix = define(guarded, unique=unique)._key
        connection.execute_command("ACL", "SETUSER", "user", "reset", "on", ">word", f"~{prefix}:*", "+@all")
        example: Any = define(limited, unique=unique)(**VALUES, plain=["x"])
        write(example)
    limited.connection.close()
