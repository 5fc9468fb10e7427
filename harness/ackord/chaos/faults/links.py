"""Defines the faults of TCP links.

Each adds toxics to its link, or cuts it; the proof is what the far side lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field, Strict

from ...core.clock import MS
from ...core.event import Begin, Complete
from ...core.operation import Observation, Vantage, acknowledges
from ..links.kinds import BandwidthToxic, LatencyToxic
from ..links.kinds.base import Toxic
from .base import ActiveFault, Fault, Json, Milliseconds, RunControl, Seam, drawn_number

__all__ = ["CutLink", "LinkFault", "NarrowLink", "SlowLink", "bytes_behind", "lag_shown"]

_UNTIL_HEALED_MS = 1000
"""What counts as the length of an outage that lasts until the faults are healed."""
_ORDERS_THAT_PROVE = 3
"""One order that is denied may be the provider's own doing."""


def lag_shown(run: RunControl, armed: ActiveFault[Any], ms: float, replica: str = "") -> Json | None:
    """Return the median lag of the probes since arming, if half of them took nearly the injected ``ms`` or longer."""
    lags = [s.probe_lag_ns for s in run.samples(armed.since_ns, replica) if s.probe_lag_ns is not None]
    enough = [lag for lag in lags if lag >= 0.9 * ms * MS]
    # One slow probe may be the machine's doing; an injected delay slows them all.
    if not lags or len(enough) * 2 < len(lags):
        return None
    return {"probe_lag_ms": round(sorted(lags)[len(lags) // 2] / MS, 2), "probes": len(lags)}


def bytes_behind(run: RunControl, armed: ActiveFault[Any], replica: str = "") -> Json | None:
    """Return how many bytes of write-ahead log the replica was behind at most since arming, if it ever was."""
    most = max((s.primary_lsn - s.standby_lsn for s in run.samples(armed.since_ns, replica)), default=0)
    return {"behind_bytes": most} if most > 0 else None


def longest_lag(run: RunControl, armed: ActiveFault[Any], ms: float, replica: str = "") -> Json | None:
    """Return the longest lag that a probe measured since arming, if it lasted at least half of an outage of ``ms``."""
    longest_ns = max((s.probe_lag_ns or 0 for s in run.samples(armed.since_ns, replica)), default=0)
    return {"longest_probe_lag_ms": round(longest_ns / MS, 1)} if longest_ns >= ms * MS / 2 else None


def not_found_for(run: RunControl, armed: ActiveFault[Any], ms: float) -> Json | None:
    """Return how long the provider's own API denied acknowledged orders since arming, if it was about ``ms``.

    It is the measure of a lag inside a provider that shows nothing but its API; a provider that never shows the lag
    leaves it unproven.
    """
    acknowledged: dict[str, int] = {}
    begun: dict[int, Begin] = {}
    denied: dict[str, int] = {}
    for event in run.events:
        if isinstance(event, Begin) and event.vantage is Vantage.PROVIDER:
            begun[event.op] = event
        elif isinstance(event, Complete) and event.vantage is Vantage.PROVIDER and event.op in begun:
            begin = begun.pop(event.op)
            if acknowledges(begin.kind, event.observation):
                acknowledged.setdefault(begin.order, event.at_ns)
            elif event.observation is Observation.NOT_FOUND:
                since_ns = acknowledged.get(begin.order, 0)
                if since_ns >= armed.since_ns and begin.at_ns - since_ns >= ms * MS / 2:
                    denied[begin.order] = max(denied.get(begin.order, 0), begin.at_ns - since_ns)
    if len(denied) < _ORDERS_THAT_PROVE:
        return None
    longest = sorted(denied.values())
    return {"not_found_for_ms": round(longest[len(longest) // 2] / MS, 1), "orders": len(longest)}


class LinkFault(Fault):
    """A fault of a link: in front of the gateway, or from the primary to its standby or its read model."""

    seams: ClassVar[tuple[Seam, ...]] = (Seam.WIRE, Seam.REPLICATION, Seam.READ_MODEL)
    cuts: ClassVar[bool] = False
    """Whether no byte passes the link while the fault is in force; nothing is lost."""

    def toxics(self, number: int) -> Sequence[Toxic]:
        """Return its toxics; ``number`` tells it from others of its kind on the link, and belongs into their names."""
        return ()

    @property
    def replica(self) -> str:
        """What the link leads to, as samples name it."""
        return "" if self.seam is Seam.REPLICATION else str(self.seam)

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        return bytes_behind(run, armed, self.replica)


class SlowLink(LinkFault):
    """A link on which everything is late."""

    takes_hold_late: ClassVar[bool] = True

    ms: Milliseconds = Field(description="The lag, in milliseconds.")
    jitter_ms: Milliseconds = Field(
        default=0, description="Up to this much more or less, in milliseconds, drawn from the seed."
    )

    def toxics(self, number: int) -> Sequence[Toxic]:
        ms, jitter_ms = drawn_number(self.ms), drawn_number(self.jitter_ms)
        return [LatencyToxic(name=f"{self.fault}_{number}", latency_ms=ms, jitter_ms=jitter_ms)]

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        ms = drawn_number(self.ms)
        if run.samples(0, self.replica):
            return lag_shown(run, armed, ms, self.replica)
        return not_found_for(run, armed, ms)


class NarrowLink(LinkFault):
    """A link that carries only so much."""

    kb_per_s: Annotated[int, Strict(), Field(ge=1)] = Field(
        description="Kilobytes (1,000 bytes) a second, as Toxiproxy counts."
    )

    def toxics(self, number: int) -> Sequence[Toxic]:
        return [BandwidthToxic(name=f"{self.fault}_{number}", rate_kb_per_s=self.kb_per_s)]


class CutLink(LinkFault):
    """A link on which nothing passes."""

    cuts: ClassVar[bool] = True

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        for_ms = _UNTIL_HEALED_MS if self.for_ms is None else drawn_number(self.for_ms)
        if run.samples(0, self.replica):
            return bytes_behind(run, armed, self.replica) or longest_lag(run, armed, for_ms, self.replica)
        return not_found_for(run, armed, for_ms)
