from __future__ import annotations

from typing import Any

import pytest

from ackord.core.clock import MS
from ackord.core.event import FaultChange
from ackord.report.html.fault_activity import FaultTimeline, fault_timelines

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
    assert told.spans == told.on
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
    assert told.spans == told.armed
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
