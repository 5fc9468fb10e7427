"""Resubmission same order: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.resubmission_same_order import ID

from .cases import Case, check, table

NO_IDEMPOTENCY = Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT)
PLAIN = Promises(on_same_payload=SamePayloadAnswer.REJECT_PLAIN)
POINTER = Promises(on_same_payload=SamePayloadAnswer.REJECT_WITH_POINTER)
LATE_FAILURE = Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.FAILED),))
FORGETFUL = Promises(key_retention_ns=100 * MS)


@table(
    Case("the same order", "held", lambda o: o.submit(0, 5, id="a").resubmit(6, 7, id="a")),
    Case("a new order", "VIOLATED", lambda o: o.submit(0, 5, id="a").resubmit(6, 7, id="b")),
    Case("a new order, as declared", "UNSAFE", lambda o: o.submit(0, 5, id="a").resubmit(6, 7, id="b"), NO_IDEMPOTENCY),
    Case("before the acknowledgement", "none", lambda o: o.submit(0, 5, id="a").resubmit(4, 7, id="b")),
    Case("without an id", "held", lambda o: o.submit(0, 5, id="a").resubmit(6, 7)),
    Case("another amount", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, amount=99)),
    Case("the same amount", "held", lambda o: o.submit(0, 5).resubmit(6, 7, amount=100)),
    Case(
        "another payload is judged elsewhere",
        "none",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, id="b", payload="p2"),
    ),
    Case("rejected", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, "REJECTED")),
    Case(
        "acknowledged as failed, and paid", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, state="FAILED").pays(9)
    ),
    Case("acknowledged as failed, and it has", "held", lambda o: o.submit(0, 5).resubmit(6, 7, state="FAILED")),
    Case(
        "acknowledged as failed after it was paid, by a declared edge",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").resubmit(8, 9, state="FAILED"),
        LATE_FAILURE,
    ),
    Case("called a conflict", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT")),
    Case("not found", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, "NOT_FOUND")),
    Case("rejected plainly, as declared", "UNSAFE", lambda o: o.submit(0, 5).resubmit(6, 7, "REJECTED"), PLAIN),
    Case("a duplicate, plainly, as declared", "UNSAFE", lambda o: o.submit(0, 5).resubmit(6, 7, "DUPLICATE"), PLAIN),
    Case(
        "rejected, and it has truly failed",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "FAILED").resubmit(8, 9, "REJECTED"),
    ),
    Case(
        "rejected, and it says failed but was paid",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "FAILED").resubmit(8, 9, "REJECTED").pays(10),
    ),
    Case(
        "a duplicate with the right pointer",
        "held",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, "DUPLICATE", id="a"),
        POINTER,
    ),
    Case(
        "a duplicate with a wrong pointer",
        "VIOLATED",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, "DUPLICATE", id="b"),
        POINTER,
    ),
    Case(
        "a duplicate without the promised pointer",
        "VIOLATED",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, "DUPLICATE"),
        POINTER,
    ),
    Case(
        "nothing was decided",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 7, "IN_PROGRESS").resubmit(8, 9, "RETRYABLE").resubmit(10),
    ),
    Case("the number was forgotten", "none", lambda o: o.submit(0, 5, id="a").resubmit(98, 101, id="b"), FORGETFUL),
    Case(
        "the number was not yet forgotten",
        "VIOLATED",
        lambda o: o.submit(0, 5, id="a").resubmit(98, 100, id="b"),
        FORGETFUL,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)
