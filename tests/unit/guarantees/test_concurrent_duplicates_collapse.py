"""Concurrent duplicates collapse: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.concurrent_duplicates_collapse import ID

from .cases import Case, check, table


@table(
    Case(
        "one order, one movement",
        "held",
        lambda o: o.submit(0, 5, id="a").resubmit(1, 6, id="a").pays(7).ledger_read(8),
    ),
    Case("touching intervals overlap", "held", lambda o: o.submit(0, 5).resubmit(5, 6).pays(7).ledger_read(8)),
    Case("one after the other", "none", lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).pays(8).ledger_read(9)),
    Case(
        "overlapping resubmissions of an acknowledged order",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 9).resubmit(7, 9).pays(10).ledger_read(11),
    ),
    Case("two movements", "VIOLATED", lambda o: o.submit(0, 5).resubmit(1, 6).pays(7).pays(7).ledger_read(8)),
    Case(
        "two movements by copies of the network",
        "VIOLATED",
        lambda o: o.submit(0, 5).submit(1, 6, copy=1).pays(7).pays(7).ledger_read(8),
    ),
    Case(
        "two movements, one perhaps by a later resubmission",
        "held",
        lambda o: o.submit(0, 5, id="a").resubmit(1, 6, id="a").resubmit(9, 10).pays(17).pays(17).ledger_read(18),
    ),
    Case(
        "two movements, none by the later resubmission",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5, id="a").resubmit(1, 6, id="a").resubmit(9, 10, id="a").pays(17).pays(17).ledger_read(18)
        ),
    ),
    Case("two orders", "VIOLATED", lambda o: o.submit(0, 5, id="a").resubmit(1, 6, id="b").ledger_read(8)),
    Case("one is rejected", "VIOLATED", lambda o: o.submit(0, 5).resubmit(1, 6, "REJECTED").ledger_read(8)),
    Case("one is called a conflict", "VIOLATED", lambda o: o.submit(0, 5).resubmit(1, 6, "CONFLICT").ledger_read(8)),
    Case("all are rejected", "none", lambda o: o.submit(0, 5, "REJECTED").resubmit(1, 6, "REJECTED").ledger_read(8)),
    Case(
        "one is told to wait",
        "held",
        lambda o: (
            o.submit(0, 5)
            .resubmit(1, 6, "IN_PROGRESS")
            .resubmit(1, 6, "DUPLICATE")
            .resubmit(2, 3, "RETRYABLE")
            .ledger_read(8)
        ),
    ),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5).resubmit(1, 6)),
    Case("there is no ledger", "held", lambda o: o.submit(0, 5).resubmit(1, 6), Promises(has_ledger=False)),
    Case("no answer proves no overlap", "none", lambda o: o.submit(0).resubmit(1, 6).ledger_read(8)),
    Case("another payload is no copy", "none", lambda o: o.submit(0, 5).resubmit(1, 6, payload="p2").ledger_read(8)),
    Case(
        "no idempotency declared",
        "UNSAFE",
        lambda o: o.submit(0, 5, id="a").resubmit(1, 6, id="b").pays(7).pays(7).ledger_read(8),
        Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT),
    ),
    Case(
        "another payload moved the second, under the same identifier",
        "held",
        lambda o: (
            o.submit(0, 5, id="a")
            .resubmit(1, 6, id="a")
            .resubmit(9, 10, payload="p2", sent=101, id="a")
            .pays(17)
            .pays(17, 101)
            .ledger_read(18)
        ),
    ),
    Case(
        "a copy of the network is refused as a replay",
        "held",
        lambda o: o.submit(0, 5, id="a").submit(1, 6, "REJECTED", copy=1).pays(7).ledger_read(8),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)
