"""Status never regresses: histories on each side of its edge."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ackord.core.clock import MS
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.core.verdict import Result
from ackord.guarantees.judge import judge
from ackord.guarantees.status_never_regresses import ID

from .build import Order, history, order
from .cases import Case, check, table

OPEN = Promises(unknown=frozenset({"later_edges"}))
RETRIED = Promises(later_edges=(LaterEdge(PaymentState.FAILED, PaymentState.PROCESSING, 10 * MS),))


@table(
    Case("it rises", "held", lambda o: o.query(0, 1, "RECEIVED").query(2, 3).query(4, 5, "SUCCEEDED")),
    Case("it falls", "VIOLATED", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3)),
    Case("it falls within the open part", "VIOLATED", lambda o: o.query(0, 1).query(2, 3, "RECEIVED")),
    Case("answers that overlap", "none", lambda o: o.query(0, 2, "SUCCEEDED").query(2, 3)),
    Case(
        "falls behind an overlapping one",
        "VIOLATED",
        lambda o: o.query(0, 9, "SUCCEEDED").query(1, 2, "SUCCEEDED").query(3, 4),
    ),
    Case("one answer", "none", lambda o: o.query(0, 2, "SUCCEEDED")),
    Case("not found is another guarantee's", "none", lambda o: o.query(0, 1).query(2, 3, "NOT_FOUND")),
    Case(
        "unknown neither raises nor breaks",
        "held",
        lambda o: o.query(0, 1).query(2, 3, "UNKNOWN").query(4, 5, "PROCESSING"),
    ),
    Case("terminal states have one rank", "held", lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3, "FAILED")),
    Case("after a return comes no success", "VIOLATED", lambda o: o.query(0, 1, "RETURNED").query(2, 3, "SUCCEEDED")),
    Case(
        "an acknowledgement counts", "VIOLATED", lambda o: o.query(0, 1, "SUCCEEDED").resubmit(2, 3, state="PROCESSING")
    ),
    Case(
        "an acknowledgement of another payload does not",
        "none",
        lambda o: o.submit(0, None).query(0, 1, "SUCCEEDED").resubmit(2, 3, state="PROCESSING", payload="p2"),
    ),
    Case(
        "a replay of the original answer is exempt",
        "held",
        lambda o: o.submit(0, 1, state="RECEIVED").query(2, 3, "SUCCEEDED").resubmit(4, 5, state="RECEIVED"),
        Promises(on_same_payload=SamePayloadAnswer.REPLAY_ORIGINAL),
    ),
    Case("a declared edge leads down", "held", lambda o: o.query(0, 1, "FAILED").query(2, 3), RETRIED),
    Case("and from there on", "held", lambda o: o.query(0, 1, "FAILED").query(2, 3).query(4, 5, "SUCCEEDED"), RETRIED),
    Case(
        "the edge had closed",
        "VIOLATED",
        lambda o: o.query(0, 1, "FAILED").query(20, 21, "FAILED").query(22, 23),
        RETRIED,
    ),
    Case("a late sight alone proves nothing", "held", lambda o: o.query(0, 1, "FAILED").query(22, 23), RETRIED),
)
def test_case(case: Case) -> None:
    check(ID, case)


@pytest.mark.parametrize(
    ("falls", "result"),
    [
        (lambda o: o.query(0, 1).query(2, 3, "RECEIVED"), Result.VIOLATED),
        (lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3), Result.UNSAFE),
        (lambda o: o.query(0, 1, "SUCCEEDED").query(2, 3).query(4, 5, "RECEIVED"), Result.UNSAFE),
        (lambda o: o.query(0, 1).query(2, 3, "RECEIVED").query(4, 5, "SUCCEEDED").query(9, 10), Result.VIOLATED),
        (lambda o: o.query(0, 1, "RECEIVED").query(2, 3).query(4, 5, "SUCCEEDED"), Result.HELD),
    ],
    ids=["before an end", "from an end", "after an end", "before an end and from it", "it rises"],
)
def test_edges_that_nobody_documents_excuse_only_what_follows_an_end(
    falls: Callable[[Order], Order], result: Result
) -> None:
    assert judge(history(falls(order()), promises=OPEN)).of(ID).result is result
