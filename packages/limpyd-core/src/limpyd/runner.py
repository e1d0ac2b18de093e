"""Runs commands: knows what to send for one, or for many together, and what to do about a missing script.

Between the database, which knows middleware and models, and the transport, which knows connections. Every
request passes `Tracer.record` here.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self, TypeVar

from limpyd.commands import Command
from limpyd.keys import Value
from limpyd.scripts import Script
from limpyd.trace import Request, Tracer
from limpyd.transport import Transport
from redis.exceptions import ExecAbortError, NoScriptError, ResponseError, WatchError

__all__ = ["Runner", "finish"]

T = TypeVar("T")

_MULTI: tuple[Value, ...] = ("MULTI",)
_EXEC: tuple[Value, ...] = ("EXEC",)

_LOADS = 3
"""How often a script is loaded by a request of its own, before it travels together with its command."""

_LOADS_TOGETHER = 20
"""How often they travel together: a flush can come between where the server reads them in parts."""

_REASONS = ("unknown command", "insufficient acl permissions", "has no permissions to run")
"""What errors say about commands that would fail the next time, too."""


class Runner:
    """Runs the commands of one database.

    A command that has a fallback and runs alone is tried first; where the server answers with an error, it is
    up to the fallback. One that runs together with others is replaced by its fallback unless it has worked
    before. Which commands the server does not know, or the user may not run, is remembered.
    """

    def __init__(self, transport: Transport, tracer: Tracer, *, retry_writes: bool) -> None:
        self.transport = transport
        self.tracer = tracer
        self.retry_writes = retry_writes
        self._known: set[str] = set()
        self._unknown: set[str] = set()

    def over(self, transport: Transport) -> Self:
        """The same runner, over other connections."""
        other = copy.copy(self)
        other.transport = transport
        return other

    # -- one command

    def run(self, command: Command[T]) -> T:
        """Send a command; return its decoded reply."""
        if command.fallback is None:
            return finish(command, self._reply(command))
        if command.name in self._unknown:
            return self.run(command.fallback)
        try:
            reply = self._reply(command)
        except ResponseError as error:
            self._remember(command, error)
            return self.run(command.fallback)
        self._known.add(command.name)
        return finish(command, reply)

    def send(self, args: tuple[Value, ...], *, repeat: bool, binary: bool = False, script: str = "") -> Any:
        """Send one request, and give the raw reply; `script` is the name of the script in it."""
        if not self.tracer.active:
            return self.transport.send(args, repeat=repeat, binary=binary)
        with self.tracer.record(Request(args, script or None)):
            return self.transport.send(args, repeat=repeat, binary=binary)

    def _reply(self, command: Command[Any]) -> Any:
        """The raw reply to a command; a script that the server doesn't know (any more) is loaded first.

        Other clients may flush scripts at any time, but seldom between two requests that come in one go.
        """
        repeat = not command.is_write or self.retry_writes
        script = command.script
        if script is None:
            return self.send(command.request, repeat=repeat, binary=command.binary)
        for _ in range(_LOADS):
            try:
                return self.send(command.request, repeat=repeat, binary=command.binary, script=script.name)
            except NoScriptError:
                self.send(_load(script), repeat=True, script=script.name)
        reply: Any = None
        for _ in range(_LOADS_TOGETHER):
            [(_, reply)] = self.run_together([command], transaction=False)
            if not isinstance(reply, NoScriptError):
                break
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _remember(self, command: Command[Any], error: ResponseError) -> None:
        """Remember a command that has a fallback, and that the server never runs."""
        text = str(error).lower()
        if command.fallback is not None and any(reason in text for reason in _REASONS):
            self._known.discard(command.name)
            self._unknown.add(command.name)

    # -- commands together

    def run_together(
        self, commands: Sequence[Command[Any]], *, transaction: bool
    ) -> list[tuple[Command[Any], Any]]:
        """Send commands in one round trip; return what was sent for each, with its raw reply or its error.

        With `transaction` they stand between MULTI and EXEC; `WatchError` if a watched key has changed.
        The sources of the scripts that they use are sent along each time: a script that was missing
        could not be loaded afterwards, with the rest of the transaction applied.
        """
        chosen = [self._known_or_fallback(command) for command in commands]
        used = dict.fromkeys(command.script for command in chosen if command.script is not None)
        loads = [_load(script) for script in used]
        requests = [*loads, *(command.request for command in chosen)]
        binary = {n for n, command in enumerate(chosen, len(loads)) if command.binary}
        repeat = self.retry_writes or not any(command.is_write for command in chosen)
        names = [script.name for script in used]
        names += [command.script.name if command.script else "" for command in chosen]
        if transaction:
            replies = self._exec(requests, repeat, binary, names)
        else:
            replies = self._send_together(requests, repeat, binary, names)
        answers = replies[len(loads) :]
        failed = next((reply for reply in replies[: len(loads)] if isinstance(reply, Exception)), None)
        for number, (command, reply) in enumerate(zip(chosen, answers, strict=True)):
            if isinstance(reply, NoScriptError) and failed is not None:
                answers[number] = copy.copy(failed)
            elif isinstance(reply, ResponseError):
                self._remember(command, reply)
        return list(zip(chosen, answers, strict=True))

    def _known_or_fallback(self, command: Command[Any]) -> Command[Any]:
        while command.fallback is not None and command.name not in self._known:
            command = command.fallback
        return command

    def _exec(
        self, requests: list[tuple[Value, ...]], repeat: bool, binary: set[int], names: list[str]
    ) -> list[Any]:
        """The replies of requests between MULTI and EXEC."""
        end = len(requests) + 1
        replies = self._send_together(
            [_MULTI, *requests, _EXEC], repeat, {end} if binary else set(), ["", *names, ""]
        )
        answer = replies[end]
        if answer is None:
            raise WatchError("Watched variable changed.")
        if isinstance(answer, Exception):
            queued = replies[1:end]
            refused = [reply for reply in queued if isinstance(reply, Exception)]
            if not refused or not isinstance(answer, ExecAbortError):
                return [copy.copy(answer) for _ in requests]
            return [reply if isinstance(reply, Exception) else copy.copy(answer) for reply in queued]
        if binary:
            as_text = self.transport.as_text
            return [reply if n in binary else as_text(reply) for n, reply in enumerate(answer)]
        return list(answer)

    def _send_together(
        self, requests: list[tuple[Value, ...]], repeat: bool, binary: set[int], names: list[str]
    ) -> list[Any]:
        if not self.tracer.active:
            return self.transport.send_together(requests, repeat=repeat, binary=binary)
        parts = tuple(Request(args, name or None) for args, name in zip(requests, names, strict=True))
        with self.tracer.record(Request.of_parts(parts)):
            return self.transport.send_together(requests, repeat=repeat, binary=binary)


def finish(command: Command[T], reply: Any) -> T:
    """The decoded reply of a command, once it is told of the reply."""
    value = command.decode(reply)
    if command.on_reply is not None:
        command.on_reply(reply)
    return value


def _load(script: Script) -> tuple[Value, ...]:
    return ("SCRIPT", "LOAD", script.source)
