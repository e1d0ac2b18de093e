"""rapyer, which keeps each object as a value of RedisJSON."""

from __future__ import annotations

import asyncio

import redis.asyncio
from rapyer import AtomicRedisModel, init_rapyer
from redis.exceptions import ResponseError

from benchmarks.peers.adapter import OPERATIONS, Contender


class Adapter(Contender):
    """It is asked to save an object; what the server says to that is why it can't do anything."""

    title = "rapyer"
    distributions = ("rapyer",)

    def __init__(self, socket: str, db: int) -> None:
        refusal = asyncio.run(_refusal(redis.asyncio.Redis(unix_socket_path=socket, db=db)))
        self.cant = dict.fromkeys(OPERATIONS, f"needs modules: {refusal}")


async def _refusal(client: redis.asyncio.Redis) -> str:
    """What the server says when an object is saved."""

    class Person(AtomicRedisModel):  # type: ignore[misc]  # it is not there for mypy
        name: str

    await init_rapyer(client)
    try:
        await Person(name="Ada").asave()
    except ResponseError as error:
        command = str(error).partition("unknown command")[2].split(",")[0].strip(" '\\")
        return f"the server has no command {command}"
    finally:
        await client.aclose()
    raise RuntimeError("rapyer runs on this server: it is time to write its adapter")
