"""Link faults: their toxics, and what shows that a replica lags."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from ackord.chaos.faults import ActiveFault, LinkFault
from ackord.chaos.faults.read_model_latency import ReadModelLatency
from ackord.chaos.faults.replication_bandwidth import ReplicationBandwidth
from ackord.chaos.faults.replication_cut import ReplicationCut
from ackord.chaos.faults.replication_latency import ReplicationLatency
from ackord.core.clock import MS
from ackord.core.event import Begin, Complete, Event, ReplicationSample
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState


class FakeRun:
    """A run of which only samples and events are wanted."""

    def __init__(self, *samples: ReplicationSample, events: Sequence[Event] = ()) -> None:
        self._samples = samples
        self.events = events

    def samples(self, since_ns: int, replica: str = "") -> list[ReplicationSample]:
        return [s for s in self._samples if s.at_ns >= since_ns and s.replica == replica]


def shown(fault: LinkFault, *samples: ReplicationSample, since_ns: int = 0, events: Sequence[Event] = ()) -> Any:
    run: Any = FakeRun(*samples, events=events)
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


def exchange(op: int, kind: OperationKind, order: str, at_ms: float, observation: Observation) -> list[Event]:
    """One exchange at the provider, of no length."""
    at_ns = int(at_ms * MS)
    begin = Begin(at_ns, Vantage.PROVIDER, op, 0, kind, "main", order, 1, "", None, "")
    state = PaymentState.UNKNOWN
    return [begin, Complete(at_ns, Vantage.PROVIDER, op, 0, Outcome.OK, observation, state, None, None, "", None)]


def denied(count: int, for_ms: float) -> list[Event]:
    """Orders that are acknowledged at 10 ms, denied for so long, and then shown."""
    events: list[Event] = []
    for op, order in enumerate(map(str, range(count))):
        events += exchange(3 * op, OperationKind.SUBMIT, order, 10, Observation.ACK)
        events += exchange(3 * op + 1, OperationKind.QUERY, order, 10 + for_ms, Observation.NOT_FOUND)
        events += exchange(3 * op + 2, OperationKind.QUERY, order, 90, Observation.STATUS)
    return events


def test_where_nothing_is_sampled_the_provider_s_own_denials_are_the_measure() -> None:
    lag = ReplicationLatency(fault="replication-latency", ms=40)
    assert shown(lag, events=denied(3, 30)) == {"not_found_for_ms": 30.0, "orders": 3}
    assert shown(lag, events=denied(2, 30)) is None, "too few orders"
    assert shown(lag, events=denied(3, 19)) is None, "too short for this lag"
    assert shown(lag, events=denied(3, 30), since_ns=11 * MS) is None, "acknowledged before the arming"
    assert shown(lag, probe(1), events=denied(3, 30)) is None, "the probe knows better"
    cut = ReplicationCut(fault="replication-cut", for_ms=60)
    assert shown(cut, events=denied(3, 30)) == {"not_found_for_ms": 30.0, "orders": 3}
    assert shown(ReplicationCut(fault="replication-cut"), events=denied(3, 30)) is None


def test_a_cut_is_shown_by_a_probe_where_there_are_no_positions() -> None:
    cut = ReplicationCut(fault="replication-cut", for_ms=60)
    assert shown(cut, probe(30)) == {"longest_probe_lag_ms": 30.0}
    assert shown(cut, probe(29)) is None


def test_toxics_are_told_apart_by_their_place() -> None:
    fault = ReplicationLatency(fault="replication-latency", ms=40, jitter_ms=3)
    assert [toxic.name for n in (0, 1) for toxic in fault.toxics(n)] == [
        "replication-latency_0",
        "replication-latency_1",
    ]
    assert not ReplicationCut(fault="replication-cut").toxics(0)
