"""Terminal status final: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises
from ackord.guarantees.terminal_status_final import ID

from .cases import Case, check, table

RETURNS = Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 10 * MS),))
TWO_EDGES = Promises(
    later_edges=(
        LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 10 * MS),
        LaterEdge(PaymentState.RETURNED, PaymentState.FAILED),
    )
)


@table(
    Case("it stays", "held", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3, "SUCCEEDED")),
    Case("never terminal", "none", lambda o: o.query(0, 1).query(2, 3)),
    Case("paid, then failed", "VIOLATED", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3, "FAILED")),
    Case("failed, then paid", "VIOLATED", lambda o: o.query(0, 1, "FAILED").query(2, 3, "SUCCEEDED")),
    Case("failed, then declined", "VIOLATED", lambda o: o.query(0, 1, "FAILED").query(2, 3, "DECLINED")),
    Case("at the same time", "none", lambda o: o.query(0, 2, "SUCCEEDED").query(2, 3, "FAILED")),
    Case("open again is a regression, not a conflict", "held", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3)),
    Case("returned, undeclared", "VIOLATED", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3, "RETURNED")),
    Case("returned, declared", "held", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3, "RETURNED"), RETURNS),
    Case(
        "a success that overwrites a return",
        "VIOLATED",
        lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3, "RETURNED").query(4, 5, "SUCCEEDED"),
        RETURNS,
    ),
    Case("seen late, moved in time", "held", lambda o: o.query(0, 1, "SUCCEEDED").query(50, 51, "RETURNED"), RETURNS),
    Case(
        "still paid at the last instant of the horizon",
        "held",
        lambda o: o.query(0, 1, "SUCCEEDED").query(11, 12, "SUCCEEDED").query(50, 51, "RETURNED"),
        RETURNS,
    ),
    Case(
        "still paid after the horizon",
        "VIOLATED",
        lambda o: o.query(0, 1, "SUCCEEDED").query(11.5, 12, "SUCCEEDED").query(50, 51, "RETURNED"),
        RETURNS,
    ),
    Case("along two edges", "held", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3, "FAILED"), TWO_EDGES),
    Case("an indeterminate read", "none", lambda o: o.query(0, 1, "SUCCEEDED").query(2)),
)
def test_case(case: Case) -> None:
    check(ID, case)
