"""A statement holds no line for what did not move: readings on each side of its edge."""

from __future__ import annotations

import pytest

from ackord.core.event import Event
from ackord.core.promises import Promises
from ackord.guarantees.statement_no_phantoms import ID

from .build import Order, order
from .statement_build import BOOKED_S, GROWS, OPENED, WHOLE, line, page, reading, word

NEXT = (OPENED[1], OPENED[1] + 10)


def one() -> Order:
    return order().submit(0, 5)


@pytest.mark.parametrize(
    ("of", "read", "promises", "said"),
    [
        (one().pays(9).ledger_read(60), reading(1, 50, [page(line())]), WHOLE, "HELD"),
        (one().pays(9).ledger_read(60), reading(1, 50, [page(line(), line("m2"))]), WHOLE, "VIOLATED"),
        (one().pays(9).pays(9).ledger_read(60), reading(1, 50, [page(line(), line("m2"))]), WHOLE, "HELD"),
        (one().ledger_read(60), reading(1, 50, [page(line())]), WHOLE, "VIOLATED"),
        # A ledger that was read before proves nothing about what came since.
        (one().ledger_read(10), reading(1, 50, [page(line())]), WHOLE, "HELD"),
        (one().pays(9).ledger_read(60), reading(1, 50, [page(line(), line("r", kind="refund"))]), WHOLE, "VIOLATED"),
        # Without a ledger: a second payout only after the first came back.
        (one(), reading(1, 50, [page(line(), line("m2"))]), GROWS, "VIOLATED"),
        (one(), reading(1, 50, [page(line(), line("r", kind="return"), line("m2"))]), GROWS, "HELD"),
        # Of nobody.
        (order("B").submit(0, 5), reading(1, 50, [page(line())]), WHOLE, "VIOLATED"),
        (one(), reading(1, 50, [page(line(of=""))]), WHOLE, "VIOLATED"),
        # In the statement of another time, or of two.
        (one(), reading(1, 50, [page(line(booked=NEXT[0]))]), WHOLE, "VIOLATED"),
        (one(), reading(1, 50, [page(line(booked=OPENED[1] - 1))]), WHOLE, "HELD"),
        (
            one(),
            reading(1, 50, [page(line(booked=None)), page(line(booked=None), window=NEXT)]),
            WHOLE,
            "VIOLATED",
        ),
        (one(), reading(1, 50, [page(line())], problem="cut"), WHOLE, "INCONCLUSIVE"),
        (one(), reading(1, 50, [page()]), WHOLE, "INCONCLUSIVE"),
        (one(), reading(1, 50, [page(line())]), Promises(), "NOT_APPLICABLE"),
    ],
)
def test_case(of: Order, read: list[Event], promises: Promises, said: str) -> None:
    verdict = word(ID, read, of=of, promises=promises)
    assert verdict.result == said, verdict


def test_a_line_without_a_number_is_told() -> None:
    verdict = word(ID, reading(1, 50, [page(line(of=""))]), of=one())
    assert verdict.findings[0].order == "(none)"
    assert verdict.findings[0].summary == "the statement has the payout m1 (100 minor units) under no order number"
    assert BOOKED_S == 1_000
