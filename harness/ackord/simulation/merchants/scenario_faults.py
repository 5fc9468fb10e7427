"""Turns a chaos profile into what a simulated order meets: rules of the edge, a stale replica, a bank in trouble.

The faults are the profile's own objects: edge rules are decided by the gateway's ``RuleSet``, a bank's settings come
from the faults' own ``change``. What needs processes or machines has no simulation, and is named.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast

from ...chaos.faults.apply_delay import ApplyDelay
from ...chaos.faults.base import Fault, RunControl, Seam, drawn_number
from ...chaos.faults.controls import CountedFault
from ...chaos.faults.edge import EdgeFault
from ...chaos.faults.links import CutLink, LinkFault, SlowLink
from ...chaos.faults.stale_list import StaleList
from ...chaos.gateway.rules import RuleSet
from ...chaos.profile import Profile
from ...chaos.timing.schedule import Schedule
from ...core.clock import MS
from ...core.seed import Seed
from ...providers.service.bank_channel import ChannelSettings

__all__ = ["ScenarioFaults", "edge_fault_names", "faults_without_simulation", "why_not_simulated"]

_REPLICAS = (Seam.REPLICATION, Seam.READ_MODEL)
_BASE_LAG_NS = 300_000
"""How far a replica is behind when nothing disturbs it."""


def _is_simulated(fault: Fault) -> bool:
    if isinstance(fault, LinkFault):
        return fault.seam in _REPLICAS and isinstance(fault, SlowLink | CutLink)
    return isinstance(fault, EdgeFault | ApplyDelay | CountedFault)


def faults_without_simulation(profile: Profile) -> list[str]:
    """The names of a profile's faults that a simulation leaves out."""
    return sorted({fault.fault for fault in profile.faults if not _is_simulated(fault)})


def edge_fault_names(profile: Profile) -> list[str]:
    """The names of a profile's faults of the edge that take part in every run."""
    return sorted({f.fault for f in profile.faults if isinstance(f, EdgeFault) and f.probability == 1.0})


def why_not_simulated(profile: Profile) -> str:
    """Why a profile cannot be simulated; empty: it can, maybe without some of its faults.

    A fault that proves a guarantee is what the profile is about. A profile without faults has its trouble in its
    workload, which a policy replaces; ``none`` is the control.
    """
    missing = faults_without_simulation(profile)
    if profile.statement:
        return "it is about the provider's statement, which no policy reads"
    if any(isinstance(fault, StaleList) for fault in profile.faults):
        return "its answers are lists of orders, and the model answers about one"
    central = sorted({fault.fault for fault in profile.faults if fault.proves and fault.fault in missing})
    if central or (profile.faults and len(missing) == len({fault.fault for fault in profile.faults})):
        return f"{', '.join(central or missing)} needs processes or machines, which no model has"
    if not profile.faults and profile.name != "none":
        return "its trouble is in its workload, and a policy is the workload here"
    return ""


@dataclass(frozen=True, slots=True)
class _Lag:
    """A replica's delay, or a cut (``None``), and when it is in force."""

    lag_ns: int | None
    schedule: Schedule


class ScenarioFaults:
    """The faults of one drawing of a profile, armed at 0 and healed at ``healed_ns``."""

    def __init__(self, profile: Profile, seed: Seed, healed_ns: int) -> None:
        drawn = profile.drawn(seed)
        self.healed_ns = healed_ns
        self.rules = RuleSet(seed.value, [f.to_rule() for f in drawn.faults if isinstance(f, EdgeFault)])
        self._lags = [_lag_of(fault) for fault in drawn.faults if _is_replica_s(fault)]
        self._bank = [(f, f.schedule()) for f in drawn.faults if isinstance(f, CountedFault)]
        self._calm = ChannelSettings()
        self._constant = all(schedule == Schedule() for _, schedule in self._bank)
        self._disturbed = self._settings(0) if self._constant else None

    @property
    def has_edge_rules(self) -> bool:
        return bool(self.rules.rules)

    def replicated_until_ns(self, now_ns: int) -> int:
        """Up to which instant a replica knows at ``now_ns`` what its primary wrote."""
        if now_ns >= self.healed_ns or not self._lags:
            return now_ns - _BASE_LAG_NS
        return min(_until_ns(lag, now_ns) for lag in self._lags)

    def bank(self, now_ns: int) -> ChannelSettings:
        """How the provider's bank behaves at ``now_ns``."""
        if now_ns >= self.healed_ns or not self._bank:
            return self._calm
        return self._disturbed or self._settings(now_ns)

    def bank_is_back_ns(self, now_ns: int) -> int:
        """When a bank that is down at ``now_ns`` is up again."""
        while now_ns < self.healed_ns and self.bank(now_ns).down:
            changes = [n for _, schedule in self._bank if (n := schedule.next_change_ns(now_ns)) is not None]
            now_ns = min([*changes, self.healed_ns])
        return now_ns

    def _settings(self, now_ns: int) -> ChannelSettings:
        settings = asdict(self._calm)
        for fault, schedule in self._bank:
            if schedule.is_on(now_ns):
                # No fault of the bank asks the run for anything.
                fault.change(settings, cast("RunControl", None))
        return self._calm.changed(**settings)


def _is_replica_s(fault: Fault) -> bool:
    return isinstance(fault, ApplyDelay) or (isinstance(fault, LinkFault) and fault.seam in _REPLICAS)


def _lag_of(fault: Any) -> _Lag:
    if isinstance(fault, CutLink):
        return _Lag(None, fault.schedule())
    if isinstance(fault, SlowLink | ApplyDelay):
        return _Lag(round(drawn_number(fault.ms) * MS), fault.schedule())
    return _Lag(_BASE_LAG_NS, fault.schedule())  # a narrow link is not simulated


def _until_ns(lag: _Lag, now_ns: int) -> int:
    schedule = lag.schedule
    if not schedule.is_on(now_ns):
        return now_ns - _BASE_LAG_NS
    if lag.lag_ns is not None:
        return now_ns - max(lag.lag_ns, _BASE_LAG_NS)
    first_ns = round(schedule.after_ms * MS)
    if schedule.every_ms is None:
        return first_ns
    return now_ns - (now_ns - first_ns) % round(schedule.every_ms * MS)
