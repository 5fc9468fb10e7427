"""What was cancelled is not paid: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees import GUARANTEES
from ackord.guarantees.cancelled_order_not_paid import ID

from .cases import Case, check, table

_S = PaymentState
VOIDS = Promises(later_edges=(LaterEdge(_S.SUCCEEDED, _S.CANCELLED),))
NEW = Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT)


@table(
    Case("nothing moved", "held", lambda o: o.submit(0, 5).cancel(6, 7, state="CANCELLED").ledger_read(9)),
    Case("paid", "VIOLATED", lambda o: o.submit(0, 5).cancel(6, 7, state="CANCELLED").pays(8).ledger_read(9)),
    Case(
        "shown paid after all",
        "VIOLATED",
        lambda o: o.submit(0, 5).cancel(6, 7, state="CANCELLED").query(8, 9, "SUCCEEDED").pays(10).ledger_read(11),
    ),
    Case(
        "accepted, and the query says that it is cancelled",
        "VIOLATED",
        lambda o: o.submit(0, 5).cancel(6, 7).query(8, 9, "CANCELLED").pays(10).ledger_read(11),
    ),
    Case(
        "the answer was lost, and the query says that it is cancelled",
        "VIOLATED",
        lambda o: o.submit(0, 5).cancel(6).query(8, 9, "CANCELLED").pays(10).ledger_read(11),
    ),
    Case("accepted, no more was said", "none", lambda o: o.submit(0, 5).cancel(6, 7).pays(10).ledger_read(11)),
    Case("too late", "none", lambda o: o.submit(0, 5).cancel(6, 7, "REJECTED").pays(8).ledger_read(9)),
    Case("never cancelled", "none", lambda o: o.submit(0, 5).query(6, 7, "CANCELLED").pays(8).ledger_read(9)),
    Case(
        "paid and returned",
        "held",
        lambda o: o.submit(0, 5).cancel(6, 7, state="CANCELLED").pays(8).pays(8, kind="return").ledger_read(9),
    ),
    Case(
        "paid and refunded",
        "held",
        lambda o: o.submit(0, 5).cancel(6, 7, state="CANCELLED").pays(8).gives_back(8, 100).ledger_read(9),
    ),
    Case(
        "the ledger was read before",
        "none",
        lambda o: o.submit(0, 5).cancel(6, 9, state="CANCELLED").pays(8).ledger_read(8),
    ),
    Case(
        "the contract lets a paid order be cancelled",
        "none",
        lambda o: o.submit(0, 5).cancel(6, 7, state="CANCELLED").pays(8).ledger_read(9),
        VOIDS,
    ),
    Case(
        "submitted again, where that is another order",
        "none",
        lambda o: o.submit(0, 5).cancel(6, 7, state="CANCELLED").resubmit(8, 9).pays(10).ledger_read(11),
        NEW,
    ),
    Case(
        "another payload under the number may have been paid",
        "none",
        lambda o: o.submit(0, 5).resubmit(5, 6, payload="p2").cancel(6, 7, state="CANCELLED").pays(8).ledger_read(9),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_it_applies_only_where_orders_can_be_cancelled() -> None:
    said = GUARANTEES.get(ID).not_applicable
    assert said(Promises()) == "the contract has no cancel"
    assert said(Promises(cancels=True)) == ""
    assert "no ledger" in said(Promises(cancels=True, has_ledger=False))
