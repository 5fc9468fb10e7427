"""Payments that nobody follows, and payments that are given up too soon."""

from __future__ import annotations

import pytest

from ackord.core.event import Event, Phase
from ackord.core.verdict import MissingEvidence, Result

from ..build import Order, ns, order
from .build import SETTLE, called, delivered, findings, judged, reported, result_of

ID = "merchant-settles"


def ends(one: Order, state: str) -> Order:
    return one.query(SETTLE + 1, SETTLE + 2, state)


@pytest.mark.parametrize(
    ("case", "one", "expected"),
    [
        ("followed to its end", order("A").submit(0, 5).query(10, 12, "SUCCEEDED"), "held"),
        ("told at once", order("A").submit(0, 5, state="SUCCEEDED"), "held"),
        ("refused for good", order("A").submit(0, 5, "REJECTED"), "held"),
        ("acknowledged and forgotten", order("A").submit(0, 5), "VIOLATED"),
        ("in doubt and forgotten", order("A").submit(0, None), "VIOLATED"),
        ("asked too few times", order("A").submit(0, 5).query(10, 12, "PROCESSING"), "VIOLATED"),
    ],
)
def test_an_order_that_succeeded(case: str, one: Order, expected: str) -> None:
    assert result_of(ID, ends(one, "SUCCEEDED")) == expected


def test_the_finding_names_the_last_call() -> None:
    (found,) = findings(ID, ends(order("A").submit(0, 5).query(10, 12, "PROCESSING"), "SUCCEEDED"))
    assert "stopped asking after query" in found.summary and "it became SUCCEEDED" in found.summary
    (forgotten,) = findings(ID, ends(order("A").submit(0, 5), "FAILED"))
    assert "asked for it never again" in forgotten.summary and "it became FAILED" in forgotten.summary


def test_giving_up_a_payment_that_could_be_made_is_a_finding_too() -> None:
    one = ends(order("A").submit(0, None).query(10, 12, "NOT_FOUND"), "NOT_FOUND").ledger_read(SETTLE + 5)
    (found,) = findings(ID, one, events=[reported(20, "failed", "A")])
    assert "gave up although the payment could have been made" in found.summary


def test_paying_under_another_number_after_all_is_no_giving_up() -> None:
    first = ends(order("A").submit(0, None).query(10, 12, "NOT_FOUND"), "NOT_FOUND")
    second = ends(order("B").submit(20, 25).query(30, 32, "SUCCEEDED"), "SUCCEEDED")
    assert result_of(ID, first, second) == "held"


@pytest.mark.parametrize(("outcome", "expected"), [("paid", "held"), ("open", "VIOLATED")])
def test_who_says_how_it_ended_knows_it_and_who_leaves_it_open_does_not(outcome: str, expected: str) -> None:
    one = ends(order("A").submit(0, 5), "SUCCEEDED")
    assert result_of(ID, one, events=[reported(20, outcome, "A")]) == expected


def test_an_order_of_which_nothing_is_known_in_the_end_proves_nothing() -> None:
    assert result_of(ID, order("A").submit(0, None).query(SETTLE + 1, SETTLE + 2, "UNREADABLE")) == "none"


def test_when_the_time_was_over_an_open_payment_proves_nothing() -> None:
    over = [Phase(ns(50_000), "time-limit")]
    verdict = judged(ends(order("A").submit(0, 5), "SUCCEEDED"), events=over)
    assert verdict.of(ID).result is Result.INCONCLUSIVE and "time was over" in verdict.of(ID).reason
    assert verdict.of(ID).missing is MissingEvidence.MERCHANT_TIME
    assert any("--time-limit" in note for note in verdict.notes)
    done = ends(order("B").submit(0, 5, sent=7).query(10, 12, "SUCCEEDED"), "SUCCEEDED")
    assert judged(done, events=over).of(ID).result is Result.HELD


@pytest.mark.parametrize(("events", "expected"), [([], "none"), ([reported(20, "open", "A")], "VIOLATED")])
def test_a_provider_that_also_calls_back_may_have_told_it(events: list[object], expected: str) -> None:
    told = {"options": {"drill": {"intent_window_ns": 0, "callbacks": True}}, "events": events}
    one = ends(order("A").submit(0, 5), "SUCCEEDED")
    assert result_of(ID, one, **told) == expected
    if expected == "none":
        assert "callbacks" in judged(one, **told).of(ID).reason
        assert judged(one, **told).of(ID).missing is MissingEvidence.MERCHANT_OUTCOMES


@pytest.mark.parametrize("complete", [True, False])
def test_what_a_run_that_was_cut_off_lacks_is_charged_to_nobody(complete: bool) -> None:
    forgotten = ends(order("A").submit(0, 5), "SUCCEEDED")
    not_made = ends(order("B").submit(0, None, sent=7), "NOT_FOUND").ledger_read(SETTLE + 5)
    for one in (forgotten, not_made):
        verdict = judged(one, complete=complete).of(ID)
        assert verdict.result is (Result.VIOLATED if complete else Result.INCONCLUSIVE)
        assert complete or "cut off" in verdict.reason
        assert verdict.missing is (None if complete else MissingEvidence.WHOLE_RUN)


# -- callbacks that pass the drill ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([called(10, "SUCCEEDED"), delivered(11, "SUCCEEDED")], "held"),
        ([called(10, "SUCCEEDED")], "VIOLATED"),
        ([called(10, "SUCCEEDED"), delivered(11, "SUCCEEDED", status=None)], "VIOLATED"),
        ([called(10, "SUCCEEDED"), delivered(11, "SUCCEEDED", forged="signature: wrong")], "VIOLATED"),
        ([], "none"),
    ],
)  # fmt: skip
def test_what_passed_the_edge_is_what_the_merchant_was_told(events: list[Event], expected: str) -> None:
    told = {"options": {"drill": {"intent_window_ns": 0, "callbacks": True, "callback_edge": True}}, "events": events}
    assert result_of(ID, ends(order("A").submit(0, 5), "SUCCEEDED"), **told) == expected
