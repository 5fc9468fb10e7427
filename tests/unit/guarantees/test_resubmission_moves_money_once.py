"""Resubmission moves money once: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.promises import OtherPayloadAnswer, Promises, SamePayloadAnswer
from ackord.guarantees.resubmission_moves_money_once import ID

from .build import judged, order
from .cases import Case, check, table

BY_PAYLOAD = Promises(on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT)
FORGETFUL = Promises(key_retention_ns=100 * MS)


@table(
    Case("one movement", "held", lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).ledger_read(9)),
    Case("two movements", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).pays(8).ledger_read(9)),
    Case(
        "one movement, read twice",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7).pays(8, id="m").pays(9, id="m").ledger_read(10),
    ),
    Case(
        "paid and returned",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).pays(8, kind="return").ledger_read(9),
    ),
    Case(
        "another account's",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).pays(8, account="theirs").ledger_read(9),
    ),
    Case(
        "a ledger without accounts",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7).pays(8, account="").pays(8, account="").ledger_read(9),
    ),
    Case(
        "nothing was ever accepted",
        "none",
        lambda o: o.submit(0, 5, "REJECTED").resubmit(6, 7, "RETRYABLE").ledger_read(9),
    ),
    Case("submitted once", "none", lambda o: o.submit(0, 5).pays(8).ledger_read(9)),
    Case("submitted once, paid twice", "VIOLATED", lambda o: o.submit(0, 5).pays(8).pays(8).ledger_read(9)),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5).resubmit(6, 7).pays(8)),
    Case(
        "two movements prove it, read to the end or not",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).pays(8),
    ),
    Case("the ledger was read too early", "none", lambda o: o.submit(0, 5).ledger_read(6).resubmit(6, 7).pays(8)),
    Case("nothing was ever answered", "none", lambda o: o.submit(0).resubmit(6).ledger_read(9)),
    Case("a copy made by the network", "held", lambda o: o.submit(0, 5).submit(1, 4, copy=1).pays(8).ledger_read(9)),
    Case(
        "no idempotency declared",
        "UNSAFE",
        lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).pays(8).ledger_read(9),
        Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT),
    ),
    Case(
        "two payloads are two orders",
        "UNSAFE",
        lambda o: o.submit(0, 5).resubmit(6, 7, payload="p2").pays(8).pays(8).ledger_read(9),
        BY_PAYLOAD,
    ),
    Case(
        "one payload is one order",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7).pays(8).pays(8).ledger_read(9),
        BY_PAYLOAD,
    ),
    Case(
        "the number was forgotten",
        "UNSAFE",
        lambda o: o.submit(0, 5).resubmit(101, 102).pays(8).pays(103).ledger_read(104),
        FORGETFUL,
    ),
    Case(
        "the number was forgotten early",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(99, 102).pays(8).pays(103).ledger_read(104),
        FORGETFUL,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_movements_and_amounts() -> None:
    one = order().submit(0, 5).resubmit(6, 7).pays(8, 100, id="m1").pays(9, 250, id="m2").ledger_read(10)
    _, [found] = judged(ID, one)
    assert found.movements == ("m1", "m2")
    assert "2 payouts moved 350 minor units in all" in found.summary
    assert "m2 (250 minor units)" in found.summary
