"""Faults of the provider's settings: what they change, and what was counted of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.chaos.faults import ActiveFault, CountedFault
from ackord.chaos.faults.channel_down import ChannelDown
from ackord.chaos.faults.channel_timeouts import ChannelTimeouts


class FakeRun:
    """A provider that counts."""

    def __init__(self, **counters: int) -> None:
        self._counters = counters

    async def control(self, do: str) -> dict[str, Any]:
        return {"counters": self._counters}


@pytest.mark.parametrize(
    ("before", "now", "evidence"),
    [({}, {"refused": 2}, {"refused": 2}), ({"refused": 2}, {"refused": 2}, None), ({"refused": 9}, {}, None)],
)
def test_only_what_was_counted_since_the_arming_is_evidence(
    before: dict[str, int], now: dict[str, int], evidence: Any
) -> None:
    fault: CountedFault = ChannelDown(fault="channel-down")
    run: Any = FakeRun(**now)
    armed = ActiveFault(fault, 0, answer={"counters": before})
    assert asyncio.run(fault.evidence(run, armed)) == evidence


def test_a_fault_that_was_never_in_force_has_no_evidence() -> None:
    fault = ChannelDown(fault="channel-down")
    run: Any = FakeRun(refused=2)
    assert asyncio.run(fault.evidence(run, ActiveFault(fault, 0))) is None


def test_a_fault_changes_the_settings_that_it_is_calm_without() -> None:
    fault = ChannelTimeouts(fault="channel-timeouts", share=0.25, pays=0.5)
    settings = dict(fault.calm)
    run: Any = FakeRun()
    fault.change(settings, run)
    assert settings == {"timeout_share": 0.25, "pays_share": 0.5}
