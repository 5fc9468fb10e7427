"""Unknown order not found: histories on each side of its edge."""

from __future__ import annotations

from ackord.guarantees.unknown_order_not_found import ID

from .cases import Case, check, table


@table(
    Case("not found", "held", lambda o: o.query(0, 1, "NOT_FOUND")),
    Case("shown, though nobody submitted it", "VIOLATED", lambda o: o.query(0, 1)),
    Case("shown in a state that has no name", "VIOLATED", lambda o: o.query(0, 1, "UNKNOWN")),
    Case("shown before it was submitted", "VIOLATED", lambda o: o.query(0, 1).submit(2, 3)),
    Case("not found before it was submitted", "held", lambda o: o.query(0, 1, "NOT_FOUND").submit(2, 3)),
    Case("submitted at that instant", "none", lambda o: o.query(0, 2).submit(2, 3)),
    Case("submitted without an answer", "none", lambda o: o.submit(0).query(1, 2)),
    Case("submitted by another account", "none", lambda o: o.submit(0, 1, account="theirs").query(2, 3)),
    Case("before another account submitted", "VIOLATED", lambda o: o.query(0, 1).submit(2, 3, account="theirs")),
    Case("errors are no evidence", "none", lambda o: o.query(0, 1, "RETRYABLE").query(2, 3, "UNREADABLE").query(4)),
)
def test_case(case: Case) -> None:
    check(ID, case)
