"""From a history to a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.core.operation import OperationKind
from ackord.errors import UsageError
from ackord.replay.extraction import extract
from ackord.replay.order_scenario import OrderScenario, scenario_text

from .build import Run, finding


def steps(run: Run, **told: Any) -> list[dict[str, Any]]:
    return [step.model_dump(exclude_defaults=True) for step in extracted(run, **told).steps]


def extracted(run: Run, **told: Any) -> OrderScenario:
    return extract(run.history, "n1", finding(**told), contract="reference")


def test_operations_one_after_the_other_wait_for_each_other() -> None:
    run = Run()
    run.submit(0)
    run.query(3.2)
    run.resubmit(64.4)
    assert steps(run) == [{"do": "submit"}, {"do": "query", "wait_ms": 2.0}, {"do": "submit", "wait_ms": 60.0}]


def test_what_began_while_another_was_open_overlaps() -> None:
    run = Run()
    run.submit(0, 0.2, 50, 51)
    run.query(10)
    run.query(60)
    assert steps(run) == [
        {"do": "submit"},
        {"do": "query", "wait_ms": 10.0, "overlaps": True},
        {"do": "query", "wait_ms": 9.0},
    ]


def test_a_held_query_follows_its_submit_and_does_not_wait() -> None:
    run = Run()
    run.query(0, 5.1, 6, 7)
    run.submit(0.1, 0.3, 5, 6)
    run.query(8)
    assert steps(run) == [
        {"do": "submit"},
        {"do": "query", "held": "until-acknowledged"},
        {"do": "query", "wait_ms": 1.0},
    ]


def test_a_race_is_let_go_together() -> None:
    run = Run()
    for sent in (0, 0.1, 0.2, 0.3):
        run.submit(sent, 3 + sent, 8, 9)
    assert steps(run) == [{"do": "submit", "held": "until-all-sent"}] * 4


def test_the_faults_that_fired_stand_beside_their_operation_and_lasting_ones_are_armed() -> None:
    run = Run()
    run.fault(0, "replication-latency", "armed", ms=200.0, jitter_ms=0.0, share=1.0)
    run.fault(0, "lost-answer", "armed", mode="hang", share=0.5)
    op = run.submit(10)
    run.fault(10.9, "lost-answer", "fired", op=op, mode="hang")
    run.query(20, order="n2")
    run.query(31.2)
    found = extracted(run)
    assert [fault.fault for fault in found.faults] == ["replication-latency"]
    assert [fault.model_dump(exclude_defaults=True) for fault in found.steps[1].faults] == [
        {"fault": "lost-answer", "mode": "hang"}
    ]
    assert [(s.do, s.fault, s.wait_ms) for s in found.steps] == [
        ("arm", "replication-latency", 0), ("submit", "", 0), ("query", "", 20)
    ]  # fmt: skip


def test_neither_number_nor_seed_is_in_the_file() -> None:
    run = Run()
    run.submit(0, order="zz-number-000123")
    run.query(5, order="zz-number-000123")
    found = extract(run.history, "zz-number-000123", finding(order="zz-number-000123"), contract="reference")
    text = scenario_text(found, Path())
    assert "zz-number" not in text
    assert "seed" not in text


def test_what_was_done_after_the_offending_answer_is_left_out() -> None:
    run = Run()
    run.submit(0)
    run.query(5)
    run.query(40)
    assert len(steps(run, at=6)) == 2


def test_where_the_ledger_tells_it_every_operation_may_be_the_cause() -> None:
    run = Run()
    run.submit(0)
    run.resubmit(5)
    assert len(steps(run, guarantee="resubmission-moves-money-once", at=1)) == 2


def test_what_the_harness_asked_after_healing_is_left_out() -> None:
    run = Run()
    run.submit(0)
    run.phase(50, "settle")
    run.query(60)
    assert steps(run) == [{"do": "submit"}]


def test_another_account_another_amount_and_a_node_are_told() -> None:
    run = Run()
    run.submit(0)
    run.resubmit(5, amount=501)
    run.query(10, account="second", node="B")
    assert [(s.account, s.amount_minor, s.node) for s in extracted(run).steps] == [
        ("owner", None, ""), ("owner", 501, ""), ("other", None, "B")
    ]  # fmt: skip


def test_faults_that_were_only_announced_are_left_out() -> None:
    run = Run(inject=False)
    run.fault(0, "replication-latency", "armed", ms=200.0)
    run.submit(10)
    assert extracted(run).faults == []


def test_a_number_of_the_ledger_alone_cannot_be_replayed() -> None:
    run = Run()
    run.submit(0, order="n2")
    with pytest.raises(UsageError, match="known from the ledger or a statement alone"):
        extracted(run)


def test_a_cancelled_order_cannot_be_replayed() -> None:
    run = Run()
    run.submit(0)
    run.operation(OperationKind.CANCEL, 5, 5.1, 6, 7)
    with pytest.raises(UsageError, match="was cancelled"):
        extracted(run)
