"""Landing bounded: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.promises import Promises
from ackord.guarantees.landing_bounded import GUARANTEE, ID

from .cases import Case, check, table

BOUND = Promises(lands_within_ns=10 * MS)


@table(
    Case("seen at once", "held", lambda o: o.submit(0, 5).query(6, 7), BOUND),
    Case(
        "missed, then seen within the bound",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "NOT_FOUND").query(8, 9),
        BOUND,
    ),
    Case("missed at the bound", "none", lambda o: o.submit(0, 5).query(15, 16, "NOT_FOUND"), BOUND),
    Case("missed after the bound", "VIOLATED", lambda o: o.submit(0, 5).query(15.1, 16, "NOT_FOUND"), BOUND),
    Case(
        "seen, then missed after the bound",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7).query(15.1, 16, "NOT_FOUND"),
        BOUND,
    ),
    Case("seen after the bound", "held", lambda o: o.submit(0, 5).query(20, 21), BOUND),
    Case("first asked within, answered after", "none", lambda o: o.submit(0, 5).query(14, 16), BOUND),
    Case("never asked", "none", lambda o: o.submit(0, 5), BOUND),
    Case("nothing promised", "none", lambda o: o.submit(0, 5).query(900, 901, "NOT_FOUND")),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_a_contract_without_a_window_is_left_alone() -> None:
    assert GUARANTEE.not_applicable(Promises()) == "the contract promises no landing window"
    assert GUARANTEE.not_applicable(BOUND) == ""
