"""Callback agrees with query: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.callback_agrees_with_query import ID

from .build import judged, order
from .cases import Case, check, table

RETURNS = Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 1),))


@table(
    Case("they agree", "held", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(8, "SUCCEEDED")),
    Case(
        "the callback says otherwise", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(8, "FAILED")
    ),
    Case("the query says otherwise", "VIOLATED", lambda o: o.submit(0, 5).called(6, "FAILED").query(7, 8, "SUCCEEDED")),
    Case(
        "two callbacks contradict each other",
        "VIOLATED",
        lambda o: o.submit(0, 5).called(6, "FAILED").called(7, "SUCCEEDED"),
    ),
    Case("twice the same", "held", lambda o: o.submit(0, 5).called(6, "SUCCEEDED").called(7, "SUCCEEDED")),
    Case(
        "the end came before the beginning",
        "held",
        lambda o: o.submit(0, 5).called(3, "SUCCEEDED").called(7, "PROCESSING").query(8, 9, "SUCCEEDED"),
    ),
    Case("a declared edge", "held", lambda o: o.submit(0, 5).called(6, "RETURNED").query(7, 8, "SUCCEEDED"), RETURNS),
    Case(
        "a declared edge, the other way round",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "RETURNED").called(8, "SUCCEEDED"),
        RETURNS,
    ),
    Case("nothing to compare it with", "none", lambda o: o.submit(0, 5).called(6, "SUCCEEDED")),
    Case("no end was called back", "none", lambda o: o.submit(0, 5).called(6, "PROCESSING").query(7, 8, "SUCCEEDED")),
    Case("no callback", "none", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 9, "FAILED")),
    Case(
        "a number of two accounts",
        "none",
        lambda o: o.submit(0, 5).submit(0, 5, account="theirs").query(6, 7, "SUCCEEDED").called(8, "FAILED"),
    ),
    Case(
        "a number of two payloads",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 7, payload="p2").query(8, 9, "SUCCEEDED").called(10, "FAILED"),
    ),
    Case(
        "each submit is an order of its own",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 7).query(8, 9, "SUCCEEDED").called(10, "FAILED"),
        Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_both() -> None:
    one = order().submit(0, 5).query(6, 7, "SUCCEEDED", detail="200 PAID").called(8, "DECLINED")
    exposures, [found] = judged(ID, one)
    assert exposures == 1
    assert "(200 PAID (SUCCEEDED)) showed SUCCEEDED; callback status showed DECLINED" in found.summary
