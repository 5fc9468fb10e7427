"""Run the nodes as processes: fork, configure, pause, kill, and start again those that die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...core.clock import MS, SECOND, Clock, WallClock
from ...errors import EnvironmentFailed, UsageError
from ..postgres.database_servers import DatabaseBackend
from ..supervisor.backends import NodeConfiguration, NodeSettings
from .forkserver import ForkServer
from .node_link import received

__all__ = ["NodeManager"]

Json = dict[str, Any]

_NO_NETWORK = "a node process shares the network of this machine: only nodes in containers can be disconnected"
_PATIENCE_S = 15.0
_LOOKS_AGAIN_S = 0.002


class _ManagedNode:
    """One node, across its restarts."""

    def __init__(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        self.name = name
        self.pid = 0
        """0 while it is down."""
        self.boot = 0
        self.paused = False
        self.to_stay_down = False
        self.killed = False
        """We killed it and its link has not closed yet."""
        self.killed_at_ns = 0
        self.link: socket.socket | None = None
        self.ready: asyncio.Future[None] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.asked: dict[int, asyncio.Future[Json]] = {}
        self.counters: Counter[str] = Counter()
        """What its channel counted in this process, and in those before as far as they reported it."""
        self.counters_before: Counter[str] = Counter()


class NodeManager:
    """The process backend of nodes, see ``NodeBackend``."""

    def __init__(
        self,
        forkserver: ForkServer,
        clock: Clock,
        record: Callable[[int], None],
        databases: DatabaseBackend,
        settings: NodeSettings,
    ) -> None:
        """``record`` is called with the pid of each new process."""
        self._nursery = forkserver
        self._clock = clock
        self._record = record
        self._databases = databases
        self._settings = settings
        self._members: dict[str, _ManagedNode] = {}
        self._questions = 0
        self._death = ""

    @property
    def ports(self) -> dict[str, int]:
        return self._nursery.ports

    @property
    def silent(self) -> list[str]:
        """The nodes that are paused or down."""
        return [m.name for m in self._members.values() if m.paused or not m.pid]

    def check(self, configuration: NodeConfiguration) -> None:
        """Accept everything: a process runs any variant and any contract."""

    def known(self, names: Iterable[str]) -> None:
        for name in names:
            self._member(name)

    def death(self) -> str:
        return self._death

    def counters(self) -> dict[str, int]:
        return dict(sum((m.counters for m in self._members.values()), Counter[str]()))

    async def start(self) -> None:
        """Start all nodes without any memory of an earlier life; what ran of them must have been ended before."""
        self._members = {name: _ManagedNode(name) for name in self.ports}
        for member in self._members.values():
            self._fork(member)
        await _all("start", *(m.ready for m in self._members.values()))

    async def stop(self) -> None:
        self.end()

    async def set_channel(self) -> None:
        await self._ask("channel_settings", **asdict(self._settings.channel))

    async def set_synchronous_commit(self) -> dict[str, Json]:
        return await self._ask("durability", mode=self._settings.synchronous_commit)

    async def fail_over(self) -> dict[str, Json]:
        return await self._ask("move_to", primary=self._databases.primary, standby=self._databases.standby)

    async def _ask(self, do: str, **arguments: Any) -> dict[str, Json]:
        """Send a request to every node and return the answers.

        A node that dies meanwhile answers nothing: its successor is started with the new settings. A paused node reads
        the request when it goes on and is not waited for; one that is down is not asked.
        """
        asked: dict[str, asyncio.Future[Json]] = {}
        for member in self._members.values():
            if member.link is not None:
                self._questions += 1
                message = {"id": self._questions, "do": do, **arguments}
                member.link.send(json.dumps(message).encode())  # a node that is only starting reads it once it serves
                if not member.paused:
                    asked[member.name] = member.asked[self._questions] = asyncio.get_running_loop().create_future()
        await _all(f"answer {do!r}", *asked.values())
        return {name: future.result() for name, future in asked.items()}

    async def step_clocks(self) -> dict[str, Json]:
        """Return what each node takes for the time of day, ``before`` and ``after``, and ``ahead_s``.

        ``ahead_s`` is known between two bounds in seconds only, because asking takes a while.
        """
        machine = WallClock()
        asked_ns = machine.unix_ns()
        answers = await self._ask("clock", steps_s=self._settings.steps_s)
        heard_ns = machine.unix_ns()
        told = {}
        for name, said in answers.items():
            if said:  # one that died meanwhile says nothing
                now_ns = said.pop("unix_ns")
                ahead_s = {"least": (now_ns - heard_ns) / SECOND, "most": (now_ns - asked_ns) / SECOND}
                told[name] = {**said, "ahead_s": ahead_s}
        return told

    async def crash(self, name: str) -> Json:
        """Kill a node as ``kill -9`` does; return when its successor serves."""
        member = await self._running(name)
        member.ready = asyncio.get_running_loop().create_future()
        self._kill(member)
        # The closing of its link starts the successor.
        await _all("start again", member.ready)
        return {"node": name, "pid": member.pid, **self._was_down(member)}

    async def kill(self, name: str) -> Json:
        """Kill a node and leave it dead: connections to it are refused until ``revive``."""
        member = await self._running(name)
        member.to_stay_down = True
        pid = member.pid
        self._kill(member)
        await _all("die", member.gone)
        self._nursery.stop_listening(name)
        state = await _reached(pid, lambda state: state == "gone", f"node {name} to be gone")
        return {"node": name, "pid": pid, "state": state, "killed_at_ns": member.killed_at_ns}

    async def revive(self, name: str) -> Json:
        """Start a killed node again; return when it serves. A node that runs is left alone."""
        member = self._member(name)
        if member.pid:
            return {"node": name, "pid": member.pid, "state": _state(member.pid), "down_ms": 0.0}
        member.ready = asyncio.get_running_loop().create_future()
        self._fork(member)
        await _all("start again", member.ready)
        return {"node": name, "pid": member.pid, "state": _state(member.pid), **self._was_down(member)}

    async def pause(self, name: str) -> Json:
        """Stop a node with SIGSTOP: its connections stay open and nothing comes. Returns when it stands still."""
        member = await self._running(name)
        os.kill(member.pid, signal.SIGSTOP)
        member.paused = True
        state = await _reached(member.pid, lambda state: state == "T", f"node {name} to stand still")
        return {"node": name, "pid": member.pid, "state": state, **self._now()}

    async def resume(self, name: str) -> Json:
        """Let a paused node go on with SIGCONT; return when it does. One that was killed meanwhile stays down."""
        member = self._member(name)
        if not member.pid:
            return {"node": name, "pid": 0, "state": "gone", **self._now()}
        os.kill(member.pid, signal.SIGCONT)
        member.paused = False
        state = await _reached(member.pid, lambda state: state != "T", f"node {name} to go on")
        return {"node": name, "pid": member.pid, "state": state, **self._now()}

    async def disconnect(self, name: str) -> Json:
        raise UsageError(_NO_NETWORK)

    async def connect(self, name: str) -> Json:
        raise UsageError(_NO_NETWORK)

    def end(self) -> None:
        """End all nodes, the paused ones too: SIGKILL reaches a process that is stopped."""
        for member in self._members.values():
            self._unlink(member)
            if member.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member.pid, signal.SIGKILL)
                member.pid = 0
        self._members = {}

    def _member(self, name: str) -> _ManagedNode:
        if name not in self._members:
            raise UsageError(f"there is no node {name!r}; there is {', '.join(self._members)}")
        return self._members[name]

    async def _running(self, name: str) -> _ManagedNode:
        """Return a node that serves, or did until it was paused."""
        member = self._member(name)
        if not member.pid:
            raise UsageError(f"node {name} is down: revive it first")
        await member.ready
        return member

    def _kill(self, member: _ManagedNode) -> None:
        member.gone = asyncio.get_running_loop().create_future()
        member.killed = True
        member.killed_at_ns = self._clock.now_ns()
        with contextlib.suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGKILL)

    def _was_down(self, member: _ManagedNode) -> Json:
        down_ms = round((self._clock.now_ns() - member.killed_at_ns) / MS, 1)
        return {"down_ms": down_ms, "killed_at_ns": member.killed_at_ns}

    def _now(self) -> Json:
        return {"at_ns": self._clock.now_ns()}

    def _fork(self, member: _ManagedNode) -> None:
        member.pid, member.link = self._nursery.fork(member.name)
        member.link.setblocking(False)
        member.to_stay_down = False
        self._record(member.pid)
        asyncio.get_running_loop().add_reader(member.link, self._heard, member)
        member.link.send(json.dumps({**self._configuration(), "boot": member.boot}).encode())
        member.boot += 1

    def _configuration(self) -> Json:
        """Return what ``node.run_node`` reads first."""
        settings = self._settings
        return {
            "primary": self._databases.primary,
            "standby": self._databases.standby,
            "variant": settings.configuration.flaw,
            "seed": settings.configuration.seed,
            "behavior": settings.configuration.behavior.to_json(),
            "front": settings.configuration.front,
            "durability": settings.synchronous_commit,
            "channel_settings": asdict(settings.channel),
            "steps_s": settings.steps_s,
        }

    def _heard(self, member: _ManagedNode) -> None:
        """Take a node's message, or the closing of its link, which means that the node is dead."""
        assert member.link is not None
        packet = received(member.link)
        if not packet:
            self._lost(member)
            return
        message: Json = json.loads(packet)
        if "counters" in message:
            member.counters = member.counters_before + Counter(message["counters"])
        question = member.asked.pop(message.pop("id", 0), None)
        if question is not None and "error" in message:
            question.set_exception(EnvironmentFailed(f"node {member.name}: {message['error']}"))
        elif question is not None:
            question.set_result(message)
        elif message.get("ready") and not member.ready.done():
            member.ready.set_result(None)

    def _lost(self, member: _ManagedNode) -> None:
        self._unlink(member)
        member.pid = 0
        member.paused = False
        member.counters_before = member.counters
        if not member.gone.done():
            member.gone.set_result(None)
        killed, member.killed = member.killed, False
        if member.to_stay_down:
            return
        if not killed:
            if not member.ready.done():
                why = f"node {member.name} of the reference provider did not start; its log says why"
                member.ready.set_exception(EnvironmentFailed(why))
                return
            self._death = f"node {member.name} ended by itself"
            member.ready = asyncio.get_running_loop().create_future()
        try:
            self._fork(member)
        except (RuntimeError, OSError) as error:
            self._death = f"node {member.name} ended, and cannot be started again: {error}"
            member.ready.set_exception(EnvironmentFailed(self._death))

    def _unlink(self, member: _ManagedNode) -> None:
        asked, member.asked = member.asked, {}
        for question in asked.values():
            if not question.done():
                question.set_result({})
        if member.link is not None:
            with contextlib.suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(member.link)
            member.link.close()
            member.link = None


