"""Describes a provider as far as a merchant's policy can tell: when orders land and end, and what a number means twice.

There are three sources: the provider of the incident (queries are served by a replica), a contract's promises, and a
measured run. A promise is played at its worst: an order that may be missing for 30 seconds lands at any time within
them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from ...contract.loading.loader import LoadedContract
from ...core.clock import MS, SECOND
from ...core.payment_state import LaterEdge, PaymentState
from ...core.promises import NotFound, SamePayloadAnswer
from ...errors import UsageError

__all__ = ["INCIDENT", "ProviderModel", "model_of_contract", "model_of_run"]

_UNBOUNDED_MEDIAN_NS = 2 * SECOND
_UNBOUNDED_SHAPE = 0.9
"""Landing where the documentation gives no bound: a Pareto tail with this median. One order in 1,000 takes over an
hour. It is an assumption, and ``assumed`` says so."""


@dataclass(frozen=True, slots=True)
class ProviderModel:
    """What a simulated provider does. Durations are in nanoseconds."""

    name: str
    reads_replica: bool = True
    """Queries are served by a replica, which a fault of the replication makes stale."""
    lands_ns: tuple[tuple[float, float], ...] = ()
    """Landing of an order by itself, without any fault: (share of orders, time) by rising share; linear between them.
    Empty: at once. Past the last share an order is not there before the faults are healed."""
    unbounded: bool = False
    """Landing has no published bound: a long tail."""
    settles_ns: tuple[int, int] = (15 * MS, 40 * MS)
    """From the acceptance to the end: between these, evenly by the logarithm."""
    same_payload: SamePayloadAnswer = SamePayloadAnswer.REPLAY_CURRENT
    """Answer to a resubmission."""
    key_retention_ns: int | None = None
    """How long a number is remembered; ``None``: for ever."""
    pays_twice_share: float = 0.0
    """The share of resubmissions that move money again, as measured."""
    declined_share: float = 0.0
    later_edges: tuple[LaterEdge, ...] = (LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED),)
    callback_ns: tuple[int, int] | None = (5 * MS, 50 * MS)
    """From the end to the callback; ``None``: there are no callbacks."""
    assumed: tuple[str, ...] = ()
    """What nobody documented or measured, in sentences."""

    def landing_ns(self, unit: float) -> float:
        """When an order lands, from its acceptance on, for a number in [0, 1); infinite: not before the healing."""
        if self.unbounded:
            # Inverse distribution function of a Pareto tail (Lomax) with the given median.
            scale_ns = _UNBOUNDED_MEDIAN_NS / (2 ** (1 / _UNBOUNDED_SHAPE) - 1)
            return float(scale_ns * ((1 - unit) ** (-1 / _UNBOUNDED_SHAPE) - 1))
        low_share, low_ns = 0.0, 0.0
        for share, at_ns in self.lands_ns:
            if unit < share:
                width = share - low_share
                return low_ns + (at_ns - low_ns) * (unit - low_share) / width if width else at_ns
            low_share, low_ns = share, at_ns
        return math.inf if self.lands_ns else 0.0


INCIDENT = ProviderModel("a provider whose queries are served by a replica")
"""The provider of 2017: it acknowledges from its primary and answers queries from a standby."""


def model_of_contract(loaded: LoadedContract) -> ProviderModel:
    """Return the model of a provider that keeps a contract's promises, and no more than these."""
    contract = loaded.contract
    promises = contract.to_promises()
    assumed: list[str] = []
    settles = contract.timing.settles_within
    if settles is None:
        assumed.append("nobody documents how long a payment takes: 15 to 40 ms are assumed")
    lands: tuple[tuple[float, float], ...] = ()
    if promises.not_found is NotFound.TOLERATED:
        lands = ((1.0, float(promises.not_found_tolerated_ns)),)
    unbounded = promises.not_found is NotFound.INCONCLUSIVE
    if unbounded:
        assumed.append(
            "nobody documents how long an order may be missing: half of them 2 s, one in 1,000 over an hour are assumed"
        )
    if "on_same_payload" in promises.unknown:
        assumed.append(f"nobody documents what a resubmission does: {promises.on_same_payload} is assumed")
    return ProviderModel(
        f"{contract.provider}, as it promises",
        reads_replica=promises.not_found is not NotFound.FORBIDDEN,
        lands_ns=lands,
        unbounded=unbounded,
        settles_ns=(15 * MS, 40 * MS) if settles is None else (max(MS, settles.ns // 100), max(MS, settles.ns)),
        same_payload=promises.on_same_payload,
        key_retention_ns=promises.key_retention_ns,
        later_edges=promises.later_edges,
        callback_ns=INCIDENT.callback_ns if contract.callbacks else None,
        assumed=tuple(assumed),
    )


def model_of_run(result: dict[str, Any], base: ProviderModel) -> ProviderModel:
    """Return ``base`` with what a run measured: its landing window, and how often a resubmission moved money again.

    ``result``: the content of a ``result.json``. Where several profiles ran, the slowest landing counts. Raises
    ``UsageError`` for a result that holds neither.
    """
    profiles = result.get("profiles")
    if not isinstance(profiles, list):
        raise UsageError("the result has no profiles. Expected the result.json of a run")
    measured = [p for p in profiles if isinstance(p, dict)]
    windows = [
        p["landing"] for p in measured if isinstance(p.get("landing"), dict) and p["landing"].get("orders_count")
    ]
    if not windows:
        raise UsageError("the result holds no landing window: no acknowledged order was asked for")
    worst = max(windows, key=lambda w: (w["never_shown_count"], w["seen_missing_count"], w["max_ms"] or 0))
    twice = max((_share_moved_twice(p) for p in measured), default=0.0)
    return replace(
        base,
        name=f"{base.name}, as measured",
        reads_replica=False,
        lands_ns=_points(worst),
        unbounded=False,
        pays_twice_share=twice,
        assumed=(f"landing as measured with {worst['orders_count']} orders", *base.assumed),
    )


def _points(window: dict[str, Any]) -> tuple[tuple[float, float], ...]:
    """The landing's distribution from a result's window: what was never missing landed at once."""
    orders = window["orders_count"]
    missing, lost = window["seen_missing_count"] / orders, window["never_shown_count"] / orders
    points: list[tuple[float, float]] = [(1 - missing, 0.0)] if missing < 1 else []
    for name, share in (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99), ("max_ms", 1 - lost)):
        # A quantile past the share of orders that landed at all says nothing.
        if window[name] is not None and share <= 1 - lost and (not points or share > points[-1][0]):
            points.append((share, float(window[name]) * MS))
    return tuple(points)


def _share_moved_twice(profile: dict[str, Any]) -> float:
    for verdict in profile.get("guarantees", []):
        if verdict["id"] == "resubmission-moves-money-once" and verdict["orders_count"]:
            return float(verdict["violations_count"]) / float(verdict["orders_count"])
    return 0.0
