"""What counts for nothing is counted, told with its commonest reason, and above a limit keeps the rest from holding."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.clock import MS
from ackord.core.event import Begin, Complete, FaultChange
from ackord.core.operation import Observation, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.usable_answers import SILENT_LEDGER_ORDERS, UNACCEPTED_LIMIT, UNUSABLE_LIMIT, UsableAnswers
from ackord.core.verdict import MissingEvidence, Result
from ackord.guarantees.judge import judge

from ..guarantees.build import Order, history, order

VISIBLE, ONCE = "acknowledged-order-visible", "resubmission-moves-money-once"


def asked(number: str, *states: str, **more: Any) -> Order:
    one = order(number).submit(0, 5).resubmit(6, 7)
    for i, state in enumerate(states):
        one.query(10 + 2 * i, 11 + 2 * i, state, **more)
    return one.ledger_read(99)


def refused(number: str, answer: str = "REJECTED") -> Order:
    return order(number).submit(0, 5, answer, detail="422 invalid_amount")


def test_answers_that_can_all_be_used_leave_no_doubt() -> None:
    answers = UsableAnswers.of(history(asked("a", "PROCESSING", "SUCCEEDED"), order("b").submit(0, 1)))
    assert (answers.shortfalls, answers.doubt(reads_queries=True)) == ([], None)


@pytest.mark.parametrize(("unread", "result"), [(0, Result.HELD), (5, Result.HELD), (6, Result.INCONCLUSIVE)])
def test_queries_that_cannot_be_read_are_told_and_above_the_limit_nothing_holds(unread: int, result: Result) -> None:
    assert UNUSABLE_LIMIT == 0.05
    orders = [asked(f"o{i}", "UNREADABLE" if i < unread else "PROCESSING", detail="not genuine") for i in range(100)]
    orders[-1].pays(98).ledger_read(99)
    verdict = judge(history(*orders))
    assert verdict.of(VISIBLE).result is result
    assert verdict.of(ONCE).result is Result.HELD, "money does not rest on queries"
    said = f"{unread} of 100 answers to queries could not be used ({unread}.0 %), most often: not genuine"
    assert (said in verdict.notes) is bool(unread)
    if result is Result.INCONCLUSIVE:
        assert verdict.of(VISIBLE).reason == f"{said}; above 5% nothing counts as held"


def silent(number: str, at: float = 10, *, submits: bool = False) -> Order:
    """An order with a query, or a resubmission, at this time that gets no answer."""
    one = order(number).submit(0, 5)
    return (one.resubmit(at) if submits else one.query(at)).ledger_read(99)


@pytest.mark.parametrize(("lost", "result"), [(5, Result.HELD), (6, Result.INCONCLUSIVE)])
def test_queries_without_an_answer_are_told_and_above_the_limit_nothing_holds(lost: int, result: Result) -> None:
    orders = [silent(f"o{i}") if i < lost else asked(f"o{i}", "PROCESSING") for i in range(100)]
    orders[-1].pays(98).ledger_read(99)
    verdict = judge(history(*orders))
    assert verdict.of(VISIBLE).result is result
    assert verdict.of(ONCE).result is Result.HELD, "money does not rest on queries"
    assert f"{lost} of 100 queries got no answer ({lost}.0 %), most often: no answer" in verdict.notes


def test_submits_without_an_answer_keep_even_money_from_holding() -> None:
    orders = [asked("a", "PROCESSING"), silent("b", submits=True)]
    verdict = judge(history(*orders))
    assert {verdict.of(name).result for name in (VISIBLE, ONCE)} == {Result.INCONCLUSIVE}
    assert "1 of 4 submits got no answer (25.0 %), most often: no answer" in verdict.notes


def fault(at_ms: float, change: str, seam: str, op: int = 0) -> FaultChange:
    return FaultChange(round(at_ms * MS), "f", change, seam, op, {})


@pytest.mark.parametrize(
    ("changes", "excused"),
    [
        ([], False),
        ([fault(1, "armed", "process"), fault(20, "healed", "process")], True),
        ([fault(1, "armed", "process")], True),
        ([fault(1, "armed", "process"), fault(2, "began", "process"), fault(3, "ended", "process")], True),
        ([fault(1, "armed", "process"), fault(9, "healed", "process")], False),
        ([fault(11, "armed", "process"), fault(20, "healed", "process")], True),
        ([fault(1, "armed", "edge"), fault(20, "healed", "edge")], False),
        ([fault(1, "armed", "edge"), fault(10, "fired", "edge", -1)], True),
        ([fault(1, "armed", "edge"), fault(10, "fired", "edge", 999_999)], False),
    ],
)
def test_silence_that_a_fault_of_the_run_made_is_no_shortfall(changes: list[FaultChange], excused: bool) -> None:
    """-1 stands for the operation that got no answer."""
    one = silent("a")
    asked_last = max(e.op for e in one.events if isinstance(e, Begin))
    told = history(one)
    told.events += [f._replace(op=asked_last) if f.op == -1 else f for f in changes]
    assert (UsableAnswers.of(told).shortfalls == []) is excused


def test_what_was_given_up_before_a_fault_is_not_excused_by_it() -> None:
    one = silent("a")
    op = max(e.op for e in one.events if isinstance(e, Begin))
    gone = Complete(
        12 * MS, Vantage.PROVIDER, op, 0, Outcome.INFO, None, PaymentState.UNKNOWN, None, None, "reset", None
    )
    told = history(one)
    told.events += [gone, fault(13, "armed", "process"), fault(20, "healed", "process")]
    assert [s.text() for s in UsableAnswers.of(told).shortfalls] == [
        "1 of 1 queries got no answer (100.0 %), most often: reset"
    ]


def test_a_query_that_was_refused_counts_for_nothing_too() -> None:
    verdict = judge(history(*[asked(f"o{i}", "REJECTED", "PROCESSING") for i in range(5)]))
    assert verdict.of(VISIBLE).result is Result.INCONCLUSIVE


def test_an_unreadable_answer_to_a_submit_counts_for_nothing_even_for_money() -> None:
    orders = [asked(f"o{i}", "PROCESSING").resubmit(50, 51, "UNREADABLE") for i in range(5)]
    verdict = judge(history(*orders))
    assert {verdict.of(name).result for name in (VISIBLE, ONCE)} == {Result.INCONCLUSIVE}


@pytest.mark.parametrize(("lost", "result"), [(5, Result.HELD), (6, Result.INCONCLUSIVE)])
def test_orders_that_were_never_accepted(lost: int, result: Result) -> None:
    assert UNACCEPTED_LIMIT == 0.5
    orders = [refused(f"r{i}") for i in range(lost)] + [asked(f"o{i}", "PROCESSING") for i in range(10 - lost)]
    verdict = judge(history(*orders))
    assert verdict.of(VISIBLE).result is result
    assert f"{lost} of 10 orders were never accepted ({lost}0.0 %), most often: 422 invalid_amount" in verdict.notes


def test_a_transient_refusal_that_was_overcome_is_no_shortfall() -> None:
    one = order("a").submit(0, 5, "RETRYABLE").resubmit(6, 7).query(8, 9)
    assert UsableAnswers.of(history(one)).shortfalls == []


@pytest.mark.parametrize("answer", ["DUPLICATE", "IN_PROGRESS"])
def test_an_order_that_the_provider_says_to_have_is_accepted(answer: str) -> None:
    assert UsableAnswers.of(history(order("a").submit(0, 5, "RETRYABLE").resubmit(6, 7, answer))).shortfalls == []


def test_copies_and_other_accounts_are_not_counted() -> None:
    one = asked("a", "PROCESSING").resubmit(20, 21, "UNREADABLE", copy=1).query(22, 23, "REJECTED", account="theirs")
    assert UsableAnswers.of(history(one)).shortfalls == []


def test_a_merchant_that_could_read_nothing_has_seen_nothing_hold() -> None:
    """The provider's answers are fine where they are made; what arrives is not."""
    one = order("a").submit(0, 5).query(6, 7)
    one.events = [garbled(e) if isinstance(e, Complete) and e.vantage is Vantage.MERCHANT else e for e in one.events]
    told = history(one)
    assert told.merchant_is_blind
    assert judge(told).of(VISIBLE).result is Result.INCONCLUSIVE
    assert judge(told).of(VISIBLE).reason == "the merchant could read none of the answers that it got"
    assert not history(asked("a", "PROCESSING")).merchant_is_blind


