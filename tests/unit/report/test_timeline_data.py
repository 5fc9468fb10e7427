from __future__ import annotations

from typing import Any

import pytest

from ackord.core.clock import MS
from ackord.core.event import FaultChange, Phase
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.core.verdict import GuaranteeVerdict, Result
from ackord.report.timeline_data import (
    ORDERS,
    FaultTimeline,
    OperationGroup,
    OperationResult,
    broken_orders,
    fault_timelines,
    outcome_of,
    timeline_data,
)

from .build import ONCE, VISIBLE, exchange, finding, history, judged, missing, profile, submit

END_NS = 1000 * MS


def change(
    at_ms: float, what: str, *, fault: str = "cut", seam: str = "replication", op: int = 0, **detail: Any
) -> FaultChange:
    return FaultChange(round(at_ms * MS), fault, what, seam, op, detail)


def story(*changes: FaultChange) -> FaultTimeline:
    (only,) = fault_timelines(changes, END_NS)
    return only


def spans(of: list[Any]) -> list[tuple[float, float]]:
    return [(s.start_ns / MS, s.end_ns / MS) for s in of]


def test_a_fault_without_a_schedule_is_in_force_from_arming_to_healing() -> None:
    told = story(change(10, "armed"), change(500, "effective"), change(600, "healed"))
    assert spans(told.armed) == spans(told.on) == [(10, 600)]
    assert not told.planned
    assert told.shown


def test_a_fault_with_a_schedule_is_in_force_from_begin_to_end() -> None:
    every = {"for_ms": 100, "every_ms": 300}
    told = story(
        change(10, "armed", schedule=every),
        change(20, "began"),
        change(120, "ended"),
        change(320, "began"),
        change(400, "healed"),
    )
    assert spans(told.armed) == [(10, 400)]
    assert spans(told.on) == [(20, 120), (320, 400)]


def test_armed_with_a_schedule_that_never_began_is_not_in_force() -> None:
    told = story(change(10, "armed", schedule={"after_ms": 5000}), change(400, "healed"))
    assert not told.on
    assert not told.planned
    assert not told.shown


def test_what_was_never_healed_lasts_to_the_end_of_the_record() -> None:
    told = story(change(10, "armed"))
    assert spans(told.on) == [(10, 1000)]
    assert told.on[0].open


def test_two_faults_of_one_name_are_in_force_until_both_are_healed() -> None:
    told = story(
        change(10, "armed"), change(20, "armed"), change(30, "healed"), change(50, "healed"), change(60, "armed")
    )
    assert spans(told.on) == [(10, 50), (60, 1000)]


def test_a_seam_that_times_itself_shows_what_its_schedule_says() -> None:
    every = {"after_ms": 50, "for_ms": 100, "every_ms": 300}
    told = story(change(100, "armed", seam="edge", schedule=every), change(500, "healed", seam="edge"))
    assert not told.on
    assert spans(told.planned) == [(150, 250), (450, 500)]


@pytest.mark.parametrize(
    "schedule", [{"for_ms": 0, "every_ms": 0}, {"for_ms": "x"}, {"colour": 1}, 7, {"every_ms": -1}]
)
def test_a_schedule_that_makes_no_sense_draws_nothing_and_breaks_nothing(schedule: object) -> None:
    assert len(story(change(100, "armed", seam="edge", schedule=schedule)).planned) <= 1000


def test_a_blow_is_told_apart_from_what_fires_on_operations() -> None:
    told = story(change(1, "armed", schedule={}), change(5, "fired"), change(6, "fired", op=9))
    assert [f.at_ns for f in told.blows] == [5 * MS]
    assert [f.op for f in told.fired] == [9]


def test_faults_stand_in_the_order_of_their_first_change() -> None:
    told = fault_timelines(
        [change(3, "armed", fault="b"), change(4, "armed", fault="a"), change(5, "healed", fault="b")], END_NS
    )
    assert [s.name for s in told] == ["b", "a"]


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


def test_a_picture_has_every_exchange_once() -> None:
    events = (
        submit(1, 0, 10),
        missing(2, 11, 12),
        exchange(3, OperationKind.CANCEL, 20, None, None),
        exchange(4, OperationKind.RESUBMIT, 30, 31, Observation.CONFLICT, account="beta"),
        exchange(4, OperationKind.RESUBMIT, 30, 31, Observation.ACK, copy=1),
        [Phase(0, "steady"), Phase(12 * MS, "disturb"), Phase(40 * MS, "done")],
    )
    drawn = timeline_data("a", profile("a", history=history(*events)))
    assert {key: len(xs) for key, xs in drawn.operations.items()} == {
        (OperationGroup.WRITES, OperationResult.OK): 2,
        (OperationGroup.WRITES, OperationResult.OTHER): 1,
        (OperationGroup.QUERIES, OperationResult.NOT_FOUND): 1,
        (OperationGroup.OTHERS, OperationResult.NONE): 1,
    }
    assert (drawn.start_ns, drawn.end_ns) == (0, 40 * MS)
    assert [(name, *spans([span])[0]) for name, span in drawn.phases] == [("steady", 0, 12), ("disturb", 12, 40)]


def test_a_run_without_events_has_a_picture() -> None:
    drawn = timeline_data("a", profile("a", history=history()))
    assert (drawn.start_ns, drawn.end_ns, drawn.phases, drawn.operations) == (0, 0, [], {})


def many(guarantee: str, prefix: str, n: int, violations: int | None = None) -> GuaranteeVerdict:
    found = tuple(finding(guarantee, order=f"{prefix}{i}") for i in range(n))
    return GuaranteeVerdict(guarantee, Result.VIOLATED, 100, 100, violations or n, found)


def test_the_worst_order_of_every_broken_guarantee_is_drawn() -> None:
    broken = broken_orders(profile("a", many(VISIBLE, "v", 30), many(ONCE, "o", 2)))
    assert [b.findings[0].order for b in broken.drawn[:5]] == ["v0", "o0", "v1", "o1", "v2"]
    assert len(broken.drawn) == ORDERS
    assert (broken.total, broken.exact) == (32, True)


def test_an_order_that_broke_two_guarantees_is_drawn_once() -> None:
    broken = broken_orders(profile("a", many(VISIBLE, "x", 2), many(ONCE, "x", 1)))
    assert [(b.findings[0].order, len(b.findings)) for b in broken.drawn] == [("x0", 2), ("x1", 1)]
    assert broken.total == 2


def test_the_number_of_broken_orders_is_a_floor_where_the_verdict_does_not_name_them() -> None:
    broken = broken_orders(profile("a", many(VISIBLE, "v", 3, violations=700)))
    assert (broken.total, broken.exact) == (700, False)


def test_what_held_draws_no_orders() -> None:
    assert broken_orders(profile("a", judged())).drawn == []
