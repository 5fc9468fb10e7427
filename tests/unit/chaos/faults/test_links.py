"""Link faults: their toxics, and what shows that a replica lags."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.chaos.faults import ActiveFault, LinkFault
from ackord.chaos.faults.read_model_latency import ReadModelLatency
from ackord.chaos.faults.replication_bandwidth import ReplicationBandwidth
from ackord.chaos.faults.replication_cut import ReplicationCut
from ackord.chaos.faults.replication_latency import ReplicationLatency
from ackord.core.clock import MS
from ackord.core.event import ReplicationSample


class FakeRun:
    """A run of which only samples are wanted."""

    def __init__(self, *samples: ReplicationSample) -> None:
        self._samples = samples

    def samples(self, since_ns: int, replica: str = "") -> list[ReplicationSample]:
        return [s for s in self._samples if s.at_ns >= since_ns and s.replica == replica]


def shown(fault: LinkFault, *samples: ReplicationSample, since_ns: int = 0) -> Any:
    run: Any = FakeRun(*samples)
    return asyncio.run(fault.evidence(run, ActiveFault(fault, since_ns)))


def probe(lag_ms: int, at_ns: int = 1, replica: str = "") -> ReplicationSample:
    return ReplicationSample(at_ns, 9, 9, lag_ms * MS, replica)


@pytest.mark.parametrize(
    ("lags_ms", "evidence"),
    [([], None), ([35], None), ([36], {"probe_lag_ms": 36.0, "probes": 1}), ([1, 1, 90], None)],
)
def test_half_of_the_probes_must_be_as_late_as_the_lag(lags_ms: list[int], evidence: Any) -> None:
    fault = ReplicationLatency(fault="replication-latency", ms=40)
    assert shown(fault, *map(probe, lags_ms)) == evidence


def test_probes_before_the_arming_or_of_another_replica_show_nothing() -> None:
    fault = ReadModelLatency(fault="read-model-latency", ms=40)
    late = probe(50, at_ns=5, replica="read-model")
    assert shown(fault, late) == {"probe_lag_ms": 50.0, "probes": 1}
    assert shown(fault, late, since_ns=6) is None
    assert shown(fault, probe(50)) is None


def test_a_link_that_is_cut_or_narrow_is_shown_by_what_the_replica_lacks() -> None:
    for fault in (
        ReplicationCut(fault="replication-cut"),
        ReplicationBandwidth(fault="replication-bandwidth", kb_per_s=5),
    ):
        assert shown(fault, ReplicationSample(1, 70, 50, None)) == {"behind_bytes": 20}
        assert shown(fault, ReplicationSample(1, 70, 70, None)) is None


def test_toxics_are_told_apart_by_their_place() -> None:
    fault = ReplicationLatency(fault="replication-latency", ms=40, jitter_ms=3)
    assert [toxic.name for n in (0, 1) for toxic in fault.toxics(n)] == [
        "replication-latency_0",
        "replication-latency_1",
    ]
    assert not ReplicationCut(fault="replication-cut").toxics(0)
