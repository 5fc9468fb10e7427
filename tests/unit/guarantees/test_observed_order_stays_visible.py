"""Observed order stays visible: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import NotFound, Promises
from ackord.guarantees.observed_order_stays_visible import ID

from .cases import Case, check, table


@table(
    Case("seen twice", "held", lambda o: o.query(1, 2).query(3, 4)),
    Case("seen, then gone", "VIOLATED", lambda o: o.submit(0).query(1, 2).query(3, 4, "NOT_FOUND")),
    Case("gone, then seen", "none", lambda o: o.submit(0).query(1, 2, "NOT_FOUND").query(3, 4)),
    Case("at the same time", "none", lambda o: o.query(1, 3).query(3, 4, "NOT_FOUND")),
    Case("an acknowledgement is not a sight", "none", lambda o: o.submit(0, 1).query(2, 3, "NOT_FOUND")),
    Case("a slow sight that ends last", "none", lambda o: o.query(1, 9).query(3, 4, "NOT_FOUND")),
    Case("a short sight after a slow one", "VIOLATED", lambda o: o.query(1, 9).query(3, 4).query(5, 6, "NOT_FOUND")),
    Case("an unknown status proves nothing", "none", lambda o: o.query(1, 2, "UNKNOWN").query(3, 4, "NOT_FOUND")),
    Case("no answer proves nothing", "none", lambda o: o.query(1).query(3, 4, "NOT_FOUND")),
    Case(
        "absence is tolerated",
        "UNSAFE",
        lambda o: o.query(1, 2).query(3, 4, "NOT_FOUND"),
        Promises(not_found=NotFound.TOLERATED, not_found_tolerated_ns=1),
    ),
    Case(
        "absence means nothing",
        "UNSAFE",
        lambda o: o.query(1, 2).query(3, 4, "NOT_FOUND"),
        Promises(not_found=NotFound.INCONCLUSIVE),
    ),
    Case(
        "beyond retention",
        "held",
        lambda o: o.submit(0, 1).query(1, 2).query(3, 4, "NOT_FOUND"),
        Promises(key_retention_ns=1),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)
