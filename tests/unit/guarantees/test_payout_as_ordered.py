"""A payout is as it was ordered: histories on each side of its edge."""

from __future__ import annotations

from ackord.guarantees.payout_as_ordered import ID

from .build import judged, order
from .cases import Case, check, table


@table(
    Case("as ordered", "held", lambda o: o.submit(0, 5).pays(8).ledger_read(9)),
    Case("ten times the amount", "VIOLATED", lambda o: o.submit(0, 5).pays(8, 1000).ledger_read(9)),
    Case("from another account", "VIOLATED", lambda o: o.submit(0, 5).pays(8, account="theirs").ledger_read(9)),
    Case("a ledger without accounts", "held", lambda o: o.submit(0, 5).pays(8, account="").ledger_read(9)),
    Case("in another currency", "VIOLATED", lambda o: o.submit(0, 5).pays(8, currency="USD").ledger_read(9)),
    Case("in the currency that was ordered", "held", lambda o: o.submit(0, 5).pays(8, currency="EUR").ledger_read(9)),
    Case("nothing moved", "none", lambda o: o.submit(0, 5).ledger_read(9)),
    Case("a return is no payout", "none", lambda o: o.submit(0, 5).pays(8, 1000, kind="return").ledger_read(9)),
    Case("an amount that was not seen", "none", lambda o: o.submit(0, 5, sent=None).pays(8, 7).ledger_read(9)),
    Case("nobody ordered it", "none", lambda o: o.query(0, 5, "NOT_FOUND").pays(8, 7).ledger_read(9)),
    Case("it was refused", "none", lambda o: o.submit(0, 5, "REJECTED").pays(8, 7).ledger_read(9)),
    Case(
        "paid twice, which is one fault already", "none", lambda o: o.submit(0, 5).pays(8, 7).pays(8, 7).ledger_read(9)
    ),
    Case(
        "another payload that was accepted",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7, payload="p2", sent=900).pays(8, 900).ledger_read(9),
    ),
    Case(
        "another payload that was refused",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900).pays(8, 900).ledger_read(9),
    ),
    Case(
        "another account's own order under the same number",
        "held",
        lambda o: (
            o.submit(0, 5)
            .submit(6, 7, account="theirs", sent=900)
            .pays(8)
            .pays(8, 900, account="theirs")
            .ledger_read(9)
        ),
    ),
    Case(
        "another account's own order, paid wrong",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5).submit(6, 7, account="theirs", sent=900).pays(8).pays(8, 90, account="theirs").ledger_read(9)
        ),
    ),
    Case(
        "a row that another reading no longer has",
        "none",
        lambda o: o.submit(0, 5).pays(8, 7).ledger_read(8).ledger_read(20),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_both_amounts() -> None:
    _, [found] = judged(ID, order().submit(0, 5).pays(8, 1000, id="m1").ledger_read(9))
    assert "a payout of 1000 minor units instead of 100 minor units" in found.summary
    assert found.movements == ("m1",)
