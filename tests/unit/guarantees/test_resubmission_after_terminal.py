"""Resubmission after terminal: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import OtherPayloadAnswer, Promises, SamePayloadAnswer
from ackord.guarantees.resubmission_after_terminal import ID

from .build import Order
from .cases import Case, check, table


def paid(o: Order) -> Order:
    return o.submit(0, 5, id="a").query(6, 7, "SUCCEEDED")


@table(
    Case("nothing happens", "held", lambda o: paid(o).resubmit(8, 9, id="a").query(10, 11, "SUCCEEDED")),
    Case("a new order", "VIOLATED", lambda o: paid(o).resubmit(8, 9, id="b")),
    Case("it runs again", "VIOLATED", lambda o: paid(o).resubmit(8, 9, id="a").query(10, 11)),
    Case("a stale read from before", "held", lambda o: paid(o).query(8, 9).resubmit(10, 11, id="a").query(12, 13)),
    Case("a read that overlaps the resubmission", "held", lambda o: paid(o).resubmit(8, 12, id="a").query(11, 13)),
    Case("money moves again", "VIOLATED", lambda o: paid(o).resubmit(8, 9, id="a").pays(10).pays(10).ledger_read(11)),
    Case(
        "an earlier copy may have moved the second",
        "held",
        lambda o: (
            o.submit(0, 5, id="a")
            .resubmit(1, 5, id="a")
            .query(6, 7, "SUCCEEDED")
            .resubmit(8, 9, id="a")
            .pays(10)
            .pays(10)
        ),
    ),
    Case(
        "another payload moved the second, as declared",
        "held",
        lambda o: (
            paid(o).resubmit(8, 9, payload="p2", id="b").resubmit(10, 11, id="a").pays(12).pays(12).ledger_read(13)
        ),
        Promises(on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT),
    ),
    Case(
        "another payload cannot have moved the third",
        "VIOLATED",
        lambda o: (
            paid(o)
            .resubmit(8, 9, payload="p2", id="b")
            .resubmit(10, 11, payload="p2", id="b")
            .resubmit(12, 13, id="a")
            .pays(14)
            .pays(14)
            .pays(14)
            .ledger_read(15)
        ),
        Promises(on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT),
    ),
    Case(
        "another payload is to be refused",
        "VIOLATED",
        lambda o: (
            paid(o).resubmit(8, 9, payload="p2", id="b").resubmit(10, 11, id="a").pays(12).pays(12).ledger_read(13)
        ),
    ),
    Case("the end was not seen yet", "none", lambda o: paid(o).resubmit(7, 9, id="b")),
    Case("never ended", "none", lambda o: o.submit(0, 5).query(6, 7).resubmit(8, 9)),
    Case("no answer to the resubmission", "none", lambda o: paid(o).resubmit(8).query(10, 11)),
    Case(
        "an end that was shown before the first submit",
        "none",
        lambda o: o.query(0, 2, "SUCCEEDED").submit(3, 5, id="a").resubmit(4).query(6, 9),
    ),
    Case("another payload", "none", lambda o: paid(o).resubmit(8, 9, payload="p2", id="b")),
    Case(
        "a failed order may be tried again, as declared",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "FAILED").resubmit(8, 9).query(10, 11),
        Promises(later_edges=(LaterEdge(PaymentState.FAILED, PaymentState.PROCESSING),)),
    ),
    Case(
        "no idempotency declared",
        "UNSAFE",
        lambda o: paid(o).resubmit(8, 9, id="b"),
        Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT),
    ),
    Case(
        "the number was forgotten",
        "none",
        lambda o: paid(o).resubmit(60, 61, id="b"),
        Promises(key_retention_ns=50 * MS),
    ),
    Case(
        "a stale read: the ledger was read since, and it was paid once",
        "held",
        lambda o: paid(o).resubmit(8, 9, id="a").query(10, 11).pays(12).ledger_read(13),
    ),
    Case(
        "what failed runs again, whatever the ledger holds",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5, id="a").query(6, 7, "FAILED").resubmit(8, 9, id="a").query(10, 11).pays(12).ledger_read(13)
        ),
    ),
    Case(
        "more movements than its resubmissions can have made",
        "held",
        lambda o: paid(o).resubmit(8, 9, id="a").pays(10).pays(10).pays(10).ledger_read(11),
    ),
    Case(
        "the second movement is of another payload's amount",
        "held",
        lambda o: (
            paid(o)
            .resubmit(8, 9, payload="p2", sent=101)
            .resubmit(10, 11, id="a")
            .pays(12)
            .pays(12, 101)
            .ledger_read(13)
        ),
    ),
    Case(
        "a copy of the network is acknowledged as a new order", "none", lambda o: paid(o).submit(8, 9, id="b", copy=1)
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)
