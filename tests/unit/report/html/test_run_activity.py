from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.event import Event, Phase
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.report.html.run_activity import (
    PARTS,
    OperationGroup,
    OperationResult,
    decimated,
    outcome_of,
    run_activity,
)

from ..build import exchange, history, missing, submit


def outcome(observation: Observation | None, state: PaymentState = PaymentState.UNKNOWN) -> OperationResult:
    events = exchange(1, OperationKind.QUERY, 0, None if observation is None else 1, observation, state=state)
    (x,) = history(events).orders[0].exchanges
    return outcome_of(x)


def test_answers_are_sorted_as_a_merchant_would() -> None:
    assert outcome(Observation.ACK) is outcome(Observation.STATUS, PaymentState.SUCCEEDED) is OperationResult.OK
    assert outcome(Observation.NOT_FOUND, PaymentState.NOT_FOUND) is OperationResult.NOT_FOUND
    assert outcome(Observation.STATUS, PaymentState.FAILED) is outcome(Observation.REJECTED) is OperationResult.FAILED
    assert outcome(Observation.STATUS, PaymentState.DECLINED) is OperationResult.FAILED
    assert outcome(Observation.CONFLICT) is outcome(Observation.UNREADABLE) is OperationResult.OTHER
    assert outcome(None) is OperationResult.NONE


def test_every_exchange_is_counted_once() -> None:
    found = run_activity(
        history(
            submit(1, 0, 10),
            missing(2, 11, 12),
            exchange(3, OperationKind.CANCEL, 20, None, None),
            exchange(4, OperationKind.RESUBMIT, 30, 31, Observation.CONFLICT, account="beta"),
            exchange(4, OperationKind.RESUBMIT, 30, 31, Observation.ACK, copy=1),
            [Phase(0, "steady"), Phase(12 * MS, "disturb"), Phase(40 * MS, "done")],
        )
    )
    assert found.counts == {
        OperationKind.SUBMIT: {OperationResult.OK: 1},
        OperationKind.QUERY: {OperationResult.NOT_FOUND: 1},
        OperationKind.CANCEL: {OperationResult.NONE: 1},
        OperationKind.RESUBMIT: {OperationResult.OTHER: 1, OperationResult.OK: 1},
    }
    assert (found.exchanges, found.start_ns, found.end_ns) == (5, 0, 40 * MS)
    assert found.phases == [("steady", 0), ("disturb", 12 * MS)]


def test_latency_is_told_by_parts_of_the_time() -> None:
    many: list[Event] = []
    for i in range(1000):
        many += submit(i + 1, i, i + (500 if i == 700 else 10), order=f"o{i}")
    many += exchange(2000, OperationKind.SUBMIT, 0, None, None, order="silent")
    found = run_activity(history(many))
    parts = found.latency[OperationGroup.WRITES]
    assert len(parts) <= PARTS
    assert sum(p.answers for p in parts) == 1000
    assert {p.p50_ns for p in parts} == {10 * MS}
    assert [p.max_ns for p in parts if p.max_ns != 10 * MS] == [500 * MS]
    assert [p.silent for p in parts if p.silent] == [1]


def test_a_run_without_events_has_no_activity() -> None:
    found = run_activity(history())
    assert (found.start_ns, found.end_ns, found.phases, found.latency, found.counts) == (0, 0, [], {}, {})


def test_of_many_points_the_highest_of_each_part_is_kept() -> None:
    points = [(i, 1_000 if i == 4_321 else i % 7) for i in range(10_000)]
    kept = decimated(points)
    assert len(kept) <= PARTS
    assert (4_321, 1_000) in kept
    assert decimated(points[:50]) == points[:50]
