"""The verdict of a drill: nothing passes in silence."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.core.event import FaultChange
from ackord.core.verdict import MissingEvidence, Result
from ackord.guarantees.merchant import MERCHANT_GUARANTEES, MerchantGuarantee

from ..build import ns, order
from .build import SETTLE, intent, judged, reported


def paid() -> object:
    return order("A").submit(0, 5).query(10, 12, "SUCCEEDED").query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")


def test_a_merchant_that_did_nothing_is_inconclusive() -> None:
    verdict = judged()
    assert verdict.result is Result.INCONCLUSIVE
    assert "submitted no order" in verdict.of("merchant-pays-once").reason
    assert verdict.of("merchant-pays-once").missing is MissingEvidence.MERCHANT_ORDERS
    assert any("submitted no order" in note for note in verdict.notes)


def test_what_was_not_exercised_is_said() -> None:
    armed = [FaultChange(0, name, "armed", "edge", 0, {}) for name in ("stale-answer", "lost-answer")]
    fired = FaultChange(ns(11), "stale-answer", "fired", "edge", 1, {})
    notes = " ".join(judged(order("A").submit(0, 5), events=[*armed, fired]).notes)
    assert "not exercised: lost-answer never hit a call of the merchant" in notes
    assert "the merchant never asked for an order" in notes and "never sent an order again" in notes


def test_a_merchant_whose_orders_were_all_refused_hears_why() -> None:
    refused = [order(name).submit(0, 5, "REJECTED", detail="401 UNAUTHORIZED") for name in ("A", "B")]
    said = "2 of 2 orders were never accepted (100.0 %), most often: 401 UNAUTHORIZED"
    assert said in judged(*refused).notes
    assert not any("never accepted" in note for note in judged(refused[0], paid()).notes)  # type: ignore[arg-type]


def test_orders_without_what_is_to_tell_them_apart_are_counted() -> None:
    options = {"drill": {"intent_window_ns": 0, "intent": "$.invoice"}}
    both = [order("A").submit(0, 5), order("B").submit(10, 15)]
    (note,) = (n for n in judged(*both, options=options, events=[intent("A", "R-1")]).notes if "$.invoice" in n)
    assert "the submits of 1 of 2 orders do not have anything at $.invoice" in note
    named = [intent("A", "R-1"), intent("B", "R-2")]
    assert not any("$.invoice" in note for note in judged(*both, options=options, events=named).notes)


def test_a_ledger_that_a_cut_off_run_never_read_is_not_denied() -> None:
    one = order("A").submit(0, 5)
    assert any("the run was cut off before it" in note for note in judged(one, complete=False).notes)
    assert any("the contract has none" in note for note in judged(one).notes)


def test_a_report_about_nobody_s_order_is_told() -> None:
    assert any("1 reports" in note for note in judged(paid(), events=[reported(5, "paid", "Z")]).notes)  # type: ignore[arg-type]


def test_a_journal_that_was_cut_off_holds_nothing() -> None:
    one = order("A").submit(0, 5).query(10, 12, "NOT_FOUND").query(20, 22, "SUCCEEDED")
    verdict = judged(one.query(SETTLE + 1, SETTLE + 2, "SUCCEEDED"), complete=False)
    assert not verdict.complete and verdict.of("merchant-settles").result is Result.INCONCLUSIVE


def test_a_crashed_judge_is_an_error_and_no_pass(monkeypatch: object) -> None:
    def crash(intent: object, context: object) -> object:
        raise RuntimeError("boom")

    broken = MerchantGuarantee("merchant-boom", "", "", "", crash, lambda context: "")  # type: ignore[arg-type]
    MERCHANT_GUARANTEES.add(broken.id, broken)
    try:
        verdict = judged(paid()).of("merchant-boom")  # type: ignore[arg-type]
    finally:
        del MERCHANT_GUARANTEES._things[broken.id]
    assert verdict.result is Result.ERROR and "RuntimeError: boom" in verdict.reason


ANSWERS = st.sampled_from(
    [None, "NOT_FOUND", "PROCESSING", "SUCCEEDED", "FAILED", "RETURNED", "RETRYABLE", "UNREADABLE", "IN_PROGRESS"]
)
ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "submit": st.sampled_from([None, "ACK", "RETRYABLE", "DUPLICATE", "REJECTED", "CONFLICT", "UNREADABLE"]),
            "queries": st.lists(ANSWERS, max_size=4),
            "last": ANSWERS,
            "payouts": st.integers(0, 2),
            "back": st.booleans(),
            "thing": st.integers(0, 2),
            "says": st.sampled_from([None, "paid", "failed", "open"]),
        }
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=300)
@given(ORDERS, st.booleans())
def test_any_history_is_judged_and_double_payments_are_those_that_can_be_counted(
    drawn: list[dict[str, Any]], by_the_ledger: bool
) -> None:
    orders, events, moved = [], [], dict[str, list[bool]]()
    for n, each in enumerate(drawn):
        number, thing, at = f"order-{n}", f"thing-{each['thing']}", 100.0 * n
        one = order(number).submit(at, None if each["submit"] is None else at + 5, each["submit"] or "ACK")
        for i, answer in enumerate(each["queries"]):
            one.query(at + 10 + 10 * i, None if answer is None else at + 15 + 10 * i, answer or "PROCESSING")
        if each["last"] is not None:
            one.query(SETTLE + 1, SETTLE + 2, each["last"])
        for _ in range(each["payouts"] if by_the_ledger else 0):
            one.pays(SETTLE + 3)
        if each["back"] and by_the_ledger:
            one.pays(SETTLE + 3, kind="return")
        orders.append(one.ledger_read(SETTLE + 5) if by_the_ledger else one)
        events.append(intent(number, thing))
        if each["says"] is not None:
            events.append(reported(at + 60, each["says"], number))
        if by_the_ledger and each["payouts"]:
            came_back = each["back"] or "RETURNED" in (each["last"] or each["queries"])
            moved.setdefault(thing, []).append(came_back and "RETURNED" in each["queries"])
    verdict = judged(*orders, events=events)
    assert not any(g.result is Result.ERROR for g in verdict.guarantees)
    assert all(g.exposures or g.result is not Result.HELD for g in verdict.guarantees)
    if by_the_ledger:
        twice = sum(not all(came_back for came_back in of[:-1]) for of in moved.values())
        assert verdict.of("merchant-pays-once").violations == twice


def test_a_list_from_the_past_that_lacks_an_order_could_be_misread() -> None:
    """A list is no call about one order: the fault tells when the merchant got it, and how old it was."""

    def occasions(at: float, age_ms: float, change: str = "fired") -> int:
        stale = FaultChange(ns(at), "stale-list", change, "edge", 0, {"age_ms": age_ms})  # type: ignore[arg-type]
        return judged(paid(), events=[stale]).of("merchant-pays-once").exposures  # type: ignore[arg-type]

    assert occasions(500, 600) == 1, "the order was submitted since"
    assert occasions(500, 400) == 0, "it was in that list"
    assert occasions(500, 600, "armed") == 0
    assert occasions(SETTLE + 1, SETTLE + 10) == 0, "the harness reads lists by itself"


def test_a_declared_field_that_stands_in_no_submit_is_told() -> None:
    terms = {"drill": {"intent": "$.invoice", "intent_window_ns": 1}}
    assert any("no submit has anything at $.invoice" in n for n in judged(paid(), options=terms).notes)  # type: ignore[arg-type]
    told = judged(paid(), options=terms, events=[intent("A", "R-7")]).notes  # type: ignore[arg-type]
    assert not any("no submit has anything" in n for n in told)
