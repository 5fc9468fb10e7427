"""A number that nobody submitted is not paid: histories on each side of its edge."""

from __future__ import annotations

from ackord.guarantees.judge import judge
from ackord.guarantees.unordered_number_not_paid import ID

from .build import history, order
from .cases import Case, check, table


@table(
    Case("submitted and paid", "held", lambda o: o.submit(0, 5).query(6, 7).pays(8).ledger_read(9)),
    Case("asked for and paid", "VIOLATED", lambda o: o.query(0, 5, "NOT_FOUND").pays(8).ledger_read(9)),
    Case("paid out of nowhere", "VIOLATED", lambda o: o.pays(8).ledger_read(9)),
    Case("a return out of nowhere", "none", lambda o: o.pays(8, kind="return").ledger_read(9)),
    Case("submitted and never taken", "none", lambda o: o.submit(0, 5, "REJECTED").ledger_read(9)),
    Case(
        "submitted by another account",
        "held",
        lambda o: o.query(0, 1, "NOT_FOUND").submit(2, 3, account="theirs").pays(8).ledger_read(9),
    ),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5).query(6, 7)),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_a_cut_number_is_found_beside_the_order_that_it_was_cut_from() -> None:
    verdict = judge(history(order("N-12").submit(0, 5), order("N-1").pays(8).ledger_read(9)), [ID]).of(ID)
    assert [f.order for f in verdict.findings] == ["N-1"]
    assert "under the number N-1, which nobody submitted" in verdict.findings[0].summary