def garbled(answer: Complete) -> Complete:
    return answer._replace(observation=Observation.UNREADABLE, outcome=Outcome.INFO)


def test_a_violation_stands_whatever_could_not_be_read() -> None:
    bad = order("bad").submit(0, 5).query(6, 7, "NOT_FOUND")
    verdict = judge(history(bad, *[asked(f"o{i}", "UNREADABLE") for i in range(9)]))
    assert verdict.of(VISIBLE).result is Result.VIOLATED


def test_a_ledger_that_shows_no_movement_of_any_order_proves_nothing_of_their_money() -> None:
    orders = [asked(f"o{i}", "PROCESSING") for i in range(SILENT_LEDGER_ORDERS)]
    verdict = judge(history(*orders))
    said = "the ledger was read and shows no movement of any of the 5 orders that were accepted"
    assert (verdict.of(ONCE).result, verdict.of(ONCE).reason) == (Result.INCONCLUSIVE, said)
    assert verdict.of(VISIBLE).result is Result.HELD, "what is shown does not rest on the ledger"
    assert said in verdict.notes


@pytest.mark.parametrize(
    "orders",
    [
        [*(asked(f"o{i}", "PROCESSING") for i in range(9)), asked("paid", "PROCESSING").pays(98).ledger_read(99)],
        [asked(f"o{i}", "FAILED") for i in range(9)],
        [asked(f"o{i}", "PROCESSING") for i in range(SILENT_LEDGER_ORDERS - 1)],
    ],
    ids=["one movement shows that it works", "what failed is not paid", "too few to tell"],
)
def test_a_ledger_that_may_well_be_empty_is_believed(orders: list[Order]) -> None:
    verdict = judge(history(*orders))
    assert verdict.of(ONCE).result is Result.HELD
    assert not any("no movement" in note for note in verdict.notes)


