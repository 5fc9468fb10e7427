"""The process that the harness talks to: it starts PostgreSQL and the nodes, turns their levers, and ends them all."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, NamedTuple

from ...core.clock import MS, RealClock
from ...errors import EnvironmentFailed, UsageError
from ...host.child_process import Handler, emit
from ...host.run_dir import RunDir
from ..postgres.database_servers import DatabaseServers, ExternalServers, choose_servers
from ..postgres.read_model import ReadModel
from ..postgres.replication_monitor import ReplicationMonitor
from ..service.bank_channel import ChannelSettings
from ..service.behavior import ProviderBehavior
from ..variants import variant_named
from .forkserver import ForkServer, ports_of
from .node_manager import NodeManager

__all__ = ["ProviderSupervisor"]

Json = dict[str, Any]

_DURABILITIES = ("local", "on", "remote_write", "remote_apply")


class _NodeConfiguration(NamedTuple):
    """How the nodes behave, from one ``become`` to the next."""

    flaw: str | None = None
    seed: int = 0
    manners: ProviderBehavior = ProviderBehavior()
    front: Json | None = None
    """``{"contract": path of a contract, "callbacks": where merchants are called}``; ``None``: the reference API."""
    read_model: bool = False
    """Whether a read model is fed."""

    @classmethod
    def of(
        cls, flaw: str | None, seed: int, manners: Json | None, front: Json | None, *, read_model: bool
    ) -> _NodeConfiguration:
        """Raises ``UnknownNameError`` and what ``ProviderBehavior.from_json`` raises. ``read_model``: whether or not the variant reads it."""
        read_model = read_model or variant_named(flaw).read_model
        return cls(
            flaw,
            seed,
            ProviderBehavior() if manners is None else ProviderBehavior.from_json(manners),
            front,
            read_model,
        )


class ProviderSupervisor:
    """Answers the control requests; see the room's README for what each takes and gives."""

    def __init__(self, nursery: ForkServer) -> None:
        self._nursery = nursery
        self._clock = RealClock()
        self._servers: DatabaseServers | None = None
        self._watch: ReplicationMonitor | None = None
        self._read_model = ReadModel(self._clock, emit)
        self._crew = NodeManager(nursery, self._clock, self._record, self._configuration)
        self._levers = ChannelSettings()
        self._durability = _DURABILITIES[0]
        self._steps_s: dict[str, float] = {}
        """By node: how far its clock is to be ahead of the machine's, where it is."""
        self._conduct = _NodeConfiguration()
        self._run: RunDir | None = None
        self._replay_paused = False
        self._failed_over = False
        self._changing = asyncio.Lock()
        """Held while the servers are being exchanged."""

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
            "crash": self._of_a_node(self._crew.crash),
            "kill": self._of_a_node(self._crew.kill),
            "revive": self._of_a_node(self._crew.revive),
            "pause": self._of_a_node(self._crew.pause),
            "resume": self._of_a_node(self._crew.resume),
            "stop": self.stop,
        }

    async def start(
        self,
        *,
        seed: int,
        run_dir: str | None = None,
        primary_port: int = 0,
        link_port: int = 0,
        read_model_port: int = 0,
        primary: Json | None = None,
        standby: Json | None = None,
        read_model: bool = False,
        flaw: str | None = None,
        manners: Json | None = None,
        front: Json | None = None,
        bin_dir: str | None = None,
        nodes: int | list[str] = 2,
        host: str = "127.0.0.1",
        ports: dict[str, int] | None = None,
        fresh: bool = True,
        channel: Json | None = None,
    ) -> Json:
        """Start PostgreSQL, or take the servers that are given, then the tables and the nodes; the answer comes when all of it serves."""
        if self._servers is not None:
            raise UsageError("the reference provider has been started already")
        began_ns = self._clock.now_ns()
        # A misspelt name is told before anything is started.
        conduct = _NodeConfiguration.of(flaw, seed, manners, front, read_model=read_model)
        self._read_model.port = read_model_port
        self._levers = ChannelSettings().changed(**(channel or {}))
        listening = ports_of(nodes, ports or {})
        run = self._run = RunDir.attach(run_dir) if run_dir else None
        self._record(self._nursery.pid, polite=signal.SIGTERM)
        servers = choose_servers(
            run, primary_port, link_port, bin_dir or None, primary, standby, logical=conduct.read_model
        )
        self._nursery.listen(host, listening, contracts=front is not None)
        self._servers = servers
        await servers.start()
        postgres_ns = self._clock.now_ns()
        await self._watch_servers(servers)
        await self._found(conduct, fresh=fresh)
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

    async def become(
        self,
        *,
        seed: int,
        flaw: str | None = None,
        manners: Json | None = None,
        front: Json | None = None,
        fresh: bool = True,
        read_model: bool = False,
        primary: Json | None = None,
        standby: Json | None = None,
    ) -> Json:
        """Start over as another variant, with empty tables and all levers back, on the same ports: a tenth of the time of ``start``.

        After a failover there are no servers to start over on, so a new primary and standby are made first, or given. Without ``fresh`` the tables
        stay: where several supervisors share the servers, one makes them for all.
        """
        began_ns = self._clock.now_ns()
        conduct = _NodeConfiguration.of(flaw, seed, manners, front, read_model=read_model)
        async with self._changing:
            watch = self._watching()
            await watch.sample(0)
            self._crew.end()
            self._levers = ChannelSettings()
            self._durability = _DURABILITIES[0]
            self._steps_s = {}
            await self._read_model.end()
            renewed = self._failed_over or (conduct.read_model and not self._started().logical)
            if renewed:
                await watch.close()
                self._servers = await self._new_servers(primary, standby, logical=conduct.read_model)
                self._failed_over = False
                await self._watch_servers(self._servers)
            elif self._replay_paused:
                await watch.replay(False)
            self._replay_paused = False
            renewed_ns = self._clock.now_ns()
            await self._found(conduct, fresh=fresh)
        return {
            "renewed": renewed,
            "renew_ms": _ms(renewed_ns - began_ns),
            "total_ms": _ms(self._clock.now_ns() - began_ns),
            "standby_port": self._started().standby["port"],
        }

    async def channel(self, **levers: Any) -> Json:
        """Turn levers, none or some; the answer comes when every node that runs has them: all levers as they stand, and ``counters`` over the nodes."""
        self._levers = self._levers.changed(**levers)
        await self._crew.ask("levers", **asdict(self._levers))
        return {**asdict(self._levers), "counters": self._crew.counters(), **self._silent()}

    async def replication(self) -> Json:
        async with self._changing:
            return dict(await self._watching().read())

    async def sample(self, *, every_ms: float) -> None:
        async with self._changing:
            await self._watching().sample(every_ms)
            await self._read_model.sample(every_ms)

    async def apply_delay(self, *, ms: int) -> None:
        """Let the standby hold every commit back for ``ms``; 0 takes it back. Returns when the standby has the setting."""
        async with self._changing:
            if ms == 0 and self._failed_over:
                return  # it ended with the standby
            self._need_standby("apply_delay")
            await self._watching().apply_delay(int(ms))

    async def replay(self, *, paused: bool) -> Json:
        """Let the standby receive and not apply, or go on applying. A promotion or a new cluster ends it, too."""
        async with self._changing:
            if not paused and self._failed_over:
                return {"state": "promoted", **await self._watching().read()}
            self._need_standby("replay")
            self._replay_paused = paused
            return await self._watching().replay(paused)

    async def durability(self, *, mode: str) -> Json:
        """How much every write of the nodes waits for (``synchronous_commit``), for statements that begin from now on; what each node's sessions say."""
        if mode not in _DURABILITIES:
            raise UsageError(f"there is no durability {mode!r}; there is {', '.join(_DURABILITIES)}")
        async with self._changing:
            self._durability = mode
            nodes = await self._crew.ask("durability", mode=mode)
        return {"mode": mode, "nodes": nodes, **self._silent()}

    async def clock(self, *, steps_s: dict[str, float] | None = None) -> Json:
        """Step the nodes' clocks, those that are not named back to the machine's time; ``None``: only look. What they say, see ``NodeManager.clock``."""
        steps_s = self._steps_s if steps_s is None else steps_s
        self._crew.known(steps_s)
        self._steps_s = steps_s  # before they are told: one that is started meanwhile has it as well
        return {"nodes": await self._crew.clock(steps_s), **self._silent()}

    async def failover(self) -> Json:
        """Kill the primary without a last word, promote the standby, and let the nodes work on it. ``become`` makes a primary and a standby again."""
        async with self._changing:
            self._need_standby("failover")
            servers, watch = self._started(), self._watching()
            every_ms = watch.sampled_every_ms
            await watch.sample(0)
            await self._read_model.leave()  # what the standby has of it is fed by nobody
            said = await servers.fail_over(self._clock)
            self._failed_over = True
            self._replay_paused = False
            moved = await self._crew.ask("move_to", primary=servers.primary, standby=servers.standby)
            down_ms = _ms(self._clock.now_ns() - said["killed_at_ns"])
            await watch.close()
            watch = await self._watch_servers(servers)
            if every_ms:
                await watch.sample(every_ms)
        return {**said, "down_ms": down_ms, "nodes": moved, **self._silent()}

    async def stop(self) -> None:
        """End nodes and PostgreSQL. Safe to call twice."""
        await self._read_model.leave()
        if self._watch is not None:
            await self._watch.close()
            self._watch = None
        self.end()

    def end(self) -> None:
        """The same without an event loop: what happens last, however this process ends."""
        self._crew.end()
        self._nursery.close()
        if self._servers is not None:
            self._servers.stop()

    async def _found(self, conduct: _NodeConfiguration, *, fresh: bool) -> None:
        """Fresh tables, and nodes that serve them."""
        tables = variant_named(conduct.flaw).tables(conduct.manners)
        if fresh:
            await self._watching().create_tables(tables)
        if conduct.read_model:
            await self._read_model.found(self._started(), tables)
        self._conduct = conduct
        await self._crew.found(self._nursery.ports)

    def _configuration(self) -> Json:
        """What a node is started with."""
        servers = self._started()
        return {
            "primary": servers.primary,
            "standby": servers.standby,
            "variant": self._conduct.flaw,
            "seed": self._conduct.seed,
            "manners": self._conduct.manners.to_json(),
            "front": self._conduct.front,
            "durability": self._durability,
            "levers": asdict(self._levers),
            "steps_s": self._steps_s,
        }

    async def _new_servers(self, primary: Json | None, standby: Json | None, *, logical: bool) -> DatabaseServers:
        if primary is None or standby is None:
            servers = self._started()
            await servers.renew(logical=logical)
            return servers
        given = ExternalServers(primary, standby)
        await given.start()
        return given

    async def _watch_servers(self, servers: DatabaseServers) -> ReplicationMonitor:
        self._watch = ReplicationMonitor(servers.primary, servers.standby, self._clock, emit)
        await self._watch.open()
        return self._watch

    def _of_a_node(self, act: Callable[[str], Awaitable[Json]]) -> Handler:
        async def handler(*, node: str) -> Json:
            async with self._changing:  # a node that is started while the servers change would be told of the old ones
                self._watching()
                return await act(node)

        return handler

    def _record(self, pid: int, *, polite: int = signal.SIGKILL) -> None:
        if self._run is not None:
            self._run.record(pid, polite=polite)

    def _silent(self) -> Json:
        """Nodes that could not be asked, if there are any."""
        return {"silent": self._crew.silent} if self._crew.silent else {}

    def _started(self) -> DatabaseServers:
        if self._servers is None:
            raise EnvironmentFailed("the reference provider is not running")
        return self._servers

    def _watching(self) -> ReplicationMonitor:
        if self._watch is None:
            raise EnvironmentFailed("the reference provider is not running")
        return self._watch

    def _need_standby(self, what: str) -> None:
        if self._failed_over:
            raise UsageError(f"{what}: there is no standby any more since the failover; become makes a new one")


def _ms(duration_ns: int) -> float:
    return round(duration_ns / MS, 1)
