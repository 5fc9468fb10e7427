"""What a history tells of one order's operations, and of what the gateway held them for."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.replay.order_operations import operations_of, order_groups, start_ns, submit_waited_for

from .build import Run


def test_an_operation_has_its_instants_of_both_vantages() -> None:
    run = Run()
    run.submit(0, 1, 5, 6, node="B")
    run.query(10, order="n2")
    (operation,) = operations_of(run.history, "n1")
    assert [operation.sent_ns, operation.reached_ns, operation.answered_ns, operation.ended_ns] == [
        0, MS, 5 * MS, 6 * MS
    ]  # fmt: skip
    assert operation.acknowledged
    assert operation.node == "B", "as the merchant asked for it, not where it went without being asked"


def test_a_query_that_was_let_go_by_the_acknowledgement_waited_for_it() -> None:
    run = Run()
    run.submit(0, 0.2, 5, 6)
    run.query(0.1, 5.1, 7, 8)
    run.query(9)
    submit, held, later = operations_of(run.history, "n1")
    assert submit_waited_for(held, (submit, held, later)) is submit
    assert submit_waited_for(later, (submit, held, later)) is None


def test_what_a_fault_delayed_waited_for_nothing() -> None:
    run = Run()
    run.submit(0, 0.2, 5, 6)
    slow = run.query(0.1, 5.1, 7, 8)
    run.fault(0.1, "latency", "fired", op=slow, ms=5)
    submit, query = operations_of(run.history, "n1")
    assert submit_waited_for(query, (submit, query)) is None
    assert start_ns(query, (submit, query)) == query.sent_ns


def test_submits_that_were_let_go_together_are_one_group() -> None:
    run = Run()
    for sent in (0, 0.1, 0.2):
        run.submit(sent, 4 + sent, 9, 10)
    run.resubmit(12)
    operations = operations_of(run.history, "n1")
    assert order_groups(operations) == [operations[:3]]


def test_submits_one_after_the_other_are_no_group() -> None:
    run = Run()
    run.submit(0)
    run.resubmit(3)
    assert order_groups(operations_of(run.history, "n1")) == []


def test_a_submit_that_a_query_overtook_begins_when_that_has_ended() -> None:
    run = Run()
    run.submit(0, 2, 4, 5)
    run.query(0.1, 0.3, 1.5, 2.5)
    submit, query = operations_of(run.history, "n1")
    assert start_ns(submit, (submit, query)) == query.ended_ns
    assert start_ns(query, (submit, query)) == query.sent_ns


def test_each_fault_that_fired_counts_once() -> None:
    run = Run()
    op = run.submit(0)
    run.fault(0, "duplicate-delivery", "fired", op=op)
    run.fault(1, "duplicate-delivery", "fired", op=op)
    (operation,) = operations_of(run.history, "n1")
    assert [f.fault for f in operation.faults] == ["duplicate-delivery"]
