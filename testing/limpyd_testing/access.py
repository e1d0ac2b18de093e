"""The ways to a server, of which `LIMPYD_ACCESS` chooses one for the whole run of the tests.

==========  ======================================================================================
`unix`      a unix socket (as without it)
`tcp`       a port of 127.0.0.1
`password`  a port of 127.0.0.1, with a password
`acl`       a unix socket, as a user who has the rights of docs/security.md and no others
==========  ======================================================================================

With `acl`, what limpyd sends goes over connections of that user, who gets the keys of each model when its
class is made. What a test itself asks the server by `database.connection` goes as the server's administrator.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import redis
from limpyd import fields
from limpyd.database import RedisDatabase
from limpyd.model import RedisModel
from limpyd.registry import Registry

from limpyd_testing.connection import connect
from limpyd_testing.server import Server

__all__ = ["Watched", "access", "documented_rules", "open_database", "set_rules", "start_server"]

_USER = "limpyd-only"
_PASSWORD = "secret"
_SPACES = re.compile(r"[\s\0]", re.ASCII)
"""What no pattern for keys may hold."""
_PAGE = Path(__file__).parents[2] / "docs" / "security.md"


def access() -> str:
    """The way that `LIMPYD_ACCESS` names."""
    name = os.environ.get("LIMPYD_ACCESS", "unix")
    if name not in ("unix", "tcp", "password", "acl"):
        raise LookupError(f"LIMPYD_ACCESS can't be {name!r}; it is unix, tcp, password or acl")
    return name


@contextmanager
def start_server() -> Iterator[str]:
    """Start a server for the run; gives its URL, as its administrator has it."""
    way = access()
    password = {"requirepass": _PASSWORD} if way == "password" else {}
    with Server(tcp=way in ("tcp", "password"), **password) as server:
        address = f"127.0.0.1:{server.port}/0"
        yield {"tcp": f"redis://{address}", "password": f"redis://:{_PASSWORD}@{address}"}.get(
            way, server.url
        )


@contextmanager
def open_database(url: str) -> Iterator[RedisDatabase]:
    """A database for one test."""
    if access() != "acl":
        database = connect(url)
        yield database
        database.connection.close()
        return
    with ExitStack() as stack:
        administrator: Any = stack.enter_context(connect(url).connection)
        if _USER in administrator.acl_users():
            administrator.execute_command("ACL", "SETUSER", _USER, "resetkeys")
        else:
            administrator.execute_command("ACL", "SETUSER", _USER, "on", f">{_PASSWORD}")
            set_rules(administrator, _USER, documented_rules())
        stack.enter_context(patch.object(Registry, "add", _granting(administrator)))
        pool = connect(url).connection.connection_pool
        pool.connection_kwargs |= {"username": _USER, "password": _PASSWORD}
        client = Watched(administrator, connection_pool=pool)
        database = RedisDatabase(connection=client)
        _let_it_be_refused(database)
        yield database
        pool.disconnect()


def _let_it_be_refused(database: RedisDatabase) -> None:
    """Try what the user may not do and limpyd tries once, so that tests see what comes afterwards."""
    space = {"database": database, "number": fields.StringField()}
    model: type[RedisModel] = type("Refused", (RedisModel,), space)
    list(model.collection().sort(by="number"))
    database.models.remove(model)


class Watched(redis.Redis):
    """A client whose connections are a limited user's, and whose own commands go as the administrator."""

    def __init__(self, administrator: redis.Redis, **settings: Any) -> None:
        super().__init__(**settings)
        self._administrator = administrator

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run a command as the administrator."""
        administrator: Any = self._administrator
        return administrator.execute_command(*args, **options)

    def pipeline(self, transaction: Any = True, shard_hint: Any = None) -> Any:
        """A pipeline of the administrator's."""
        return self._administrator.pipeline(transaction, shard_hint)


def _granting(administrator: Any) -> Any:
    add = Registry.add

    def add_and_grant(self: Registry, model: Any) -> None:
        add(self, model)
        administrator.execute_command("ACL", "SETUSER", _USER, f"~{_SPACES.sub('?', model._key)}:*")

    return add_and_grant


def documented_rules(page: Path = _PAGE) -> list[str]:
    """The rules for commands in the `ACL SETUSER` of the page."""
    setuser = re.search(r"^ACL SETUSER .*$", page.read_text(encoding="utf-8"), re.MULTILINE)
    if setuser is None:
        raise LookupError(f"{page} has no ACL SETUSER")
    return [word for word in setuser[0].split() if word[0] in "+-"]


def set_rules(administrator: redis.Redis, user: str, rules: Iterable[str]) -> None:
    """Give a user some rules; those on commands that the server does not have are left out."""
    sender: Any = administrator
    for rule in rules:
        try:
            sender.execute_command("ACL", "SETUSER", user, rule)
        except redis.ResponseError as error:
            if "Unknown command" not in str(error):
                raise
