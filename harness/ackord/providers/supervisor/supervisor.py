"""Answer the control requests of the harness over a backend of nodes and a backend of database servers.

``providers/reference/README.md`` lists what each request takes and gives.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from ...core.clock import MS, RealClock
from ...errors import EnvironmentFailed, UsageError
from ...host.child_process import Handler, emit, serve
from ..postgres.read_model import ReadModel
from ..postgres.replication_monitor import ReplicationMonitor
from ..service.bank_channel import ChannelSettings
from .backends import SYNCHRONOUS_COMMIT, Backends, Deployment, NodeBackend, NodeConfiguration, NodeSettings

__all__ = ["Supervisor", "run_supervisor"]

Json = dict[str, Any]

_LOOKS_EVERY_S = 0.1
_NODE_REQUESTS = ("crash", "kill", "revive", "pause", "resume", "disconnect", "connect")
"""The requests that name one node; the node backend carries them out under the same names."""


class Supervisor:
    """Hold the state between control requests: settings of the nodes, failover, replay, sampling, read model."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._clock = RealClock()
        self._backends: Backends | None = None
        self._monitor: ReplicationMonitor | None = None
        self._read_model = ReadModel(self._clock, emit)
        self._replay_paused = False
        self._failed_over = False
        self._changing = asyncio.Lock()
        """Requests that concern the servers, or one node, run one after the other."""

    def handlers(self) -> dict[str, Handler]:
        return {
            "start": self.start,
            "reset_as": self.reset_as,
            "channel": self.channel,
            "replication": self.replication,
            "sample": self.sample,
            "apply_delay": self.apply_delay,
            "replay": self.replay,
            "durability": self.durability,
            "clock": self.clock,
            "failover": self.failover,
            **{request: self._node_handler(request) for request in _NODE_REQUESTS},
            "stop": self.stop,
        }

    async def start(
        self,
        *,
        seed: int,
        flaw: str | None = None,
        behavior: Json | None = None,
        front: Json | None = None,
        read_model: bool = False,
        fresh: bool = True,
        channel: Json | None = None,
        **place: Any,
    ) -> Json:
        """Start the servers, the tables and the nodes; return when all of it serves. The deployment takes ``place``."""
        if self._backends is not None:
            raise UsageError("the reference provider has been started already")
        began_ns = self._clock.now_ns()
        # What cannot be done is refused before anything is started.
        configuration = NodeConfiguration.of(flaw, seed, behavior, front, read_model=read_model)
        settings = NodeSettings(configuration, ChannelSettings().changed(**(channel or {})))
        backends = self._backends = await self._deployment.prepare(settings, **place)
        try:
            started = await self._deployment.launch()
            launched_ns = self._clock.now_ns()
            await self._open_monitor()
            await self._start_nodes(fresh=fresh)
        except BaseException:
            await self.stop()
            raise
        ready_ns = self._clock.now_ns()
        return {
            "nodes": backends.nodes.ports,
            "postgres_version": backends.databases.version,
            "standby_port": backends.databases.standby["port"],
            **started,
            "start_ms": {
                **started["start_ms"],
                "nodes": _ms(ready_ns - launched_ns),
                "total": _ms(ready_ns - began_ns),
            },
        }

    async def reset_as(
        self,
        *,
        seed: int,
        flaw: str | None = None,
        behavior: Json | None = None,
        front: Json | None = None,
        fresh: bool = True,
        read_model: bool = False,
        primary: Json | None = None,
        standby: Json | None = None,
    ) -> Json:
        """Start over as another variant: empty tables, default settings, every node up, the same ports.

        A failover leaves no servers to start over on, so new ones are made, or ``primary`` and ``standby`` are used.
        Without ``fresh`` the tables stay: where several supervisors share the servers, one makes the tables for all.
        """
        began_ns = self._clock.now_ns()
        configuration = NodeConfiguration.of(flaw, seed, behavior, front, read_model=read_model)
        given = (primary, standby) if primary is not None and standby is not None else None
        async with self._changing:
            backends, monitor = self._started(), self._watching()
            backends.check(configuration)
            databases = backends.databases
            await monitor.sample(0)
            await backends.nodes.stop()
            backends.settings.reset(configuration)
            await self._read_model.end()
            renewed = self._failed_over or (configuration.read_model and not databases.logical)
            if renewed:
                await monitor.close()
                await databases.renew(logical=configuration.read_model, given=given)
                self._failed_over = False
                await self._open_monitor()
            elif self._replay_paused:
                await monitor.replay(False)
            self._replay_paused = False
            renewed_ns = self._clock.now_ns()
            await self._start_nodes(fresh=fresh)
        return {
            "renewed": renewed,
            "renew_ms": _ms(renewed_ns - began_ns),
            "total_ms": _ms(self._clock.now_ns() - began_ns),
            "standby_port": databases.standby["port"],
        }

    async def channel(self, **changes: Any) -> Json:
        """Change some settings of the bank channel; return all of them, and the counters over the nodes."""
        settings, nodes, _ = self._started()
        settings.channel = settings.channel.changed(**changes)
        await nodes.set_channel()
        return {**asdict(settings.channel), "counters": nodes.counters(), **_silent(nodes)}

    async def replication(self) -> Json:
        async with self._changing:
            return dict(await self._watching().read())

    async def sample(self, *, every_ms: float) -> None:
        async with self._changing:
            await self._watching().sample(every_ms)
            await self._read_model.sample(every_ms)

    async def apply_delay(self, *, ms: int) -> None:
        """Let the standby hold every commit back for ``ms``; 0 ends that. Returns when the setting is in force."""
        async with self._changing:
            if ms == 0 and self._failed_over:
                return  # the delay ended with the standby
            self._need_standby("apply_delay")
            await self._watching().apply_delay(int(ms))

    async def replay(self, *, paused: bool) -> Json:
        """Let the standby receive and not apply, or apply again. A promotion and new servers end a pause, too."""
        async with self._changing:
            if not paused and self._failed_over:
                return {"state": "promoted", **await self._watching().read()}
            self._need_standby("replay")
            self._replay_paused = paused
            return await self._watching().replay(paused)

    async def durability(self, *, mode: str) -> Json:
        """Set ``synchronous_commit`` of the nodes for statements that begin from now on."""
        if mode not in SYNCHRONOUS_COMMIT:
            raise UsageError(f"there is no durability {mode!r}; there is {', '.join(SYNCHRONOUS_COMMIT)}")
        async with self._changing:
            settings, nodes, _ = self._started()
            settings.synchronous_commit = mode
            sessions = await nodes.set_synchronous_commit()
        return {"mode": mode, "nodes": sessions, **_silent(nodes)}

    async def clock(self, *, steps_s: dict[str, float] | None = None) -> Json:
        """Step the nodes' clocks by seconds; nodes that are not named go back to the machine's time.

        ``None`` changes nothing and only asks.
        """
        settings, nodes, _ = self._started()
        if steps_s is not None:
            nodes.known(steps_s)
            settings.steps_s = steps_s  # first, so that a node that starts meanwhile has it as well
        return {"nodes": await nodes.step_clocks(), **_silent(nodes)}

    async def failover(self) -> Json:
        """Kill the primary, promote the standby, move the nodes to it. ``reset_as`` makes a new primary and standby."""
        async with self._changing:
            self._need_standby("failover")
            (_, nodes, databases), monitor = self._started(), self._watching()
            every_ms = monitor.sampled_every_ms
            await monitor.sample(0)
            await self._read_model.leave()  # nothing feeds the standby's copy of it
            report = await databases.fail_over(self._clock)
            self._failed_over = True
            self._replay_paused = False
            moved = await nodes.fail_over()
            down_ms = _ms(self._clock.now_ns() - report["killed_at_ns"])
            await monitor.close()
            await (await self._open_monitor()).sample(every_ms)
        return {**report, "down_ms": down_ms, "nodes": moved, **_silent(nodes)}

    async def watch(self) -> None:
        """Report once, as the event ``part-died``, a node or a server that ended although nobody here ended it."""
        said = ""
        while not said:
            await asyncio.sleep(_LOOKS_EVERY_S)
            if self._backends is None or self._changing.locked():
                continue  # a server that is being replaced has ended on purpose
            said = self._backends.nodes.death() or self._backends.databases.death()
        emit({"event": "part-died", "part": said, "at_ns": self._clock.now_ns()})

    async def stop(self) -> None:
        """End nodes and servers. Safe to call twice."""
        await self._read_model.leave()
        if self._monitor is not None:
            await self._monitor.close()
            self._monitor = None
        await self._deployment.close()

    async def _start_nodes(self, *, fresh: bool) -> None:
        """Make the tables if ``fresh``, feed the read model if one is wanted, and start the nodes."""
        settings, nodes, databases = self._started()
        tables = settings.configuration.tables()
        if fresh:
            await self._watching().create_tables(tables)
        if settings.configuration.read_model:
            await self._read_model.found(databases, tables)
        await nodes.start()

    async def _open_monitor(self) -> ReplicationMonitor:
        databases = self._started().databases
        self._monitor = ReplicationMonitor(databases.primary, databases.standby, self._clock, emit)
        await self._monitor.open()
        return self._monitor

    def _node_handler(self, request: str) -> Handler:
        async def handler(*, node: str) -> Json:
            async with self._changing:  # a node that starts while the servers change would be told of the old ones
                answer: Json = await getattr(self._started().nodes, request)(node)
                return answer

        return handler

    def _started(self) -> Backends:
        if self._backends is None:
            raise EnvironmentFailed("the reference provider is not running")
        return self._backends

    def _watching(self) -> ReplicationMonitor:
        if self._monitor is None:
            raise EnvironmentFailed("the reference provider is not running")
        return self._monitor

    def _need_standby(self, request: str) -> None:
        if self._failed_over:
            raise UsageError(f"{request}: there is no standby any more since the failover; become makes a new one")


def run_supervisor(deployment: Deployment) -> None:
    """Answer requests on standard input until it closes, then end everything."""
    supervisor = Supervisor(deployment)

    async def run() -> None:
        watching = asyncio.create_task(supervisor.watch())
        await serve(supervisor.handlers())
        watching.cancel()
        await supervisor.stop()

    try:
        asyncio.run(run())
    finally:
        deployment.end()  # also what a thread had still begun when the loop ended


def _silent(nodes: NodeBackend) -> Json:
    """Name the nodes that could not be told, if there are any."""
    return {"silent": nodes.silent} if nodes.silent else {}


def _ms(duration_ns: int) -> float:
    return round(duration_ns / MS, 1)
