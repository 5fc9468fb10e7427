"""The process that the harness talks to: it starts the containers, answers the reference provider's control requests with them, and removes them all."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

from ...core.clock import MS, RealClock
from ...errors import EnvironmentFailed, UsageError
from ...host.child_process import Handler, emit
from ...host.run_dir import RunDir
from ..postgres.replication_monitor import ReplicationMonitor
from ..reference.forkserver import NODES
from ..service.bank_channel import ChannelSettings
from ..service.behavior import ProviderBehavior
from ..variants import variant_named
from .container_node import ContainerNode
from .container_nodes import ContainerNodes, all_of
from .databases import LINK_PROXY, DatabaseContainers
from .docker_engine import DockerEngine
from .docker_settings import DockerSettings

__all__ = ["ContainerSupervisor"]

Json = dict[str, Any]


class ContainerSupervisor:
    """See the room's README for what each request takes and gives."""

    def __init__(self) -> None:
        self._clock = RealClock()
        self._engine: DockerEngine | None = None
        self._databases: DatabaseContainers | None = None
        self._fleet: ContainerNodes | None = None
        self._watch: ReplicationMonitor | None = None
        self._replay_paused = False
        self._changing = asyncio.Lock()
        """What concerns the servers happens one after the other."""
        self._run: RunDir | None = None
        self._debt: Path | None = None

    def handlers(self) -> dict[str, Handler]:
        return {
            "start": self.start,
            "become": self.become,
            "channel": self.channel,
            "replication": self.replication,
            "sample": self.sample,
            "apply_delay": self.apply_delay,
            "replay": self.replay,
            "durability": self.durability,
            "clock": self.clock,
            "failover": self.failover,
            "crash": self.crash,
            "pause": self.pause,
            "resume": self.resume,
            "kill": self.kill,
            "revive": self.revive,
            "disconnect": self.disconnect,
            "connect": self.connect,
            "stop": self.stop,
        }

    # -- the whole ------------------------------------------------------------------------------------------------------

    async def start(
        self,
        *,
        seed: int,
        flaw: str | None = None,
        run_dir: str | None = None,
        nodes: int = 2,
        channel: Json | None = None,
        settings: Json | None = None,
    ) -> Json:
        """Start the containers, the tables and the nodes; the answer comes when all of it serves. What earlier runs left is removed first."""
        if self._engine is not None:
            raise UsageError("the containers have been started already")
        if not 1 <= nodes <= len(NODES):
            raise UsageError(f"the reference provider runs 1 or {len(NODES)} nodes, not {nodes}")
        variant_named(flaw)  # a misspelt name is told before anything is started
        levers = ChannelSettings().changed(**(channel or {}))
        began_ns = self._clock.now_ns()
        self._run = RunDir.attach(run_dir) if run_dir else None
        name = self._run.path.name if self._run is not None else f"run-{os.urandom(4).hex()}"
        engine = self._engine = await asyncio.to_thread(DockerEngine, name, DockerSettings.read(settings))
        try:
            swept = await asyncio.to_thread(engine.sweep)
            swept_ns = self._clock.now_ns()
            await self._launch(engine, NODES[:nodes], levers)
            launched_ns = self._clock.now_ns()
            await self._make_tables(flaw)
            await self._nodes().begin(flaw=flaw, seed=seed)
        except BaseException:
            await self.stop()
            raise
        return {
            **self._described(engine),
            "swept": swept,
            "start_ms": {
                "sweep": _ms(swept_ns - began_ns),
                "containers": _ms(launched_ns - swept_ns),
                "nodes": _ms(self._clock.now_ns() - launched_ns),
                "total": _ms(self._clock.now_ns() - began_ns),
            },
        }

    async def become(self, *, flaw: str | None = None, seed: int) -> Json:
        """Start over as another variant: every node back and connected, empty tables, levers back, same ports; new servers after a failover."""
        began_ns = self._clock.now_ns()
        variant_named(flaw)
        async with self._changing:
            databases, watch = self._serving(), self._watching()
            await watch.sample(0)
            await self._nodes().silence()
            if renewed := databases.leading != "primary":
                await watch.close()
                await databases.renew()
                await self._open_watch()
            elif self._replay_paused:
                await watch.replay(False)
            self._replay_paused = False
            renewed_ns = self._clock.now_ns()
            await self._make_tables(flaw)
            await self._nodes().begin_again(flaw=flaw, seed=seed)
        return {
            "renewed": renewed,
            "renew_ms": _ms(renewed_ns - began_ns),
            "total_ms": _ms(self._clock.now_ns() - began_ns),
            "standby_port": databases.ports["standby"],
        }

    async def stop(self) -> None:
        """Remove all containers and the network. Safe to call twice."""
        if self._engine is None:
            return
        self._engine.close()
        if self._watch is not None:
            with contextlib.suppress(Exception):
                await self._watch.close()
        if self._fleet is not None:
            await self._fleet.close()
        await asyncio.to_thread(self._engine.remove_all)

    def end(self) -> None:
        """The same without an event loop: what happens last, however this process ends."""
        if self._engine is not None:
            self._engine.close()
            self._engine.remove_all()
            if self._run is not None and self._debt is not None:
                self._run.paid(self._debt)

    # -- the servers ----------------------------------------------------------------------------------------------------

    async def replication(self) -> Json:
        async with self._changing:
            return dict(await self._watching().read())

    async def sample(self, *, every_ms: float) -> None:
        async with self._changing:
            await self._watching().sample(every_ms)

    async def apply_delay(self, *, ms: int) -> None:
        async with self._changing:
            if ms == 0 and self._serving().leading != "primary":
                return  # it ended with the standby
            self._need_standby("apply_delay")
            await self._watching().apply_delay(int(ms))

    async def replay(self, *, paused: bool) -> Json:
        async with self._changing:
            if not paused and self._serving().leading != "primary":
                return {"state": "promoted", **await self._watching().read()}
            self._need_standby("replay")
            self._replay_paused = paused
            return await self._watching().replay(paused)

    async def failover(self) -> Json:
        """Kill the primary's container, promote the standby, and let the nodes work on it. ``become`` makes a primary and a standby again."""
        async with self._changing:
            self._need_standby("failover")
            databases, watch = self._serving(), self._watching()
            every_ms = watch.sampled_every_ms
            await watch.sample(0)
            said = await databases.fail_over()
            self._replay_paused = False
            moved = await self._nodes().fail_over()
            down_ms = _ms(self._clock.now_ns() - said["killed_at_ns"])
            await watch.close()
            await self._open_watch()
            await self._watching().sample(every_ms)
        return {**said, "down_ms": down_ms, **moved}

    # -- the nodes ------------------------------------------------------------------------------------------------------

    async def channel(self, **levers: Any) -> Json:
        return await self._nodes().channel(**levers)

    async def durability(self, *, mode: str) -> Json:
        return await self._nodes().durability(mode)

    async def clock(self, *, steps_s: dict[str, float] | None = None) -> Json:
        return await self._nodes().clock(steps_s)

    async def crash(self, *, node: str) -> Json:
        """Kill a node's process as ``kill -9`` does; its container lives, and the answer comes when its successor serves."""
        return await self._nodes().member(node).call("crash", node=node)

    async def pause(self, *, node: str) -> Json:
        return await self._nodes().member(node).pause()

    async def resume(self, *, node: str) -> Json:
        return await self._nodes().resume(node)

    async def kill(self, *, node: str) -> Json:
        return await self._nodes().member(node).kill()

    async def revive(self, *, node: str) -> Json:
        return await self._nodes().revive(node)

    async def disconnect(self, *, node: str) -> Json:
        return await self._nodes().member(node).disconnect()

    async def connect(self, *, node: str) -> Json:
        return await self._nodes().connect(node)

    # -- help -----------------------------------------------------------------------------------------------------------

    async def _launch(self, engine: DockerEngine, names: tuple[str, ...], levers: ChannelSettings) -> None:
        """All containers, the servers serving."""
        await asyncio.to_thread(engine.check_images)
        if self._run is not None:
            self._debt = self._run.owe("ackord.providers.containers.docker_engine:remove_run", run=engine.run)
        await asyncio.to_thread(engine.make_network)
        databases = self._databases = DatabaseContainers(engine, self._clock)
        folder = self._run.path if self._run is not None else None
        members = {
            name: ContainerNode(
                name, engine, self._clock, folder / f"node-{name}.log" if folder is not None else None, emit
            )
            for name in names
        }
        self._fleet = ContainerNodes(members, databases, levers)
        await all_of(databases.start(), *(member.launch() for member in members.values()))
        await self._open_watch()

    def _described(self, engine: DockerEngine) -> Json:
        databases = self._serving()
        return {
            "run": engine.run,
            "engine": engine.words,
            "nodes": self._nodes().ports(),
            "postgres_version": databases.version,
            "primary_port": databases.ports["primary"],
            "standby_port": databases.ports["standby"],
            "link": {
                "admin": f"http://127.0.0.1:{databases.ports['link']}",
                "proxy": LINK_PROXY,
                "version": databases.toxiproxy_version,
            },
        }

    async def _open_watch(self) -> None:
        databases = self._serving()
        leading, following = databases.outside(databases.leading), databases.outside("standby")
        self._watch = ReplicationMonitor(leading, following, self._clock, emit)
        await self._watch.open()

    async def _make_tables(self, flaw: str | None) -> None:
        await self._watching().create_tables(variant_named(flaw).tables(ProviderBehavior()))

    def _serving(self) -> DatabaseContainers:
        if self._databases is None:
            raise EnvironmentFailed("the containers are not running")
        return self._databases

    def _nodes(self) -> ContainerNodes:
        if self._fleet is None:
            raise EnvironmentFailed("the containers are not running")
        return self._fleet

    def _watching(self) -> ReplicationMonitor:
        if self._watch is None:
            raise EnvironmentFailed("the containers are not running")
        return self._watch

    def _need_standby(self, what: str) -> None:
        if self._serving().leading != "primary":
            raise UsageError(f"{what}: there is no standby any more since the failover; become makes a new one")


def _ms(duration_ns: int) -> float:
    return round(duration_ns / MS, 1)
