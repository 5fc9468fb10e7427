"""Arming: applies a profile's faults at their seams, takes them back, and proves that they did something.

A fault that was announced and did nothing must not count: "held" would then mean "was never tested". So a fault is *effective* only by evidence from
the far side: write-ahead log positions and a probe for replication, counters of the provider for its channel, a new process for a crash;
faults at the edge are proven operation by operation (``fired``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from ..chaos.faults import FaultSpec
from ..core.clock import MS, Clock
from ..core.event import FaultChange, ReplicationSample
from ..record.recorder import Recorder
from .environment import EDGE, LINK, Environment

__all__ = ["Arming"]

Json = dict[str, Any]

_CALM_CHANNEL = {"timeout_share": 0.0, "pays_share": 1.0, "return_share": 0.0, "busy_share": 0.0, "decline_share": 0.02}


class Arming:
    """One profile's faults in one run."""

    def __init__(
        self, environment: Environment, recorder: Recorder, clock: Clock, *, seed: int, inject: bool = True
    ) -> None:
        self._environment = environment
        self._recorder = recorder
        self._clock = clock
        self._seed = seed
        self._inject = inject
        self._armed: list[FaultSpec] = []
        self._armed_ns: dict[str, int] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._crashes = 0
        self._cuts = 0
        self._cut_now = False

    # -- arming and healing ----------------------------------------------------------------------------------------------

    async def arm(self, spec: FaultSpec) -> None:
        """Put a fault in force; one that is in force already stays as it is."""
        if self._is_armed(spec):
            return
        self._change(spec, "armed", {**spec.params, "share": spec.share})
        self._armed.append(spec)
        self._armed_ns[spec.name] = self._clock.now_ns()
        if self._inject:
            await self._apply(spec)

    async def heal(self, spec: FaultSpec) -> None:
        if not self._is_armed(spec):
            return
        self._armed = [s for s in self._armed if s is not spec]
        task = self._tasks.pop(spec.name, None)
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._inject:
            await self._apply(spec)
        self._change(spec, "healed", {})

    async def heal_all(self) -> None:
        """Take everything back, whatever fails meanwhile; the first failure is raised at the end."""
        failure: BaseException | None = None
        for spec in self._armed:
            try:
                await self.heal(spec)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    async def _apply(self, spec: FaultSpec) -> None:
        """Make the seam of ``spec`` what the armed faults say together."""
        if spec.name == "replication-cut" and self._is_armed(spec):
            self._tasks[spec.name] = asyncio.create_task(self._cut_again_and_again(spec))
            return
        if spec.name == "node-crash":
            if self._is_armed(spec):
                self._tasks[spec.name] = asyncio.create_task(self._crash_again_and_again(spec))
            return
        match spec.seam:
            case "edge":
                rules = [s.to_rule() for s in self._armed if s.seam == "edge"]
                await self._call(self._environment.chaos.set_rules, EDGE, seed=self._seed, rules=rules)
            case "replication":
                await self._apply_replication()
            case "channel" | "hook":
                await self._apply_channel()

    async def _apply_replication(self) -> None:
        shape: Json = {"latency_ms": 0.0, "jitter_ms": 0.0, "bandwidth_kib_per_s": None, "cut": self._cut_now}
        delay_ms = 0
        for spec in self._armed:
            p = spec.params
            if spec.name == "replication-latency":
                shape |= {"latency_ms": p["ms"], "jitter_ms": p.get("jitter_ms", 0)}
            elif spec.name == "replication-bandwidth":
                shape["bandwidth_kib_per_s"] = p["kib_per_s"]
            elif spec.name == "apply-delay":
                delay_ms = p["ms"]
        await self._call(self._environment.chaos.set_link, LINK, seed=self._seed, **shape)
        await self._call(self._environment.reference, "apply_delay", ms=delay_ms)

    async def _apply_channel(self) -> None:
        levers: Json = dict(_CALM_CHANNEL)
        for spec in self._armed:
            p = spec.params
            if spec.name == "channel-timeouts":
                levers |= {"timeout_share": spec.share, "pays_share": p["pays"]}
            elif spec.name == "channel-latency":
                levers["latency_ms"] = p["ms"]
            elif spec.name == "channel-returns":
                levers["return_share"] = spec.share
            elif spec.name == "provider-busy":
                levers["busy_share"] = spec.share
        await self._call(self._environment.reference, "channel", **levers)

    async def _cut_again_and_again(self, spec: FaultSpec) -> None:
        """Cut the link for ``for_ms``, again in every ``every_ms``; connected again when it is cancelled."""
        for_ms, every_ms = spec.params["for_ms"], spec.params.get("every_ms")
        try:
            while True:
                await self._cut(True)
                self._cuts += 1
                await asyncio.sleep(for_ms / 1000)
                await self._cut(False)
                if every_ms is None:
                    return
                await asyncio.sleep(max(0, every_ms - for_ms) / 1000)
        finally:
            await asyncio.shield(self._cut(False))

    async def _cut(self, cut: bool) -> None:
        self._cut_now = cut
        await self._apply_replication()

    async def _crash_again_and_again(self, spec: FaultSpec) -> None:
        nodes = self._environment.nodes
        count = 0
        while True:
            await asyncio.sleep(spec.params["every_ms"] / 1000)
            node = nodes[count % len(nodes)]
            count += 1
            at_ns = self._clock.now_ns()
            await self._call(self._environment.reference, "crash", node=node)
            self._crashes += 1
            self._recorder.add(FaultChange(at_ns, spec.name, "fired", spec.seam, 0, {"node": node}))

    # -- proof ----------------------------------------------------------------------------------------------------------

    async def wait_effective(self, limit_ms: int = 2500) -> None:
        """Wait until the lag on the link shows on the standby, at most ``limit_ms``; without injection there is nothing to wait for."""
        waiting = [s for s in self._armed if s.name in ("replication-latency", "apply-delay")]
        for _ in range(limit_ms // 10 if self._inject else 0):
            if all(self._lag_shown(s) is not None for s in waiting):
                return
            await asyncio.sleep(0.01)

    async def prove(self) -> None:
        """Record ``effective`` for every armed fault of which there is evidence."""
        for spec in self._armed:
            evidence = await self._evidence(spec)
            if evidence is not None:
                self._change(spec, "effective", evidence)

    async def _evidence(self, spec: FaultSpec) -> Json | None:
        if not self._inject:
            return self._lag_shown(spec) if spec.name in ("replication-latency", "apply-delay") else None
        match spec.name:
            case "replication-latency" | "apply-delay":
                return self._lag_shown(spec)
            case "replication-cut" | "replication-bandwidth":
                behind = max((s.primary_lsn - s.standby_lsn for s in self._samples(spec)), default=0)
                return {"cuts": self._cuts, "behind_bytes": behind} if behind > 0 else None
            case "channel-timeouts" | "channel-returns" | "provider-busy" | "channel-latency":
                return await self._channel_evidence(spec)
        return None

    async def _channel_evidence(self, spec: FaultSpec) -> Json | None:
        counters = (await self._call(self._environment.reference, "channel")).get("counters", {})
        name = {"channel-timeouts": "timeouts", "channel-returns": "returns", "provider-busy": "busy"}.get(
            spec.name, "payments"
        )
        return {name: counters[name]} if counters.get(name) else None

    def _lag_shown(self, spec: FaultSpec) -> Json | None:
        """A probe that took at least as long as the injected delay, if there was one since arming."""
        lags = [s.probe_lag_ns for s in self._samples(spec) if s.probe_lag_ns is not None]
        enough = [lag for lag in lags if lag >= 0.9 * spec.params["ms"] * MS]
        # One slow probe may be the machine's doing; an injected delay slows them all.
        if not lags or len(enough) * 2 < len(lags):
            return None
        return {"probe_lag_ms": round(sorted(lags)[len(lags) // 2] / MS, 2), "probes": len(lags)}

    def _samples(self, spec: FaultSpec) -> list[ReplicationSample]:
        since_ns = self._armed_ns[spec.name]
        # A probe measures from its own beginning, so only those that began after arming count.
        return [
            e
            for e in self._recorder.events
            if type(e) is ReplicationSample and e.at_ns - (e.probe_lag_ns or 0) >= since_ns
        ]

    def _is_armed(self, spec: FaultSpec) -> bool:
        return any(s is spec for s in self._armed)

    # -- help -----------------------------------------------------------------------------------------------------------

    def _change(self, spec: FaultSpec, change: str, detail: Json) -> None:
        self._recorder.add(FaultChange(self._clock.now_ns(), spec.name, change, spec.seam, 0, detail))

    @staticmethod
    async def _call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """A control call blocks its thread, never the loop that clocks the operations."""
        return await asyncio.to_thread(function, *arguments, **named)