async def _all(what: str, *futures: asyncio.Future[Any]) -> None:
    """Wait for all futures. Raises ``EnvironmentFailed`` if a node does not do ``what`` in time."""
    if futures:
        _, late = await asyncio.wait(futures, timeout=_PATIENCE_S)
        if late:
            raise EnvironmentFailed(f"a node of the reference provider did not {what} within {_PATIENCE_S:g} s")
        for future in futures:
            future.result()


async def _reached(pid: int, wanted: Callable[[str], bool], what: str) -> str:
    """Wait for a ``wanted`` state of a process, the proof of a signal, and return it. Raises ``EnvironmentFailed``."""
    for _ in range(int(_PATIENCE_S / _LOOKS_AGAIN_S)):
        state = _state(pid)
        if wanted(state) or state == "unknown":
            return state
        await asyncio.sleep(_LOOKS_AGAIN_S)
    raise EnvironmentFailed(f"waited {_PATIENCE_S:g} s for {what}; its state is {state}")


def _state(pid: int) -> str:
    """Return the letter of ``/proc/PID/stat``; ``gone`` without such a process, ``unknown`` without ``/proc``."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "gone" if Path("/proc/self/stat").exists() else "unknown"
    state = stat[stat.rindex(")") + 2]
    return "gone" if state == "Z" else state
