"""Lost ack recoverable: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.lost_ack_recoverable import ID

from .build import Order
from .cases import Case, check, table

PLAIN = Promises(on_same_payload=SamePayloadAnswer.REJECT_PLAIN)


def lost(o: Order) -> Order:
    """An acknowledgement that never reached the merchant."""
    return o.submit(0, 5, id="a", delivered=False)


@table(
    Case("arrives at the original", "held", lambda o: lost(o).resubmit(6, 7, id="a")),
    Case("arrives at another order", "VIOLATED", lambda o: lost(o).resubmit(6, 7, id="b")),
    Case("rejected", "VIOLATED", lambda o: lost(o).resubmit(6, 7, "REJECTED")),
    Case("called a conflict", "VIOLATED", lambda o: lost(o).resubmit(6, 7, "CONFLICT")),
    Case(
        "rejected, and it has truly failed", "held", lambda o: lost(o).query(6, 7, "FAILED").resubmit(8, 9, "REJECTED")
    ),
    Case("the answer arrived", "none", lambda o: o.submit(0, 5, id="a").resubmit(6, 7, id="a")),
    Case(
        "the answer to a copy of the network is nobody's",
        "none",
        lambda o: o.submit(0, 5, "RETRYABLE").submit(1, 4, copy=1).resubmit(6, 7, "REJECTED"),
    ),
    Case("the request never arrived", "none", lambda o: o.submit(0).resubmit(6, 7)),
    Case("begun before the lost answer", "none", lambda o: lost(o).resubmit(5, 7, id="b")),
    Case("a duplicate with a pointer", "held", lambda o: lost(o).resubmit(6, 7, "DUPLICATE", id="a")),
    Case("a duplicate without a pointer", "VIOLATED", lambda o: lost(o).resubmit(6, 7, "DUPLICATE")),
    Case("a duplicate, as declared", "held", lambda o: lost(o).resubmit(6, 7, "DUPLICATE"), PLAIN),
    Case("rejected, as declared", "UNSAFE", lambda o: lost(o).resubmit(6, 7, "REJECTED"), PLAIN),
    Case(
        "a new order, as declared",
        "UNSAFE",
        lambda o: lost(o).resubmit(6, 7, id="b"),
        Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT),
    ),
    Case("nothing was decided", "none", lambda o: lost(o).resubmit(6, 7, "RETRYABLE").resubmit(8, 9, "IN_PROGRESS")),
    Case("another payload", "none", lambda o: lost(o).resubmit(6, 7, "CONFLICT", payload="p2")),
    Case(
        "a duplicate without the promised pointer",
        "VIOLATED",
        lambda o: lost(o).resubmit(6, 7, "DUPLICATE"),
        Promises(on_same_payload=SamePayloadAnswer.REJECT_WITH_POINTER),
    ),
    Case(
        "a duplicate, as declared, and no query by number: no way leads to the order",
        "UNSAFE",
        lambda o: lost(o).resubmit(6, 7, "DUPLICATE"),
        Promises(on_same_payload=SamePayloadAnswer.REJECT_PLAIN, asks_by_number=False),
    ),
    Case(
        "the answer again, without what orders are asked for by",
        "UNSAFE",
        lambda o: lost(o).resubmit(6, 7),
        Promises(asks_by_number=False),
    ),
    Case(
        "the answer again, with what orders are asked for by",
        "held",
        lambda o: lost(o).resubmit(6, 7, id="a"),
        Promises(asks_by_number=False),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)
