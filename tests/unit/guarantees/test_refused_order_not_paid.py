"""What was refused is not paid: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises
from ackord.guarantees.refused_order_not_paid import ID

from .build import judged, order
from .cases import Case, check, table

LATE_FAILURE = Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.FAILED),))


@table(
    Case("refused, nothing moved", "held", lambda o: o.submit(0, 5, "REJECTED").ledger_read(9)),
    Case("refused and paid", "VIOLATED", lambda o: o.submit(0, 5, "REJECTED").pays(8).ledger_read(9)),
    Case(
        "a transient error that is definite",
        "VIOLATED",
        lambda o: o.submit(0, 5, "RETRYABLE", definite=True).pays(8).ledger_read(9),
    ),
    Case(
        "a transient error that is not",
        "none",
        lambda o: o.submit(0, 5, "RETRYABLE").pays(8).ledger_read(9),
    ),
    Case(
        "a refusal that the contract does not call definite",
        "none",
        lambda o: o.submit(0, 5, "REJECTED", definite=False).submit(6).pays(8).ledger_read(9),
    ),
    Case("refused, then accepted", "none", lambda o: o.submit(0, 5, "REJECTED").resubmit(6, 7).pays(8).ledger_read(9)),
    Case("refused, then no answer", "none", lambda o: o.submit(0, 5, "REJECTED").resubmit(6).pays(8).ledger_read(9)),
    Case(
        "refused, then called a duplicate",
        "VIOLATED",
        lambda o: o.submit(0, 5, "REJECTED").resubmit(6, 7, "DUPLICATE").pays(8).ledger_read(9),
    ),
    Case("refused in conflict and paid", "VIOLATED", lambda o: o.submit(0, 5, "CONFLICT").pays(8).ledger_read(9)),
    Case(
        "refused, paid and returned",
        "held",
        lambda o: o.submit(0, 5, "REJECTED").pays(8).pays(8, kind="return").ledger_read(9),
    ),
    Case("the ledger was read before the refusal", "none", lambda o: o.submit(0, 5, "REJECTED").ledger_read(5)),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5, "REJECTED").pays(8)),
    Case("declined, nothing moved", "held", lambda o: o.submit(0, 5).query(6, 7, "DECLINED").ledger_read(9)),
    Case(
        "declined and paid is judged by the answers",
        "none",
        lambda o: o.submit(0, 5).query(6, 7, "DECLINED").pays(8).ledger_read(9),
    ),
    Case(
        "acknowledged as failed, and paid",
        "VIOLATED",
        lambda o: o.submit(0, 5, state="FAILED").pays(8).ledger_read(9),
    ),
    Case(
        "never acknowledged, shown failed, and paid",
        "VIOLATED",
        lambda o: o.submit(0).query(6, 7, "FAILED").pays(8).ledger_read(9),
    ),
    Case(
        "cancelled by the merchant and paid is judged elsewhere",
        "none",
        lambda o: o.submit(0, 5).cancel(6, 7).query(8, 9, "CANCELLED").pays(10).ledger_read(11),
    ),
    Case(
        "refused, paid and wholly refunded",
        "held",
        lambda o: o.submit(0, 5, "REJECTED").pays(8).gives_back(8, 60).gives_back(8, no="R2").ledger_read(9),
    ),
    Case(
        "refused, paid and refunded in part",
        "VIOLATED",
        lambda o: o.submit(0, 5, "REJECTED").pays(8).gives_back(8).ledger_read(9),
    ),
    Case(
        "it failed and goes on",
        "none",
        lambda o: o.submit(0).query(6, 7, "FAILED").query(8, 9, "PROCESSING").pays(10).ledger_read(11),
    ),
    Case(
        "a declared late failure",
        "none",
        lambda o: o.submit(0).query(6, 7, "FAILED").pays(8).ledger_read(9),
        LATE_FAILURE,
    ),
    Case(
        "another payload was accepted",
        "none",
        lambda o: o.submit(0).query(6, 7, "FAILED").resubmit(8, 9, payload="p2").pays(10).ledger_read(11),
    ),
    Case(
        "another account paid",
        "held",
        lambda o: o.submit(0, 5, "REJECTED").pays(8, account="theirs").ledger_read(9),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_the_refusal_and_the_payout() -> None:
    _, [found] = judged(ID, order().submit(0, 5, "REJECTED", detail="422 LIMIT").pays(8, id="m1").ledger_read(9))
    assert "was answered 422 LIMIT, and the ledger holds a payout all the same: m1 (100 minor units)" in found.summary
    assert found.movements == ("m1",)
