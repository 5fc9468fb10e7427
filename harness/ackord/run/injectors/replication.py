"""The links from the primary to its copies, a standby and a read model: late, narrow, or cut. Shown by write-ahead log positions and by a probe that is written here and read there."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.links.kinds import BandwidthToxic, LatencyToxic
from ...chaos.links.kinds.base import Toxic
from ...core.clock import MS
from ..environments.base import LINK, READ_MODEL
from .base import ActiveFault, Injector, InjectorContext, Json

__all__ = ["ReadModelInjector", "ReplicationInjector", "behind", "lag_shown"]


def lag_shown(around: InjectorContext, armed: ActiveFault, replica: str = "") -> Json | None:
    """A probe that took at least as long as the injected delay of ``params["ms"]``, if there was one since arming."""
    lags = [s.probe_lag_ns for s in around.samples(armed.since_ns, replica) if s.probe_lag_ns is not None]
    enough = [lag for lag in lags if lag >= 0.9 * armed.spec.params["ms"] * MS]
    # One slow probe may be the machine's doing; an injected delay slows them all.
    if not lags or len(enough) * 2 < len(lags):
        return None
    return {"probe_lag_ms": round(sorted(lags)[len(lags) // 2] / MS, 2), "probes": len(lags)}


def behind(around: InjectorContext, armed: ActiveFault, replica: str = "") -> Json | None:
    """How much write-ahead log the standby, or another replica, was behind at most since arming, if it ever was."""
    most = max((s.primary_lsn - s.standby_lsn for s in around.samples(armed.since_ns, replica)), default=0)
    return {"behind_bytes": most} if most > 0 else None


class ReplicationInjector(Injector):
    link = LINK
    replica = ""

    async def apply(self, active: Sequence[ActiveFault]) -> None:
        toxics: list[Toxic] = []
        cut = False
        for number, armed in enumerate(active):
            p = armed.spec.params
            name = f"{armed.spec.name}_{number}"
            match _kind(armed):
                case "latency":
                    toxics.append(LatencyToxic(name=name, latency_ms=p["ms"], jitter_ms=p["jitter_ms"]))
                case "bandwidth":
                    toxics.append(BandwidthToxic(name=name, rate_kb_per_s=p["kb_per_s"]))
                case "cut":
                    cut = True
        links = self.around.environment.replication
        await self.around.call(links.set_toxics, self.link, toxics)
        await self.around.call(links.set_cut, self.link, cut)

    async def evidence(self, armed: ActiveFault) -> Json | None:
        shown = lag_shown if _kind(armed) == "latency" else behind
        return shown(self.around, armed, self.replica)

    def shows(self, armed: ActiveFault) -> bool | None:
        if _kind(armed) != "latency":
            return None
        return lag_shown(self.around, armed, self.replica) is not None


class ReadModelInjector(ReplicationInjector):
    link = READ_MODEL
    replica = "read-model"


def _kind(armed: ActiveFault) -> str:
    """``latency`` of ``replication-latency`` and of ``read-model-latency``."""
    return armed.spec.name.rpartition("-")[2]
