"""Settings of the provider: what it is told together, and what shows it, arming by arming; the clocks of nodes among
them.
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.chaos.faults import ActiveFault, Seam
from ackord.chaos.faults.channel_declines import ChannelDeclines
from ackord.chaos.faults.clock_step import ClockStep
from ackord.core.clock import RealClock
from ackord.run.injectors import InjectorContext
from ackord.run.injectors.controls import ControlInjector

ASKING_S = 0.02
"""How long it takes to ask: what is known of a clock is known between two bounds."""


class FakeNodes:
    """Two nodes that do as they are told, except for those that are ``deaf`` and those that are ``silent``."""

    def __init__(self) -> None:
        self.told: list[dict[str, float]] = []
        self.deaf: set[str] = set()
        self.silent: set[str] = set()
        self._steps_s: dict[str, float] = {}

    def reference(self, do: str, steps_s: dict[str, float] | None = None) -> dict[str, Any]:
        assert do == "clock"
        if steps_s is not None:
            self.told.append(steps_s)
            self._steps_s = {node: by_s for node, by_s in steps_s.items() if node not in self.deaf}
        return {"nodes": {node: self._says(node) for node in "AB" if node not in self.silent}}

    def _says(self, node: str) -> dict[str, Any]:
        step_s = self._steps_s.get(node, 0.0)
        return {"ahead_s": {"least": step_s - ASKING_S, "most": step_s}}


def armed(by_s: float, node: str = "") -> ActiveFault[ClockStep]:
    return ActiveFault(ClockStep(fault="clock-step", by_s=by_s, node=node), 0)


def driver() -> tuple[ControlInjector, FakeNodes]:
    nodes = FakeNodes()
    environment: Any = SimpleNamespace(nodes=("A", "B"), reference=nodes.reference)
    recorder: Any = SimpleNamespace(events=[])
    return ControlInjector(InjectorContext(environment, recorder, RealClock(), 1), Seam.CLOCK), nodes


def test_every_node_is_told_its_own_steps_together_and_back_to_none() -> None:
    async def play() -> list[dict[str, float]]:
        clocks, nodes = driver()
        every, one = armed(60), armed(-5, "B")
        for active in ([every], [every, one], [one], []):
            await clocks.apply(active)
        return nodes.told

    assert asyncio.run(play()) == [{"A": 60, "B": 60}, {"A": 60, "B": 55}, {"B": -5}, {}]


@pytest.mark.parametrize(
    ("by_s", "node", "deaf", "shown"),
    [
        (60, "B", "", True),
        (-60, "", "", True),
        (60, "B", "A", True),
        (60, "B", "B", False),
        (60, "", "A", False),
        (0.01, "A", "", False),  # asking takes longer than that, so a clock that was never stepped would look the same
    ],
)
def test_only_a_clock_that_shows_the_step_is_evidence(by_s: float, node: str, deaf: str, shown: bool) -> None:
    async def play() -> Any:
        clocks, nodes = driver()
        nodes.deaf = set(deaf)
        fault = armed(by_s, node)
        await clocks.apply([fault])
        await clocks.apply([])
        return await fault.fault.evidence(clocks.run, fault)

    evidence = asyncio.run(play())
    assert (evidence is not None) == shown
    if shown:
        assert set(evidence["nodes"]) == set(node or "AB")


def test_a_node_that_was_silent_is_looked_at_again() -> None:
    async def play() -> tuple[Any, Any]:
        clocks, nodes = driver()
        nodes.silent = {"A"}
        fault = armed(60)
        await clocks.apply([fault])
        unseen = await fault.fault.evidence(clocks.run, fault)
        nodes.silent = set()
        return unseen, await fault.fault.evidence(clocks.run, fault)

    unseen, seen = asyncio.run(play())
    assert unseen is None
    assert set(seen["nodes"]) == {"A", "B"}


def test_steps_that_take_each_other_back_show_nothing() -> None:
    async def play() -> list[Any]:
        clocks, _ = driver()
        there, back = armed(60, "A"), armed(-60, "A")
        await clocks.apply([there, back])
        return [await each.fault.evidence(clocks.run, each) for each in (there, back)]

    assert asyncio.run(play()) == [None, None]


class FakeBank:
    """Counts as it is told, and never starts from 0 again."""

    def __init__(self) -> None:
        self.counters = {"declines": 0}
        self.told: list[dict[str, Any]] = []

    def reference(self, do: str, **settings: Any) -> dict[str, Any]:
        assert do == "channel"
        if settings:
            self.told.append(settings)
        return {**settings, "counters": dict(self.counters)}


def test_what_an_earlier_arming_did_does_not_count_for_a_later_one() -> None:
    bank = FakeBank()
    environment: Any = SimpleNamespace(nodes=("A",), reference=bank.reference)
    recorder: Any = SimpleNamespace(events=[])
    channel = ControlInjector(InjectorContext(environment, recorder, RealClock(), 1), Seam.CHANNEL)
    fault = ChannelDeclines(fault="channel-declines", share=0.5)

    async def play() -> list[Any]:
        first, second = ActiveFault(fault, 0), ActiveFault(fault, 9)
        await channel.apply([first])
        bank.counters["declines"] += 3
        shown = [await fault.evidence(channel.run, first)]
        await channel.apply([])
        await channel.apply([second])
        shown.append(await fault.evidence(channel.run, second))
        bank.counters["declines"] += 1
        return [*shown, await fault.evidence(channel.run, second)]

    assert asyncio.run(play()) == [{"declines": 3}, None, {"declines": 1}]
    assert bank.told == [{"decline_share": 0.5}, {"decline_share": 0.0}, {"decline_share": 0.5}]
