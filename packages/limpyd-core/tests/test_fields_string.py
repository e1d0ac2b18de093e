"""StringField: its replies, bits and integers, expiry, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.exceptions import ImplementationError
from limpyd.model import RedisModel
from limpyd_testing.consistency import indexes_by_scan, indexes_in_redis, outcome
from redis.exceptions import DataError


@pytest.fixture
def model(database: RedisDatabase) -> Any:
    space = {
        "database": database,
        "name": fields.StringField(),
        "indexed": fields.StringField(indexable=True),
        "plain": fields.HashableField(),
        "label": fields.HashableField(indexable=True),
    }
    return type("Example", (RedisModel,), space)


@pytest.fixture
def name(model: Any) -> fields.StringField:
    field: fields.StringField = model(name="value", indexed="value").name
    return field


def test_reading_a_string(name: fields.StringField) -> None:
    assert name.get() == "value"
    assert name.getrange(1, -2) == "alu"
    assert name.substr(3) == "ue"
    assert name.strlen() == 5
    assert name.exists() is True
    assert name.type() == "string"
    assert name.object("encoding") == "embstr"
    assert (name.memory_usage() or 0) > 5
    assert name.memory_usage(0) == name.memory_usage()


def test_writing_a_string_replies_as_redis_does(name: fields.StringField) -> None:
    assert name.set("a") is True
    assert name.set("b", nx=True) is None
    assert name.set("b", xx=True, get=True) == "a"
    assert name.setnx("c") is False
    assert name.getset("5") == "b"
    assert name.incr() == 6
    assert name.incrby(4) == 10
    assert name.decr() == 9
    assert name.decrby(8) == 1
    assert name.incrbyfloat(0.25) == 1.25
    assert name.append("x") == 5
    assert name.setrange(0, "ab") == 5
    assert name.getdel() == "ab25x"
    assert name.getdel() is None
    assert name.set("x", get=True) is None


@pytest.mark.parametrize("which", ["name", "indexed"])
def test_an_increment_is_exact_to_64_bits(model: Any, which: str) -> None:
    field = getattr(model(plain="1"), which)
    assert field.incr(2**62 + 1) == 2**62 + 1
    assert field.incr(2**62 - 2) == 2**63 - 1
    assert field.decr(2**63 - 1) == 0


@pytest.mark.parametrize("which", ["name", "indexed", "plain", "label"])
def test_a_first_increment_is_exact_to_64_bits(model: Any, which: str) -> None:
    field = getattr(model(), which)
    command = field.hincrby if isinstance(field, fields.HashableField) else field.incr
    assert command(2**62 + 1) == 2**62 + 1


def test_bits(name: fields.StringField) -> None:
    assert name.setbit(7, 1) == 0
    assert name.getbit(7) == 1
    assert name.bitcount() == 22
    assert name.bitcount(0, 0) == 6
    assert name.bitpos(1) == 1
    assert name.bitpos(0, 1) == 8


def test_a_bit_field_does_several_operations_in_one_request(
    database: RedisDatabase, name: fields.StringField
) -> None:
    with database.trace() as requests:
        operations = name.bitfield().set("u8", "#0", 255).incrby("u8", "#0", 3).incrby("u8", 0, 255, "SAT")
        assert operations.overflow("FAIL").incrby("u8", 0, 1).get("u8", "#0").execute() == [
            118,
            2,
            255,
            None,
            255,
        ]
    assert [request.name for request in requests] == ["BITFIELD"]
    assert name.bitfield_ro("u8", 0, [("i8", 0)]) == [255, -1]


def test_a_bit_field_takes_64_bits_where_no_script_runs_it(model: Any) -> None:
    example = model(name="x", indexed="x")
    assert example.name.bitfield().set("i64", 0, -(2**63) + 1).get("i64", 0).execute()[1] == -(2**63) + 1
    assert example.indexed.bitfield().get("u63", 0).execute() == [ord("x") << 55]


def test_a_bit_field_takes_53_bits_on_an_indexed_field(database: RedisDatabase, model: Any) -> None:
    field = model(indexed="x").indexed
    values = field.bitfield().set("u53", 0, 2**53 - 1).get("u53", 0).get("i54", 64).execute()
    assert values[1:] == [2**53 - 1, 0]
    assert field.bitfield().set("i54", 0, -(2**53)).get("i54", 0).execute()[1] == -(2**53)
    assert indexes_in_redis(model) == indexes_by_scan(model)
    with database.trace() as requests:
        for kind in ("u54", "i55", "i64", "u63"):
            with pytest.raises(ImplementationError, match="up to 53 bits"):
                field.bitfield().set(kind, 0, 1).execute()
        with pytest.raises(ImplementationError, match="create the object before"):
            model().name.bitfield().set("i64", 0, 1).execute()
    assert requests == []


def test_commands_of_new_servers_work_or_are_unknown(name: fields.StringField) -> None:
    def unknown(command: str) -> tuple[str, str]:
        return "ResponseError", f"unknown command '{command}'"

    digest = outcome(name.digest)
    assert digest == unknown("DIGEST") or len(digest) == 16
    assert outcome(lambda: name.delex(ifne="value")) in (0, unknown("DELEX"))
    name.set("5")
    assert outcome(lambda: name.increx(byint=3, ubound=6)) in ([5, 0], unknown("INCREX"))
    assert outcome(lambda: name.increx(byfloat=0.5)) in ([5.5, 0.5], unknown("INCREX"))


def test_increx_sends_its_options_in_order(database: RedisDatabase, name: fields.StringField) -> None:
    with database.trace() as requests:
        outcome(lambda: name.increx(byint=2, lbound=0, ubound=9, saturate=True, ex=5, enx=True))
    assert [str(request) for request in requests] == [
        "INCREX :example:1:name BYINT 2 LBOUND 0 UBOUND 9 SATURATE EX 5 ENX"
    ]


# -- expiry


def test_a_string_can_expire(name: fields.StringField) -> None:
    assert name.ttl() == -1
    assert name.expire(100) is True
    assert 0 < name.ttl() <= 100
    assert name.pexpire(timedelta(seconds=50)) is True
    assert 0 < name.pttl() <= 50_000
    assert name.expireat(datetime(2100, 1, 1, tzinfo=UTC)) is True
    assert name.pexpireat(4_000_000_000_000) is True
    assert outcome(name.expiretime) in (4_000_000_000, ("ResponseError", "unknown command 'EXPIRETIME'"))
    assert outcome(name.pexpiretime) in (
        4_000_000_000_000,
        ("ResponseError", "unknown command 'PEXPIRETIME'"),
    )
    assert name.persist() is True
    assert name.persist() is False
    assert name.set("x", ex=100) is True
    assert name.set("y", keepttl=True) is True
    assert name.getex(persist=True) == "y"
    assert name.ttl() == -1
    assert name.getex(px=timedelta(minutes=1)) == "y"
    assert name.setex(10, "z") is True
    assert name.psetex(10_000, "z") is True
    assert name.touch() == 1


EXPIRIES: dict[str, Any] = {
    "expire": lambda f: f.expire(1),
    "pexpire": lambda f: f.pexpire(1),
    "expireat": lambda f: f.expireat(4 * 10**9),
    "pexpireat": lambda f: f.pexpireat(4 * 10**12),
    "set_ex": lambda f: f.set("x", ex=1),
    "set_px": lambda f: f.set("x", px=1),
    "set_exat": lambda f: f.set("x", exat=4 * 10**9),
    "set_pxat": lambda f: f.set("x", pxat=4 * 10**12),
    "setex": lambda f: f.setex(1, "x"),
    "psetex": lambda f: f.psetex(1, "x"),
    "getex": lambda f: f.getex(ex=1),
    "increx": lambda f: f.increx(ex=1),
    "restore": lambda f: f.restore(1, b"", replace=True),
}


@pytest.mark.parametrize("command", EXPIRIES)
def test_an_indexed_string_can_not_expire(database: RedisDatabase, model: Any, command: str) -> None:
    field = model(indexed="x").indexed
    refusal = pytest.raises(ImplementationError, match=r"Example\.indexed: .* make the field not indexable")
    with database.trace() as requests, refusal:
        EXPIRIES[command](field)
    assert requests == []


def test_a_dump_can_be_restored(name: fields.StringField) -> None:
    dump = name.dump()
    assert isinstance(dump, bytes)
    assert name.delete() == 1
    assert name.dump() is None
    assert name.object("encoding") is None
    assert name.memory_usage() is None
    assert name.restore(0, dump) is True
    assert name.restore(timedelta(seconds=50), dump, replace=True, idletime=5) is True
    assert name.get() == "value"


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f.set(), TypeError, "value"),
        (lambda f: f.getrange("a", 1), TypeError, "start must be an int"),
        (lambda f: f.set(None), DataError, "NoneType"),
        (lambda f: f.set(["a"]), DataError, "list"),
        (lambda f: f.setnx(True), DataError, "bool"),
        (lambda f: f.append(None), DataError, "NoneType"),
        (lambda f: f.incr("1"), TypeError, "amount must be an int"),
        (lambda f: f.incr(1.5), TypeError, "amount must be an int"),
        (lambda f: f.incrbyfloat("1"), TypeError, "amount must be an int or a float"),
        (lambda f: f.set("a", nx=True, xx=True), TypeError, "only one of nx, xx"),
        (lambda f: f.set("a", nx=1), TypeError, "nx is an option"),
        (lambda f: f.set("a", ex=1, px=1), TypeError, "only one of ex, px"),
        (lambda f: f.set("a", ex=1, keepttl=True), TypeError, "a time or keepttl"),
        (lambda f: f.set("a", ifeq="b", ifne="c"), TypeError, "only one of ifeq"),
        (lambda f: f.delex(ifeq="b", ifne="c"), TypeError, "only one of ifeq"),
        (lambda f: f.getex(ex=1, persist=True), TypeError, "a time or persist"),
        (lambda f: f.increx(byint=1, byfloat=1.0), TypeError, "byfloat or byint"),
        (lambda f: f.increx(enx=True), TypeError, "enx needs a time"),
        (lambda f: f.setbit("1", 1), TypeError, "offset must be an int"),
        (lambda f: f.bitcount(1), TypeError, "both start and end"),
        (lambda f: f.bitcount(0, 1, "WORD"), TypeError, "mode must be one of BYTE, BIT"),
        (lambda f: f.bitpos(1, end=3), TypeError, "end needs a start"),
        (lambda f: f.bitfield().execute(), TypeError, "an operation is missing"),
        (lambda f: f.bitfield().get("8", 0), TypeError, "must be i or u and a number of bits"),
        (lambda f: f.bitfield().get("u8", "x"), TypeError, "offset must be an int"),
        (lambda f: f.bitfield("NEVER"), TypeError, "overflow must be one of WRAP, SAT, FAIL"),
        (lambda f: f.expire("1"), TypeError, "time must be an int"),
        (lambda f: f.memory_usage("1"), TypeError, "samples must be an int"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    database: RedisDatabase, name: fields.StringField, call: Any, error: type[Exception], text: str
) -> None:
    with database.trace() as requests, pytest.raises(error, match=text):
        call(name)
    assert requests == []


ODD_VALUES = [
    "a:b",
    "*",
    "line\nline",
    "nul\0nul",
    "🚲",
    "",
    b"\xff\xfe",
    memoryview(b"view"),
    "x" * 10_000_000,
]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
def test_odd_values_work_in_data_index_and_filters(model: Any, value: Any) -> None:
    example = model(indexed=value, label=value)
    text = value if isinstance(value, str) else bytes(value).decode("utf-8", "surrogateescape")
    assert example.indexed.get() == example.label.hget() == text
    assert list(model.collection(indexed=value, label=value)) == ["1"]
    assert example.indexed.set("other") is True
    assert example.label.hset("other") == 0
    assert list(model.collection(indexed=value)) == list(model.collection(label=value)) == []
