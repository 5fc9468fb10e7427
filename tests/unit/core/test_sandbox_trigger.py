"""A sandbox's triggers: what pulls them, and the journal's form."""

from __future__ import annotations

import pytest

from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.sandbox_trigger import TriggerPromise, trigger_named

LATE = TriggerPromise("late", 999, None, False, None, (PaymentState.SUCCEEDED,), PaymentState.FAILED, 5)
BUSY = TriggerPromise("busy", payee="busy", answers=Observation.RETRYABLE)
HEADER = TriggerPromise("header", by_headers=True, leads_to=PaymentState.PROCESSING)


def test_triggers_stay_the_same_through_a_journal() -> None:
    promises = Promises(triggers=(LATE, BUSY, HEADER))
    assert Promises.from_json(promises.to_json()).triggers == promises.triggers


@pytest.mark.parametrize(
    ("trigger", "amount", "payee", "pulled"),
    [(LATE, 999, "x", True), (LATE, 998, "x", False), (BUSY, 5, "busy", True), (BUSY, 5, "x", False)],
)
def test_amount_and_payee_pull_it(trigger: TriggerPromise, amount: int, payee: str, *, pulled: bool) -> None:
    assert trigger.pulled_by(amount, payee) is pulled


def test_headers_pull_what_amounts_do_not() -> None:
    assert not HEADER.pulled_by(1, "x")


def test_an_order_that_never_ends_is_told() -> None:
    assert [t.stays_open for t in (LATE, BUSY, HEADER)] == [False, True, True]


def test_a_variation_names_its_trigger() -> None:
    assert trigger_named((LATE, BUSY), "trigger:busy") is BUSY
    assert trigger_named((LATE, BUSY), "trigger:gone") is None
    assert trigger_named((LATE, BUSY), "busy") is None
