"""One refund moves money once: histories on each side of its edge."""

from __future__ import annotations

import pytest

from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.refund_moves_money_once import ID

from .build import judged, order
from .cases import Case, check, table

SHOWN = Promises(refunds=True, refund_kind="refund")
NEW = Promises(refunds=True, refund_kind="refund", on_same_refund=SamePayloadAnswer.NEW_MOVEMENT)


@table(
    Case("sent once", "none", lambda o: o.submit(0, 5).pays(9).refund(6, 7).gives_back(9).ledger_read(9), SHOWN),
    Case(
        "sent again, made once",
        "held",
        lambda o: o.submit(0, 5).pays(9).refund(6, 7).refund(7, 8).gives_back(9).ledger_read(9),
        SHOWN,
    ),
    Case(
        "sent again, made twice",
        "VIOLATED",
        lambda o: o.submit(0, 5).pays(9).refund(6, 7).refund(7, 8).gives_back(9).gives_back(9).ledger_read(9),
        SHOWN,
    ),
    Case(
        "two refunds of one amount",
        "none",
        lambda o: (
            o.submit(0, 5)
            .pays(9)
            .refund(6, 7)
            .refund(7, 8, no="R2")
            .gives_back(9, no="")
            .gives_back(9, no="")
            .ledger_read(9)
        ),
        SHOWN,
    ),
    Case(
        "the ledger names no refund, and shows one more than was asked for",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5).pays(9).refund(6, 7).refund(7).gives_back(9, no="").gives_back(9, no="").ledger_read(9)
        ),
        SHOWN,
    ),
    Case("another amount", "VIOLATED", lambda o: o.submit(0, 5).refund(6, 7).gives_back(9, 50).ledger_read(9), SHOWN),
    Case(
        "under a number that nobody used",
        "VIOLATED",
        lambda o: o.submit(0, 5).refund(6, 7).gives_back(9, no="R").ledger_read(9),
        SHOWN,
    ),
    Case("refused, and not made", "held", lambda o: o.submit(0, 5).refund(6, 7, "REJECTED").ledger_read(9), SHOWN),
    Case(
        "refused, and made",
        "VIOLATED",
        lambda o: o.submit(0, 5).refund(6, 7, "REJECTED").gives_back(9).ledger_read(9),
        SHOWN,
    ),
    Case(
        "refused, then accepted",
        "held",
        lambda o: o.submit(0, 5).refund(6, 7, "REJECTED").refund(7, 8).gives_back(9).ledger_read(9),
        SHOWN,
    ),
    Case("lost, and made", "none", lambda o: o.submit(0, 5).refund(6).gives_back(9).ledger_read(9), SHOWN),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5).refund(6, 7).refund(7, 8), SHOWN),
    Case("a payout is no refund", "none", lambda o: o.submit(0, 5).refund(6, 7).pays(9).pays(9).ledger_read(9), SHOWN),
    Case(
        "made twice, where the contract has no numbers",
        "UNSAFE",
        lambda o: o.submit(0, 5).refund(6, 7).refund(7, 8).gives_back(9, no="").gives_back(9, no="").ledger_read(9),
        NEW,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


@pytest.mark.parametrize(
    ("answer", "amount", "no", "says"),
    [
        ("REJECTED", 40, "R1", "that was refused for good"),
        ("ACK", 50, "R1", "of 50 minor units instead of 40 minor units"),
        ("ACK", 40, "R", "that nobody asked for"),
    ],
)
def test_it_says_what_is_wrong(answer: str, amount: int, no: str, says: str) -> None:
    one = order().submit(0, 5).refund(6, 7, answer).gives_back(9, amount, no=no).ledger_read(9)
    _, [found] = judged(ID, one, SHOWN)
    assert says in found.summary
    assert found.movements == ("mv-A-1",)
