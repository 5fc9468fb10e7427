"""The process that the harness talks to: it starts the containers, answers the reference provider's control requests with them, and removes them all."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...core.clock import MS, RealClock
from ...errors import EnvironmentFailed, UsageError
from ...host.child import Handler, emit
from ..reference.channel import Levers
from ..reference.nursery import NODES
from ..reference.replication import ReplicationWatch
from ..reference.store import schema
from ..reference.variants import variant_named
from .databases import LINK_PROXY, Databases
from .engine import Engine
from .member import Member
from .settings import Settings

__all__ = ["Conductor"]

Json = dict[str, Any]


class Conductor:
    """See the room's README for what each request takes and gives."""

    def __init__(self) -> None:
        self._clock = RealClock()
        self._engine: Engine | None = None
        self._databases: Databases | None = None
        self._watch: ReplicationWatch | None = None
        self._members: dict[str, Member] = {}
        self._levers = Levers()
        self._variant: Json = {}
        """What a node is started with: ``flaw`` and ``seed``."""
        self._turning = asyncio.Lock()

    def handlers(self) -> dict[str, Handler]:
        return {
            "start": self.start,
            "become": self.become,
            "channel": self.channel,
            "replication": self.replication,
            "sample": self.sample,
            "apply_delay": self.apply_delay,
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
        self._levers = Levers().changed(**(channel or {}))
        self._variant = {"flaw": flaw, "seed": seed}
        began_ns = self._clock.now_ns()
        folder = Path(run_dir) if run_dir else None
        run = folder.name if folder is not None else os.urandom(4).hex()
        engine = self._engine = await asyncio.to_thread(Engine, run, Settings.read(settings))
        try:
            took = await self._start(engine, folder, NODES[:nodes])
        except BaseException:
            await self.stop()
            raise
        assert self._databases is not None
        return {
            "run": run,
            "engine": engine.words,
            "nodes": {name: member.port for name, member in self._members.items()},
            "postgres_version": self._databases.version,
            "primary_port": self._databases.ports["primary"],
            "standby_port": self._databases.ports["standby"],
            "link": {
                "admin": f"http://127.0.0.1:{self._databases.ports['link']}",
                "proxy": LINK_PROXY,
                "version": self._databases.toxiproxy_version,
            },
            "start_ms": {**took, "total": self._since(began_ns)},
        }

    async def _start(self, engine: Engine, folder: Path | None, names: tuple[str, ...]) -> Json:
        began_ns = self._clock.now_ns()
        await asyncio.to_thread(engine.sweep)
        swept_ms = self._since(began_ns)
        await asyncio.to_thread(engine.make_network)
        databases = self._databases = Databases(engine, self._clock)
        logs = {name: folder / f"node-{name}.log" if folder is not None else None for name in names}
        self._members = {name: Member(name, engine, self._clock, logs[name], emit) for name in names}
        await _all(databases.start(), *(member.launch() for member in self._members.values()))
        containers_ms = self._since(began_ns) - swept_ms
        await self._open_watch()
        await self._make_tables()
        await _all(*(member.begin(**self._for_nodes()) for member in self._members.values()))
        return {
            "sweep": swept_ms,
            "containers": round(containers_ms, 1),
            "nodes": round(self._since(began_ns) - swept_ms - containers_ms, 1),
        }

    async def become(self, *, flaw: str | None = None, seed: int) -> None:
        """Start over as another variant: every node back and connected, empty tables, levers back; same ports."""
        databases = self._serving()
        variant_named(flaw)
        await self.sample(every_ms=0)
        self._levers = Levers()
        self._variant = {"flaw": flaw, "seed": seed}
        dead = [member for member in self._members.values() if member.condition == "killed"]
        await _all(*(self._bring_back(member) for member in self._members.values()))
        await _all(*(member.call("kill", node=member.name) for member in self._members.values() if member not in dead))
        await self._make_tables()
        assert databases is not None
        await _all(
            *(
                member.begin(**self._for_nodes())
                if member in dead
                else member.call("become", fresh=False, **self._variant)
                for member in self._members.values()
            )
        )

    async def stop(self) -> None:
        """Remove all containers and the network. Safe to call twice."""
        if self._engine is None:
            return
        self._engine.close()
        if self._watch is not None:
            with contextlib.suppress(Exception):
                await self._watch.close()
            self._watch = None
        for member in self._members.values():
            await member.close()
        await asyncio.to_thread(self._engine.remove_all)

    def end(self) -> None:
        """The same without an event loop: what happens last, however this process ends."""
        if self._engine is not None:
            self._engine.close()
            self._engine.remove_all()

    # -- levers and lag -------------------------------------------------------------------------------------------------

    async def channel(self, **levers: Any) -> Json:
        """As the reference provider's. A node that cannot listen now gets them when it comes back."""
        self._serving()
        async with self._turning:
            self._levers = self._levers.changed(**levers)
            await _all(*(m.channel(**asdict(self._levers)) for m in self._members.values() if m.listens))
        counters = sum((member.counters for member in self._members.values()), Counter[str]())
        return {**asdict(self._levers), "counters": dict(counters)}

    async def replication(self) -> Json:
        return dict(await self._watching().read())

    async def sample(self, *, every_ms: float) -> None:
        await self._watching().sample(every_ms)

    async def apply_delay(self, *, ms: int) -> None:
        await self._watching().apply_delay(int(ms))

    # -- nodes ----------------------------------------------------------------------------------------------------------

    async def crash(self, *, node: str) -> Json:
        """Kill a node's process as ``kill -9`` does; its container lives, and the answer comes when its successor serves."""
        return await self._member(node).call("crash", node=node)

    async def pause(self, *, node: str) -> Json:
        return await self._member(node).pause()

    async def resume(self, *, node: str) -> Json:
        shown = await self._member(node).resume()
        await self.channel()
        return shown

    async def kill(self, *, node: str) -> Json:
        return await self._member(node).kill()

    async def revive(self, *, node: str) -> Json:
        return await self._member(node).revive(**self._for_nodes())

    async def disconnect(self, *, node: str) -> Json:
        return await self._member(node).disconnect()

    async def connect(self, *, node: str) -> Json:
        return await self._member(node).connect()

    # -- help -----------------------------------------------------------------------------------------------------------

    def _for_nodes(self) -> Json:
        databases = self._serving()
        return {
            "primary": databases.inside("primary"),
            "standby": databases.inside("standby"),
            "channel": asdict(self._levers),
            **self._variant,
        }

    async def _bring_back(self, member: Member) -> None:
        """Its container runs and is connected; a killed one's node is not started yet."""
        match member.condition:
            case "paused":
                await member.resume()
            case "disconnected":
                await member.connect()
            case "killed":
                await member.restart()

    async def _open_watch(self) -> None:
        databases = self._serving()
        self._watch = ReplicationWatch(databases.outside("primary"), databases.outside("standby"), self._clock, emit)
        await self._watch.open()

    async def _make_tables(self) -> None:
        variant = variant_named(self._variant["flaw"])
        await self._watching().create_tables(schema(unique_orders=variant.unique_orders) + variant.extra_tables)

    def _member(self, name: str) -> Member:
        self._serving()
        if name not in self._members:
            raise UsageError(f"there is no node {name!r}; there is {', '.join(self._members)}")
        return self._members[name]

    def _serving(self) -> Databases:
        if self._databases is None:
            raise EnvironmentFailed("the containers are not running")
        return self._databases

    def _watching(self) -> ReplicationWatch:
        if self._watch is None:
            raise EnvironmentFailed("the containers are not running")
        return self._watch

    def _since(self, then_ns: int) -> float:
        return round((self._clock.now_ns() - then_ns) / MS, 1)


async def _all(*what: Any) -> None:
    """All at once. When one fails, the others are waited for, so that nothing goes on behind the error's back."""
    outcomes = await asyncio.gather(*what, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
