"""An acknowledged refund is made: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.promises import Promises
from ackord.guarantees import JudgeContext
from ackord.guarantees.acknowledged_refund_paid import ID, refund_due_ns

from .build import history, order
from .cases import Case, check, table

SOON = Promises(refunds=True, refund_kind="refund", posts_within_ns=10 * MS)
NEVER = Promises(refunds=True, refund_kind="refund")


@table(
    Case("made", "held", lambda o: o.submit(0, 5).refund(6, 7).gives_back(9).ledger_read(9), SOON),
    Case(
        "made, and the ledger names no refund",
        "held",
        lambda o: o.refund(6, 7).gives_back(9, no="").ledger_read(9),
        SOON,
    ),
    Case("missing, and not due yet", "none", lambda o: o.submit(0, 5).refund(6, 7).ledger_read(16), SOON),
    Case("missing", "VIOLATED", lambda o: o.submit(0, 5).refund(6, 7).ledger_read(18), SOON),
    Case(
        "missing, and the faults healed late", "none", lambda o: o.submit(0, 5).refund(6, 7).ledger_read(18), SOON, 12
    ),
    Case("missing, and no time is promised", "UNSAFE", lambda o: o.submit(0, 5).refund(6, 7).ledger_read(18), NEVER),
    Case(
        "missing, and it was only on its way",
        "UNSAFE",
        lambda o: o.submit(0, 5).refund(6, 7, state="PROCESSING").ledger_read(18),
        SOON,
    ),
    Case("it failed", "none", lambda o: o.submit(0, 5).refund(6, 7, state="FAILED").ledger_read(18), SOON),
    Case("refused", "none", lambda o: o.submit(0, 5).refund(6, 7, "REJECTED").ledger_read(18), SOON),
    Case("lost", "none", lambda o: o.submit(0, 5).refund(6).ledger_read(18), SOON),
    Case(
        "one of two",
        "VIOLATED",
        lambda o: o.submit(0, 5).refund(6, 7).refund(7, 8, no="R2").gives_back(18, no="").ledger_read(19),
        SOON,
    ),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5).refund(6, 7), SOON),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_a_reading_waits_for_what_is_due() -> None:
    [missing] = history(order().submit(0, 5).refund(6, 7).ledger_read(9), promises=SOON).orders
    assert refund_due_ns(missing, JudgeContext(SOON)) == 17 * MS
    [there] = history(order().submit(0, 5).refund(6, 7).gives_back(9).ledger_read(9), promises=SOON).orders
    assert refund_due_ns(there, JudgeContext(SOON)) is None
    assert refund_due_ns(missing, JudgeContext(Promises())) is None
