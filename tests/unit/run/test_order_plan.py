"""A profile's orders within the limits."""

from __future__ import annotations

import pytest

from ackord.run.options.plan import BUDGETS
from ackord.run.order_plan import OrderPlan, limits_note, plan_orders
from ackord.run.resolve import load_profile


def test_limits_that_are_not_reached_change_nothing() -> None:
    profile = load_profile("none")
    plan = plan_orders(profile, BUDGETS.get("quick"), 20_000)
    assert not plan.cut
    assert plan.wave(profile.phases.disturb.orders) == profile.phases.disturb.orders
    assert limits_note({"orders": plan.to_json()}) == ""
    assert limits_note({}) == "", "a journal of another version"


@pytest.mark.parametrize("allowed", [0, 1, 2, 5, 12, 25, 99])
def test_every_wave_gives_up_the_same_part_and_the_machine_keeps_some(allowed: int) -> None:
    plan = OrderPlan(allowed, load=250, machine=15)
    sent = plan.wave(50) + plan.wave(200)
    assert sent <= allowed
    assert allowed < 6 or allowed / 2 < sent < allowed
    assert "limits.orders" in limits_note({"orders": plan.to_json()})
