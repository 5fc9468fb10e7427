"""Which movements can be which refund's, and where refunds can be judged at all."""

from __future__ import annotations

import pytest

from ackord.core.event import Movement
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises
from ackord.guarantees.refunds import matched_refunds, no_refunds, refund_requests

from .build import history, order

RETURNS = (LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED),)


@pytest.mark.parametrize(
    ("promises", "says"),
    [
        (Promises(), "the contract has no refund"),
        (Promises(refunds=True, has_ledger=False), "no ledger"),
        (Promises(refunds=True), "no kind of movement"),
        (Promises(refunds=True, refund_kind="return", later_edges=RETURNS), "come by themselves"),
    ],
)
def test_where_refunds_cannot_be_judged(promises: Promises, says: str) -> None:
    assert says in no_refunds(promises)


def test_where_they_can() -> None:
    assert no_refunds(Promises(refunds=True, refund_kind="refund", later_edges=RETURNS)) == ""
    assert no_refunds(Promises(refunds=True, refund_kind="return")) == ""


def test_a_refund_gives_way_where_another_movement_fits_too() -> None:
    one = order().refund(0, 1, sent=5).refund(2, 3, sent=7).refund(4, 5, sent=7, no="R2")
    [cut] = history(one).orders
    refunds = refund_requests(cut)
    assert [sorted(r.amounts) for r in refunds] == [[5, 7], [7]]
    posted = [Movement(0, "ours", "A", name, amount, "refund") for name, amount in (("m", 7), ("n", 5))]
    assert matched_refunds(refunds, posted) == {0: 1, 1: 0}


def test_requests_without_a_number_are_refunds_of_their_own() -> None:
    [cut] = history(order().refund(0, 1, no="").refund(2, 3, no="")).orders
    assert [(r.number, len(r.sent)) for r in refund_requests(cut)] == [("", 1), ("", 1)]
