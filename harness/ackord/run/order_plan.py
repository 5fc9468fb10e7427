"""Fit a profile's orders into the number that a contract's limits leave for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..chaos.profile import Profile
from .options.plan import RunBudget

__all__ = ["OrderPlan", "limits_note", "plan_orders"]

_MACHINE_PART = 4
"""One in so many of the orders that the limits leave is kept for the machine."""
_STEPS_PER_ORDER = 4
"""About so many steps of the machine go by from one new order to the next."""


class OrderPlan(NamedTuple):
    """How many orders a profile would submit, and how many it may."""

    allowed: int
    load: int
    """Orders of all waves of load together."""
    machine: int
    """About how many orders the machine makes."""

    @property
    def cut(self) -> bool:
        return self.load + self.machine > self.allowed

    def wave(self, orders: int) -> int:
        """Return how many of a wave's orders are submitted: each wave gives up the same part."""
        kept = min(self.machine, -(-self.allowed // _MACHINE_PART))
        room = max(0, self.allowed - kept)
        return orders if self.load <= room else orders * room // self.load

    def to_json(self) -> dict[str, int]:
        return self._asdict()


def plan_orders(profile: Profile, budget: RunBudget, allowed: int) -> OrderPlan:
    phases = profile.phases
    machine = budget.examples * budget.steps // _STEPS_PER_ORDER if profile.machine else 0
    return OrderPlan(allowed, phases.steady.orders + budget.waves * phases.disturb.orders, machine)


def limits_note(options: Mapping[str, Any]) -> str:
    """Return what a recorded run's limits took from its profile; empty if nothing."""
    plan = options.get("orders")
    if plan is None or not OrderPlan(**plan).cut:
        return ""
    return (
        f"limits.orders of the contract left this profile {plan['allowed']:,} orders of the about "
        f"{plan['load'] + plan['machine']:,} that it plays otherwise: it saw fewer occasions"
    )
