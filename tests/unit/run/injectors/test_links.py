"""Links under faults: all toxics together, and a cut that is taken back once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from ackord.chaos.faults import ActiveFault, LinkFault, Seam
from ackord.chaos.faults.replication_cut import ReplicationCut
from ackord.chaos.faults.replication_latency import ReplicationLatency
from ackord.core.clock import RealClock
from ackord.run.injectors import InjectorContext
from ackord.run.injectors.links import LinkInjector


def test_a_link_is_made_what_the_faults_in_force_say() -> None:
    told: list[Any] = []
    engine = SimpleNamespace(
        set_toxics=lambda link, toxics: told.append([toxic.name for toxic in toxics]),
        set_cut=lambda link, cut: told.append(cut),
    )
    environment: Any = SimpleNamespace(replication=engine)
    recorder: Any = SimpleNamespace(events=[])
    links = LinkInjector(InjectorContext(environment, recorder, RealClock(), 1), Seam.REPLICATION)
    lag: ActiveFault[LinkFault] = ActiveFault(ReplicationLatency(fault="replication-latency", ms=5), 0)
    cut: ActiveFault[LinkFault] = ActiveFault(ReplicationCut(fault="replication-cut"), 0)

    async def play() -> None:
        for active in ([lag], [lag, cut], [lag], []):
            await links.apply(active)

    asyncio.run(play())
    assert told == [["replication-latency_0"], ["replication-latency_0"], True, ["replication-latency_0"], False, []]
