"""Which faults of a whole seam touched an order, and when."""

from __future__ import annotations

import pytest

from ackord.chaos.faults import load_faults
from ackord.core.clock import MS
from ackord.errors import UsageError
from ackord.replay.lasting_faults import FaultSwitch, fault_from, fired_fault, lasting_faults

from .build import Run

LAG = {"ms": 200.0, "jitter_ms": 0.0, "share": 1.0}


def switches(run: Run, begin: float = 100, end: float = 200) -> dict[str, list[tuple[float, bool]]]:
    found = lasting_faults(run.history.faults, begin_ns=round(begin * MS), end_ns=round(end * MS))
    return {each.name: [(s.at_ns / MS, s.on) for s in each.switches] for each in found}


def test_a_fault_that_is_in_force_is_put_in_force_at_the_beginning() -> None:
    run = Run()
    run.fault(10, "replication-latency", "armed", **LAG)
    run.fault(900, "replication-latency", "healed")
    assert switches(run) == {"replication-latency": [(100, True)]}


def test_one_that_was_healed_before_or_came_after_did_not_touch_it() -> None:
    run = Run()
    run.fault(10, "replication-latency", "armed", **LAG)
    run.fault(50, "replication-latency", "healed")
    run.fault(300, "replication-cut", "armed")
    assert switches(run) == {}


def test_a_schedule_is_told_by_what_it_did() -> None:
    run = Run()
    run.fault(10, "replication-cut", "armed", schedule={"after_ms": 100, "for_ms": 30})
    run.fault(110, "replication-cut", "began")
    run.fault(140, "replication-cut", "ended")
    assert switches(run) == {"replication-cut": [(110, True), (140, False)]}
    (lasting,) = lasting_faults(run.history.faults, begin_ns=100 * MS, end_ns=200 * MS)
    assert lasting.faults[0].for_ms is None, "the switches tell it"


def test_each_strike_of_an_instantaneous_fault_is_an_arming_and_hits_the_same_node() -> None:
    run = Run()
    run.fault(10, "node-crash", "armed", schedule={"every_ms": 60})
    run.fault(70, "node-crash", "fired", node="A")
    run.fault(130, "node-crash", "fired", node="B")
    run.fault(190, "node-crash", "fired", node="A")
    (lasting,) = lasting_faults(run.history.faults, begin_ns=100 * MS, end_ns=200 * MS)
    assert lasting.switches == (
        FaultSwitch(130 * MS, on=True),
        FaultSwitch(190 * MS, on=False),
        FaultSwitch(190 * MS, on=True),
    )
    assert lasting.faults[0].model_dump()["node"] == "B"


def test_faults_of_the_edge_are_told_operation_by_operation() -> None:
    run = Run()
    run.fault(10, "latency", "armed", ms=25.0, jitter_ms=50.0, share=0.7)
    assert switches(run) == {}


def test_a_fault_of_callbacks_counts_where_it_hit_one_about_the_order_and_hits_every_one() -> None:
    run = Run()
    run.fault(10, "callback-refused", "armed", attempts=2, share=0.5)
    run.fault(150, "callback-refused", "fired", order="n1", status=503)
    changes = run.history.faults
    (lasting,) = lasting_faults(changes, begin_ns=100 * MS, end_ns=200 * MS, number="n1")
    assert lasting.faults[0].model_dump(exclude_defaults=True) == {"fault": "callback-refused", "attempts": 2}
    assert lasting_faults(changes, begin_ns=100 * MS, end_ns=200 * MS, number="n2") == []


def test_of_two_armed_under_one_name_the_one_that_fits_fired() -> None:
    run = Run()
    run.fault(1, "lost-answer", "armed", mode="reset", share=0.5)
    run.fault(2, "lost-answer", "armed", mode="hang", share=0.2)
    run.fault(9, "lost-answer", "fired", op=3, mode="hang")
    changes = run.history.faults
    fault = fired_fault(changes[-1], changes)
    assert fault.model_dump(exclude_defaults=True) == {"fault": "lost-answer", "mode": "hang"}


def test_a_fault_with_parameters_of_another_version_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be made as it was in this run"):
        fault_from(load_faults().get("replication-latency"), {"ms": "much"})
