"""The user of docs/security.md: the rules there are what limpyd needs, and none is too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
import redis
from limpyd import fields
from limpyd.contrib import related
from limpyd.contrib.cache import SharedCache
from limpyd.contrib.database import PipelineDatabase
from limpyd.exceptions import ImplementationError, UniquenessError
from limpyd_testing.access import documented_rules, set_rules
from limpyd_testing.connection import protocol
from limpyd_testing.server import Server
from limpyd_testing.writes import TYPES, WRITES, choose_arguments, choose_start
from redis.exceptions import NoPermissionError, ResponseError

RULES = documented_rules()
REFUSAL = r"(?i)no permission|can't (run|access)|CLIENT TRACKING|EXEC without MULTI"
ADDED = [rule for rule in RULES if rule.startswith("+")]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def administrator(server: Server) -> Iterator[Any]:
    client: Any = redis.Redis.from_url(server.url, decode_responses=True)
    client.flushall()
    client.execute_command("ACL", "DELUSER", "shop")
    yield client
    client.close()


def make_user(administrator: Any, rules: list[str]) -> None:
    administrator.execute_command("ACL", "SETUSER", "shop", "on", ">a-long-password", "~shop:*")
    set_rules(administrator, "shop", rules)
    administrator.execute_command("SCRIPT", "FLUSH")


class Shop:
    """What an application does by all four packages, on a database that is not 0, with health checks."""

    def __init__(self, server: Server, cache: SharedCache) -> None:
        self.database = PipelineDatabase(
            unix_socket_path=server.socket,
            db=1,
            username="shop",
            password="a-long-password",
            protocol=protocol(),
            health_check_interval=1e-9,
            middleware=[cache],
        )
        space: dict[str, Any] = {"database": self.database, "namespace": "shop"}
        names: dict[str, Any] = {"customer": related.FKHashableField("Customer", on_delete="cascade")}
        for kind, field in TYPES.items():
            names |= {f"a_{kind}": field(indexable=True), f"unique_{kind}": field(unique=True)}
            names[f"plain_{kind}"] = field()
        self.order: Any = type("Order", (related.RelatedModel,), space | names)
        own = {"name": fields.PKField(), "likes": related.M2MListField("Order")}
        self.customer: Any = type("Customer", (related.RelatedModel,), space | own)

    def do_all(self) -> None:
        self.write()
        self.read()
        self.queue()
        self.customer("ann").delete()
        self.order.create_many({"a_hashable": n, "a_string": n} for n in range(20))
        for model in (self.order, self.customer):
            assert model.check().is_clean

    def write(self) -> None:
        """Each write command of each type, with an index, a unique one, and none."""
        random = Random(5)
        ann = self.customer(name="ann")
        for kind, patterns in WRITES.items():
            for pattern in patterns:
                for name in (f"a_{kind}", f"unique_{kind}", f"plain_{kind}"):
                    order = self.order(customer=ann)
                    with redis_may_refuse():
                        choose_arguments(random, pattern)(getattr(order, name))

    def read(self) -> None:
        """What reads, sorts and finds."""
        random = Random(6)
        ann = self.customer("ann")
        order = self.order(customer=ann, **{f"a_{kind}": choose_start(random, kind) for kind in TYPES})
        copy = self.order(customer=ann)
        copy.a_set.restore(0, order.a_set.dump())
        ann.likes.rpush(order, copy)
        order.a_list.sort(alpha=True)
        with redis_may_refuse():
            order.a_set.sort_ro(alpha=True)
        order.a_string.memory_usage()
        order.a_hash.object("encoding")
        order.a_list.touch()
        assert order.hgetall() == order.hgetall()
        assert order.customer.instance() == ann
        found = self.order.collection(customer=ann)
        for collection in (found, ann.order_set(), ann.likes(), self.order.collection()):
            for by in (None, "a_string", "plain_hash__a"):
                assert len(list(collection.sort(by, alpha=True)[1:5])) <= 4
                assert len(list(collection.sort(by, alpha=True, desc=True))) == len(collection)
        assert list(found[:3].instances(preload=["a_hashable", "a_string"]))
        assert self.order.get_or_connect(unique_string="only")[1]

    def queue(self) -> None:
        """Pipelines and transactions."""
        order = self.order(plain_string=1)
        with self.database.pipeline(transaction=False) as pipe:
            self.order(a_string="queued")
            order.plain_string.incr()
            pipe.execute()
        with self.database.pipeline() as pipe:
            pipe.watch(order.plain_string)
            pipe.unwatch()

        def double(pipe: Any) -> None:
            value = int(order.plain_string.get())
            pipe.multi()
            order.plain_string.incr(value)

        self.database.transaction(double, order.plain_string)


@contextmanager
def redis_may_refuse() -> Iterator[None]:
    """Whatever a random write comes to, but for a lack of rights."""
    try:
        yield
    except NoPermissionError:
        raise
    except (ResponseError, UniquenessError):
        pass


def run(server: Server) -> None:
    cache = SharedCache()
    shop = Shop(server, cache)
    try:
        shop.do_all()
    finally:
        cache.close()
        shop.database.connection.close()


def test_a_user_with_the_documented_rules_may_do_everything(server: Server, administrator: Any) -> None:
    make_user(administrator, RULES)
    run(server)


def is_unknown(client: Any, command: str) -> bool:
    try:
        client.execute_command(command, "nothing")
    except ResponseError as error:
        return "unknown command" in str(error).lower()
    return False


@pytest.mark.parametrize("rule", ADDED)
def test_without_one_of_the_rules_something_is_refused(server: Server, administrator: Any, rule: str) -> None:
    if rule == "+sort_ro" and is_unknown(administrator, "SORT_RO"):
        return
    make_user(administrator, [each for each in RULES if each != rule])
    with pytest.raises((ResponseError, ImplementationError), match=REFUSAL):
        run(server)


FORBIDDEN: dict[str, Callable[[Any], object]] = {
    "a key of others": lambda client: client.get("shopping:1"),
    "a write on a key of others": lambda client: client.set("shopping:1", "x"),
    "all keys": lambda client: client.flushdb(),
    "the names of keys": lambda client: client.keys("*"),
    "settings": lambda client: client.config_get("*"),
    "a script that reaches others": lambda client: client.evalsha(
        client.script_load("return redis.call('GET', 'shopping:1')"), 0
    ),
    "other users": lambda client: client.acl_list(),
    "publishing": lambda client: client.publish("news", "x"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_user_may_not(server: Server, administrator: Any, what: str) -> None:
    make_user(administrator, RULES)
    client = redis.Redis(unix_socket_path=server.socket, username="shop", password="a-long-password")
    with pytest.raises(ResponseError, match=REFUSAL):
        FORBIDDEN[what](client)
    client.close()
