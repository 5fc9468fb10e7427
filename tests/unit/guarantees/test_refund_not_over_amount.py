"""No more is given back than was paid: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises
from ackord.guarantees.refund_not_over_amount import ID

from .cases import Case, check, table

SHOWN = Promises(refunds=True, refund_kind="refund")


@table(
    Case("a part", "none", lambda o: o.submit(0, 5).pays(9).refund(6, 7).gives_back(9).ledger_read(9), SHOWN),
    Case(
        "more was asked for than was paid",
        "held",
        lambda o: o.submit(0, 5).pays(9).refund(6, 7, "REJECTED", sent=101).ledger_read(9),
        SHOWN,
    ),
    Case(
        "more was given back than was paid",
        "VIOLATED",
        lambda o: o.submit(0, 5).pays(9).refund(6, 7, sent=101).gives_back(9, 101).ledger_read(9),
        SHOWN,
    ),
    Case(
        "two refunds, together too much",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5)
            .pays(9)
            .refund(6, 8, sent=60)
            .refund(6, 7, sent=60, no="R2")
            .gives_back(9, 60)
            .gives_back(9, 60, no="R2")
            .ledger_read(9)
        ),
        SHOWN,
    ),
    Case(
        "two refunds, of which one fits",
        "held",
        lambda o: (
            o.submit(0, 5)
            .pays(9)
            .refund(6, 8, sent=60)
            .refund(6, 7, "REJECTED", sent=60, no="R2")
            .gives_back(9, 60)
            .ledger_read(9)
        ),
        SHOWN,
    ),
    Case(
        "never paid, and given back",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "DECLINED").refund(7, 8).gives_back(9).ledger_read(9),
        SHOWN,
    ),
    Case(
        "shown paid, and the payout is not in the ledger yet",
        "none",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").refund(7, 8).gives_back(9).ledger_read(9),
        SHOWN,
    ),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5).pays(9).refund(6, 7, sent=101), SHOWN),
)
def test_case(case: Case) -> None:
    check(ID, case)
