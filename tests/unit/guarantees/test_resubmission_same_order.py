"""Resubmission same order: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.event import Begin, Complete
from ackord.core.operation import Observation, Vantage
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.resubmission_same_order import ID

from .build import Order
from .cases import Case, check, table

NO_IDEMPOTENCY = Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT)
PLAIN = Promises(on_same_payload=SamePayloadAnswer.REJECT_PLAIN)
POINTER = Promises(on_same_payload=SamePayloadAnswer.REJECT_WITH_POINTER)
LATE_FAILURE = Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.FAILED),))
FORGETFUL = Promises(key_retention_ns=100 * MS)


def copied(o: Order, at: float) -> Order:
    """A resubmission that is refused, after a byte-for-byte copy of it was accepted."""
    o.resubmit(at, at + 3, "REJECTED")
    begin = next(e for e in reversed(o.events) if isinstance(e, Begin) and e.vantage is Vantage.PROVIDER)
    end = next(e for e in reversed(o.events) if isinstance(e, Complete) and e.vantage is Vantage.PROVIDER)
    o.events.append(begin._replace(copy=1))
    o.events.append(end._replace(copy=1, at_ns=end.at_ns - MS, observation=Observation.ACK))
    return o


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
    Case(
        "a plain duplicate where a replay is promised", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, "DUPLICATE")
    ),
    Case(
        "a plain duplicate where the original answer is promised",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7, "DUPLICATE"),
        Promises(on_same_payload=SamePayloadAnswer.REPLAY_ORIGINAL),
    ),
    Case(
        "a duplicate that names the order where a replay is promised",
        "held",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, "DUPLICATE", id="a"),
    ),
    Case(
        "an error, then a duplicate without the promised pointer",
        "VIOLATED",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE"),
        POINTER,
    ),
    Case(
        "an error, then a duplicate with a pointer",
        "held",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE", id="a"),
        POINTER,
    ),
    Case(
        "a duplicate while the first is in flight",
        "none",
        lambda o: o.submit(0, 5).resubmit(1, 3, "DUPLICATE"),
        POINTER,
    ),
    Case(
        "a copy of the network is refused",
        "none",
        lambda o: o.submit(0, 5, id="a").submit(6, 7, "REJECTED", copy=1),
    ),
    Case(
        "the original is refused, for its copy was there before it",
        "held",
        lambda o: copied(o.submit(0, 5, id="a"), 6).resubmit(12, 13, id="a"),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)