@pytest.mark.parametrize(
    ("one", "missing"),
    [
        (silent("a"), MissingEvidence.ANSWERED_REQUESTS),
        (silent("a", submits=True), MissingEvidence.ANSWERED_REQUESTS),
        (asked("a", "UNREADABLE"), MissingEvidence.USABLE_ANSWERS),
        (asked("a", "REJECTED"), MissingEvidence.USABLE_ANSWERS),
        (asked("a", "PROCESSING").resubmit(50, 51, "UNREADABLE"), MissingEvidence.USABLE_ANSWERS),
        (refused("a"), MissingEvidence.ACCEPTED_ORDERS),
    ],
)
def test_each_shortfall_says_what_is_missing(one: Order, missing: MissingEvidence) -> None:
    doubt = UsableAnswers.of(history(one)).doubt(reads_queries=True)
    assert doubt is not None and doubt.missing is missing


def test_a_silent_ledger_and_a_blind_merchant_lack_something_too() -> None:
    silent_ledger = history(*[asked(f"o{i}", "PROCESSING") for i in range(SILENT_LEDGER_ORDERS)])
    assert judge(silent_ledger).of(ONCE).missing is MissingEvidence.LEDGER_MOVEMENTS
    blind = order("a").submit(0, 5).query(6, 7)
    blind.events = [
        garbled(e) if isinstance(e, Complete) and e.vantage is Vantage.MERCHANT else e for e in blind.events
    ]
    assert judge(history(blind)).of(VISIBLE).missing is MissingEvidence.USABLE_ANSWERS
