"""What was measured on: the machine's kind and the versions, without names and paths."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import redis

__all__ = ["machine"]


def machine(client: redis.Redis) -> dict[str, Any]:
    """The processor, the memory, the system, and the server that `client` talks to."""
    server: Any = client.info("server")
    name = server.get("server_name", "redis")
    release = platform.release().partition("-")[0]
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {release}",
        "idle": "poll for work" if _polls() else "sleep",
        "python": platform.python_version(),
        "server": f"{name.capitalize()} {server.get(f'{name}_version', server['redis_version'])}",
    }


def _polls() -> bool:
    """Whether idle cores of a virtual machine poll before they halt, from which they wake slowly."""
    try:
        return int(Path("/sys/module/haltpoll/parameters/guest_halt_poll_ns").read_text(encoding="utf-8")) > 0
    except OSError:
        return False


def _first(path: str, name: str) -> str | None:
    """The value of the first line `name: value` of a file of the system, where there is one."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    values = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(values, None)
