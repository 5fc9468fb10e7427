"""Faults that are done and undone: what each arming did is its own evidence, and nothing else is."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from ackord.chaos.faults import ActiveFault, Seam
from ackord.chaos.faults.node_pause import NodePause
from ackord.core.clock import RealClock
from ackord.run.injectors import InjectorContext
from ackord.run.injectors.triggers import TriggerInjector


def injector(told: list[str]) -> TriggerInjector:
    def reference(do: str, node: str) -> dict[str, Any]:
        told.append(f"{do} {node}")
        return {"state": "T"}

    environment: Any = SimpleNamespace(nodes=("A", "B"), reference=reference)
    recorder: Any = SimpleNamespace(events=[])
    return TriggerInjector(InjectorContext(environment, recorder, RealClock(), 1), Seam.PROCESS)


def test_each_outage_takes_the_next_node_and_gives_it_back() -> None:
    told: list[str] = []
    pauses = injector(told)
    armed = [ActiveFault(NodePause(fault="node-pause"), 0) for _ in range(3)]

    async def play() -> None:
        for active in (armed[:1], armed, armed[1:], []):
            await pauses.apply(active)

    asyncio.run(play())
    assert told == ["pause A", "pause B", "resume A", "pause A", "resume B", "resume A"]
    assert pauses.run.held_nodes == []


def test_an_earlier_arming_is_no_evidence_for_a_later_one() -> None:
    pauses = injector([])
    fault = NodePause(fault="node-pause", node="A")

    async def play() -> list[Any]:
        first, second = ActiveFault(fault, 0), ActiveFault(fault, 9)
        await pauses.apply([first])
        await pauses.apply([])
        return [await fault.evidence(pauses.run, armed) for armed in (first, second)]

    assert asyncio.run(play()) == [{"node": "A", "state": "T"}, None]
