"""Acknowledged order not failed: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.acknowledged_order_not_failed import ID

from .build import judged, order
from .cases import Case, check, table

LATE_FAILURE = Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.FAILED, 10 * MS),))


@table(
    Case("it goes well", "held", lambda o: o.submit(0, 5).query(6, 7).query(8, 9, "SUCCEEDED")),
    Case("it truly fails", "none", lambda o: o.submit(0, 5).query(6, 7, "FAILED").query(8, 9, "FAILED")),
    Case("it is under way, then truly fails", "held", lambda o: o.submit(0, 5).query(6, 7).query(8, 9, "FAILED")),
    Case("declined by the bank", "held", lambda o: o.submit(0, 5).query(6, 7).query(8, 9, "DECLINED")),
    Case("failed, and goes on", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "FAILED").query(8, 9)),
    Case("failed, and later paid", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "FAILED").query(8, 9, "SUCCEEDED")),
    Case("failed while another read overlaps", "held", lambda o: o.submit(0, 5).query(6, 9, "FAILED").query(8, 10)),
    Case("paid, then failed", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 9, "FAILED")),
    Case(
        "paid, then a late failure that is declared",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 9, "FAILED"),
        LATE_FAILURE,
    ),
    Case(
        "paid, and a late failure beyond the horizon",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(20, 21, "SUCCEEDED").query(22, 23, "FAILED"),
        LATE_FAILURE,
    ),
    Case("failed, but the ledger has a payout", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "FAILED").pays(9)),
    Case(
        "a movement and a late failure that is declared",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "FAILED").pays(9),
        LATE_FAILURE,
    ),
    Case("money came back, never went", "none", lambda o: o.submit(0, 5).query(6, 7, "FAILED").pays(9, kind="return")),
    Case(
        "another payload was paid",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "FAILED").resubmit(8, 9, payload="p2").pays(10),
    ),
    Case(
        "failed before the acknowledgement",
        "held",
        lambda o: o.submit(0, 5).query(3, 7, "FAILED").query(8, 9, "PROCESSING"),
    ),
    Case("not acknowledged", "none", lambda o: o.submit(0, 5, "RETRYABLE").query(6, 7, "FAILED").pays(9)),
    Case("cancelled on request", "held", lambda o: o.submit(0, 5).cancel(6, 7).query(8, 9, "CANCELLED").query(10, 11)),
    Case(
        "cancelled by nobody, and goes on", "VIOLATED", lambda o: o.submit(0, 5).query(8, 9, "CANCELLED").query(10, 11)
    ),
    Case(
        "a resubmission is rejected, and it goes on",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7, "REJECTED").query(8, 9),
    ),
    Case(
        "another payload is rejected",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7, "REJECTED", payload="p2").query(8, 9),
    ),
    Case(
        "rejected plainly, as declared",
        "UNSAFE",
        lambda o: o.submit(0, 5).resubmit(6, 7, "REJECTED").query(8, 9),
        Promises(on_same_payload=SamePayloadAnswer.REJECT_PLAIN),
    ),
    Case(
        "rejected after the number was forgotten",
        "held",
        lambda o: o.submit(0, 5).resubmit(60, 61, "REJECTED").query(62, 63),
        Promises(key_retention_ns=50 * MS),
    ),
    Case(
        "a replay of the original answer is no sign of life",
        "held",
        lambda o: o.submit(0, 5, state="RECEIVED").query(6, 7).query(8, 9, "FAILED").resubmit(10, 11, state="RECEIVED"),
        Promises(on_same_payload=SamePayloadAnswer.REPLAY_ORIGINAL),
    ),
    Case("an unknown status is not failed", "held", lambda o: o.submit(0, 5).query(6, 7).query(8, 9, "UNKNOWN")),
    Case("no answers after it", "none", lambda o: o.submit(0, 5).query(6)),
    Case(
        "a duplicate that reads as failed, and is paid",
        "VIOLATED",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE").query(8, 9, "FAILED").pays(10),
    ),
    Case(
        "in progress, then failed, then paid",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "IN_PROGRESS").query(8, 9, "FAILED").query(10, 11, "SUCCEEDED")
        ),
    ),
    Case(
        "a duplicate that is paid",
        "held",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE").query(8, 9, "SUCCEEDED").pays(10),
    ),
    Case(
        "a copy of the network is refused as a replay",
        "held",
        lambda o: o.submit(0, 5).submit(6, 7, "REJECTED", copy=1).query(8, 9, "SUCCEEDED").pays(10),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_the_movement() -> None:
    _, [found] = judged(ID, order().submit(0, 5).query(6, 7, "FAILED", detail="200 status=error").pays(9, id="mv-1"))
    assert found.movements == ("mv-1",)
    assert "200 status=error (FAILED)" in found.summary
    assert "although money moved: mv-1" in found.summary
