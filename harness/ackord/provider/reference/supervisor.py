"""The process that the harness talks to: it starts PostgreSQL and the nodes, turns their levers, and ends them all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections import Counter
from dataclasses import asdict
from typing import Any

from ...core.clock import RealClock
from ...errors import EnvironmentFailed, UsageError
from ...host.child import Handler, emit
from ...host.rundir import RunDir
from ..postgres import Cluster
from .channel import Levers
from .nursery import NODES, Nursery
from .replication import ReplicationWatch
from .servers import External, Own, Servers
from .store import schema
from .variants import variant_named

__all__ = ["Supervisor"]

_PATIENCE_S = 15.0
_LARGEST_MESSAGE = 1 << 16


class _NodeProcess:
    """One node as the supervisor sees it, across its restarts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pid = 0
        self.boot = 0
        self.killed = False
        """We killed it on purpose and its link has not closed yet."""
        self.link: socket.socket | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.levers_taken: asyncio.Future[None] | None = None
        self.counters: Counter[str] = Counter()
        """What its channel counted in this life, and in the lives before as far as it told."""
        self.counters_before: Counter[str] = Counter()


class Supervisor:
    """Answers the control requests; see the room's README for what each takes and gives."""

    def __init__(self, nursery: Nursery) -> None:
        self._nursery = nursery
        self._clock = RealClock()
        self._servers: Servers | None = None
        self._watch: ReplicationWatch | None = None
        self._nodes: dict[str, _NodeProcess] = {}
        self._levers = Levers()
        self._configuration: dict[str, Any] = {}
        self._run: RunDir | None = None
        self._turning = asyncio.Lock()
        self._stopping = False

    def handlers(self) -> dict[str, Handler]:
        return {
            "start": self.start,
            "become": self.become,
            "channel": self.channel,
            "replication": self.replication,
            "sample": self.sample,
            "apply_delay": self.apply_delay,
            "crash": self.crash,
            "stop": self.stop,
        }

    async def start(
        self,
        *,
        seed: int,
        run_dir: str | None = None,
        primary_port: int = 0,
        link_port: int = 0,
        primary: dict[str, Any] | None = None,
        standby: dict[str, Any] | None = None,
        flaw: str | None = None,
        bin_dir: str | None = None,
        nodes: int | list[str] = 2,
        host: str = "127.0.0.1",
        ports: dict[str, int] | None = None,
        fresh: bool = True,
        channel: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Start PostgreSQL, or take the servers that are given, then the tables and the nodes; the answer comes when all of it serves."""
        if self._servers is not None:
            raise UsageError("the reference provider has been started already")
        began_ns = self._clock.now_ns()
        variant_named(flaw)  # a misspelt name is told before anything is started
        self._levers = Levers().changed(**(channel or {}))
        listening = _listening(nodes, ports or {})
        if run_dir:
            self._run = RunDir.attach(run_dir)
            self._run.record(self._nursery.pid)
        if primary is not None and standby is not None:
            servers: Servers = External(primary, standby)
        elif primary is None and standby is None and self._run is not None and primary_port and link_port:
            cluster = Cluster(self._run, primary_port=primary_port, link_port=link_port, bin_dir=bin_dir or None)
            servers = Own(cluster)
        else:
            raise UsageError(
                "start needs run_dir, primary_port and link_port for servers of its own, or both primary and standby"
            )
        self._nursery.listen(host, listening)
        self._servers = servers
        await servers.start()
        postgres_ns = self._clock.now_ns()
        self._watch = ReplicationWatch(servers.primary, servers.standby, self._clock, emit)
        await self._watch.open()
        self._configuration = {"primary": servers.primary, "standby": servers.standby}
        self._nodes = {name: _NodeProcess(name) for name in listening}
        await self._found(flaw, seed, fresh=fresh)
        ready_ns = self._clock.now_ns()
        return {
            "nodes": self._nursery.ports,
            "postgres_version": servers.version,
            "standby_port": servers.standby["port"],
            "start_ms": {
                **servers.start_ms,
                "postgres": _ms(postgres_ns - began_ns),
                "nodes": _ms(ready_ns - postgres_ns),
                "total": _ms(ready_ns - began_ns),
            },
        }

    async def become(self, *, flaw: str | None = None, seed: int, fresh: bool = True) -> None:
        """Start over as another variant, with empty tables and all levers back, on the same servers and ports: a tenth of the time of ``start``.

        Without ``fresh`` the tables stay: where several supervisors share the servers, one makes them for all.
        """
        watch = self._watching()
        variant_named(flaw)
        await watch.sample(0)
        self._levers = Levers()
        for node in self._nodes.values():
            self._end_node(node)
        await self._found(flaw, seed, fresh=fresh)

    async def channel(self, **levers: Any) -> dict[str, Any]:
        """Turn levers, none or some; the answer comes when every node has them: all levers as they stand, and ``counters`` over the nodes."""
        async with self._turning:
            self._levers = self._levers.changed(**levers)
            message = json.dumps({"levers": asdict(self._levers)}).encode()
            for node in self._nodes.values():
                if node.link is not None:
                    node.levers_taken = asyncio.get_running_loop().create_future()
                    node.link.send(message)  # a node that is only starting reads it once it serves
            await _all("take its levers", *(n.levers_taken for n in self._nodes.values() if n.levers_taken is not None))
        counters = sum((node.counters for node in self._nodes.values()), Counter[str]())
        return {**asdict(self._levers), "counters": dict(counters)}

    async def replication(self) -> dict[str, Any]:
        return dict(await self._watching().read())

    async def sample(self, *, every_ms: float) -> None:
        await self._watching().sample(every_ms)

    async def apply_delay(self, *, ms: int) -> None:
        """Let the standby hold every commit back for ``ms``; 0 takes it back. Returns when the standby has the setting."""
        await self._watching().apply_delay(int(ms))

    async def crash(self, *, node: str) -> dict[str, Any]:
        """Kill a node as ``kill -9`` does; the answer comes when its successor serves."""
        if node not in self._nodes:
            raise UsageError(f"there is no node {node!r}; there is {', '.join(self._nodes)}")
        began_ns = self._clock.now_ns()
        process = self._nodes[node]
        await process.ready
        process.ready = asyncio.get_running_loop().create_future()
        process.killed = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        # The closing of its link starts the successor.
        await _all("start again", process.ready)
        return {"node": node, "down_ms": _ms(self._clock.now_ns() - began_ns), "killed_at_ns": began_ns}

    async def stop(self) -> None:
        """End nodes and PostgreSQL. Safe to call twice."""
        self._stopping = True
        if self._watch is not None:
            await self._watch.close()
            self._watch = None
        self.end()

    def end(self) -> None:
        """The same without an event loop: what happens last, however this process ends."""
        self._stopping = True
        for node in self._nodes.values():
            self._end_node(node)
        self._nursery.close()
        if self._servers is not None:
            self._servers.stop()

    async def _found(self, flaw: str | None, seed: int, *, fresh: bool) -> None:
        """Fresh tables, and nodes that serve them."""
        variant = variant_named(flaw)
        if fresh:
            await self._watching().create_tables(schema(unique_orders=variant.unique_orders) + variant.extra_tables)
        self._configuration |= {"variant": flaw, "seed": seed}
        self._nodes = {name: _NodeProcess(name) for name in self._nodes}
        for node in self._nodes.values():
            self._fork(node)
        await _all("start", *(node.ready for node in self._nodes.values()))

    def _end_node(self, node: _NodeProcess) -> None:
        if node.link is not None:
            with contextlib.suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(node.link)
            node.link.close()
            node.link = None
        if node.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(node.pid, signal.SIGKILL)
            node.pid = 0

    def _watching(self) -> ReplicationWatch:
        if self._watch is None:
            raise EnvironmentFailed("the reference provider is not running")
        return self._watch

    def _fork(self, node: _NodeProcess) -> None:
        node.pid, node.link = self._nursery.fork(node.name)
        node.link.setblocking(False)
        if self._run is not None:
            self._run.record(node.pid, polite=signal.SIGKILL)
        asyncio.get_running_loop().add_reader(node.link, self._heard, node)
        configuration = {**self._configuration, "levers": asdict(self._levers), "boot": node.boot}
        node.link.send(json.dumps(configuration).encode())
        node.boot += 1

    def _heard(self, node: _NodeProcess) -> None:
        """A node says that it is ready or has its levers; or its link closed, so it is dead."""
        assert node.link is not None
        try:
            packet = node.link.recv(_LARGEST_MESSAGE)
        except ConnectionError:
            packet = b""
        if packet:
            message = json.loads(packet)
            if message.get("ready") and not node.ready.done():
                node.ready.set_result(None)
            if "counters" in message:
                node.counters = node.counters_before + Counter(message["counters"])
                if node.levers_taken is not None and not node.levers_taken.done():
                    node.levers_taken.set_result(None)
            return
        asyncio.get_running_loop().remove_reader(node.link)
        node.link.close()
        node.link = None
        node.counters_before = node.counters
        if node.levers_taken is not None and not node.levers_taken.done():
            node.levers_taken.set_result(None)  # its successor starts with them
        if self._stopping:
            return
        if node.ready.done() and not node.killed:
            print(f"node {node.name} ended by itself; it is started again", flush=True)
            node.ready = asyncio.get_running_loop().create_future()
        elif not node.killed:
            why = EnvironmentFailed(f"node {node.name} of the reference provider did not start; its log says why")
            node.ready.set_exception(why)
            return
        node.killed = False
        self._fork(node)


def _listening(nodes: int | list[str], ports: dict[str, int]) -> dict[str, int]:
    """Which nodes, and the port of each; 0 lets the system choose."""
    names = list(NODES[:nodes]) if isinstance(nodes, int) else nodes
    if (
        nodes not in (1, len(NODES), names)
        or not names
        or len(set(names)) != len(names)
        or not set(names) <= set(NODES)
    ):
        raise UsageError(f"the nodes are {' and '.join(NODES)}, one or both, not {nodes!r}")
    if stray := set(ports) - set(names):
        raise UsageError(f"a port is given for {', '.join(sorted(stray))}, which is no node here")
    return {name: ports.get(name, 0) for name in names}


async def _all(what: str, *futures: asyncio.Future[None]) -> None:
    """Wait for nodes. Raises ``EnvironmentFailed`` if one does not do ``what`` in time."""
    if futures:
        _, late = await asyncio.wait(futures, timeout=_PATIENCE_S)
        if late:
            raise EnvironmentFailed(f"a node of the reference provider did not {what} within {_PATIENCE_S:g} s")
        for future in futures:
            future.result()


def _ms(duration_ns: int) -> float:
    return round(duration_ns / 1e6, 1)
