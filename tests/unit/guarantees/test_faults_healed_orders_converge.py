"""Faults healed orders converge: histories on each side of its edge."""

from __future__ import annotations

from dataclasses import replace

from ackord.core.clock import MS
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises
from ackord.core.verdict import Result
from ackord.guarantees.faults_healed_orders_converge import ID
from ackord.guarantees.judge import judge

from .build import Order, history, order
from .cases import Case, check, table

SETTLES = Promises(settles_within_ns=10 * MS)
RETRIED = Promises(settles_within_ns=10 * MS, later_edges=(LaterEdge(PaymentState.FAILED, PaymentState.PROCESSING),))


def put_off(one: Order, *at: float, detail: str = "503 TRY_LATER") -> Order:
    """Queries at these times that met a transient error."""
    for begin in at:
        one.query(begin, begin + 1, "RETRYABLE", detail=detail)
    return one


@table(
    Case("settled in time", "held", lambda o: o.submit(0, 5).query(101, 102, "SUCCEEDED"), SETTLES, 100),
    Case("settled before", "held", lambda o: o.submit(0, 5).query(6, 7, "FAILED"), SETTLES, 100),
    Case("open within the time", "none", lambda o: o.submit(0, 5).query(110, 112), SETTLES, 100),
    Case("open after the time", "VIOLATED", lambda o: o.submit(0, 5).query(111, 112), SETTLES, 100),
    Case("missing after the time", "VIOLATED", lambda o: o.submit(0, 5).query(111, 112, "NOT_FOUND"), SETTLES, 100),
    Case(
        "one node never hears of it",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(101, 102, "SUCCEEDED").query(111, 112),
        SETTLES,
        100,
    ),
    Case("an unknown status is no proof", "held", lambda o: o.submit(0, 5).query(111, 112, "UNKNOWN"), SETTLES, 100),
    Case("acknowledged after healing", "none", lambda o: o.submit(108, 109).query(111, 112), SETTLES, 100),
    Case("never healed", "none", lambda o: o.submit(0, 5).query(111, 112), SETTLES),
    Case("nothing promised", "none", lambda o: o.submit(0, 5).query(111, 112), None, 100),
    Case("not acknowledged", "none", lambda o: o.submit(0).query(111, 112), SETTLES, 100),
    Case(
        "it converged, and a declared edge opened it again",
        "held",
        lambda o: o.submit(0, 5).query(101, 102, "FAILED").query(111, 112),
        RETRIED,
        100,
    ),
    Case(
        "a declared edge from a state that was never shown",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(101, 102, "RECEIVED").query(111, 112),
        RETRIED,
        100,
    ),
    Case(
        "called a duplicate, and never shown",
        "VIOLATED",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE").query(111, 112, "NOT_FOUND"),
        SETTLES,
        100,
    ),
    Case(
        "in progress for ever, by its queries",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "IN_PROGRESS").query(111, 112, "IN_PROGRESS"),
        SETTLES,
        100,
    ),
    Case(
        "in progress, then settled",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "IN_PROGRESS").query(105, 106, "SUCCEEDED"),
        SETTLES,
        100,
    ),
    Case(
        "errors for ever, by its queries",
        "VIOLATED",
        lambda o: put_off(o.submit(0, 5).query(6, 7), 101, 111),
        SETTLES,
        100,
    ),
    Case(
        "errors, then settled",
        "held",
        lambda o: put_off(o.submit(0, 5), 101, 111).query(113, 114, "SUCCEEDED"),
        SETTLES,
        100,
    ),
    Case(
        "settled before, then errors",
        "held",
        lambda o: put_off(o.submit(0, 5).query(6, 7, "SUCCEEDED"), 101, 111),
        SETTLES,
        100,
    ),
    Case("errors within the time", "none", lambda o: put_off(o.submit(0, 5), 101, 109), SETTLES, 100),
    Case("one error", "none", lambda o: put_off(o.submit(0, 5), 111), SETTLES, 100),
    Case(
        "errors after it was shown as open in time",
        "none",
        lambda o: put_off(o.submit(0, 5).query(101, 102), 103, 111),
        SETTLES,
        100,
    ),
    Case(
        "asked too often",
        "none",
        lambda o: put_off(o.submit(0, 5), 101, 111, detail="429 SLOW_DOWN"),
        SETTLES,
        100,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_a_time_that_is_not_documented_is_unsafe_at_most() -> None:
    late = order().submit(0, 5).query(111, 112)
    for unknown, result in (((), Result.VIOLATED), (("settles_within",), Result.UNSAFE)):
        promises = replace(SETTLES, unknown=frozenset(unknown))
        assert judge(history(late, promises=promises, healed=100), [ID]).of(ID).result is result
