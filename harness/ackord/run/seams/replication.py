"""The link between primary and standby: late, narrow, or cut. Shown by write-ahead log positions and by a probe that is written here and read there."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.links.kinds import Bandwidth, Latency
from ...chaos.links.toxic import Toxic
from ...core.clock import MS
from ..environment import LINK
from .base import Armed, Json, SeamDriver, Surroundings

__all__ = ["ReplicationDriver", "behind", "lag_shown"]


def lag_shown(around: Surroundings, armed: Armed) -> Json | None:
    """A probe that took at least as long as the injected delay of ``params["ms"]``, if there was one since arming."""
    lags = [s.probe_lag_ns for s in around.samples(armed.since_ns) if s.probe_lag_ns is not None]
    enough = [lag for lag in lags if lag >= 0.9 * armed.spec.params["ms"] * MS]
    # One slow probe may be the machine's doing; an injected delay slows them all.
    if not lags or len(enough) * 2 < len(lags):
        return None
    return {"probe_lag_ms": round(sorted(lags)[len(lags) // 2] / MS, 2), "probes": len(lags)}


def behind(around: Surroundings, armed: Armed) -> Json | None:
    """How much write-ahead log the standby was behind at most since arming, if it ever was."""
    most = max((s.primary_lsn - s.standby_lsn for s in around.samples(armed.since_ns)), default=0)
    return {"behind_bytes": most} if most > 0 else None


class ReplicationDriver(SeamDriver):
    async def apply(self, active: Sequence[Armed]) -> None:
        toxics: list[Toxic] = []
        cut = False
        for number, armed in enumerate(active):
            p = armed.spec.params
            name = f"{armed.spec.name}_{number}"
            match armed.spec.name:
                case "replication-latency":
                    toxics.append(Latency(name=name, latency_ms=p["ms"], jitter_ms=p["jitter_ms"]))
                case "replication-bandwidth":
                    toxics.append(Bandwidth(name=name, rate_kb_per_s=p["kb_per_s"]))
                case "replication-cut":
                    cut = True
        links = self.around.environment.replication
        await self.around.call(links.set_toxics, LINK, toxics)
        await self.around.call(links.set_cut, LINK, cut)

    async def evidence(self, armed: Armed) -> Json | None:
        if armed.spec.name == "replication-latency":
            return lag_shown(self.around, armed)
        return behind(self.around, armed)

    def shows(self, armed: Armed) -> bool | None:
        if armed.spec.name != "replication-latency":
            return None
        return lag_shown(self.around, armed) is not None
