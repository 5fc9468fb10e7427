"""Pages of a statement neither skip nor repeat lines: readings on each side of its edge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ackord.core.event import Event
from ackord.core.promises import Promises
from ackord.guarantees.statement_pages_stable import ID

from .build import order
from .statement_build import OPENED, WHOLE, line, page, reading, word

ONE, TWO = page(line()), page(line("m2"))
FILE = replace(WHOLE, statement=replace(WHOLE.statement, paging=""))  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("read", "promises", "said"),
    [
        ([reading(1, 50, [ONE, TWO])], WHOLE, "HELD"),
        ([reading(1, 50, [page(line(), line("m2"))])], WHOLE, "INCONCLUSIVE"),
        ([reading(1, 50, [ONE, page(line(), line("m2"))])], WHOLE, "VIOLATED"),
        ([reading(1, 50, [ONE, page(line(), window=(OPENED[1], OPENED[1] + 1))])], WHOLE, "HELD"),
        ([reading(1, 50, [page(line("")), page(line(""))])], WHOLE, "HELD"),
        ([reading(1, 50, [ONE, TWO]), reading(2, 60, [ONE, page()])], WHOLE, "VIOLATED"),
        ([reading(1, 50, [ONE, TWO]), reading(2, 51.5, [ONE, page()])], WHOLE, "HELD"),
        ([reading(1, 50, [ONE, TWO]), reading(2, 60, [ONE], problem="cut")], WHOLE, "HELD"),
        ([reading(1, 50, [ONE, TWO]), reading(2, 60, [page(window=(1, 2))])], WHOLE, "HELD"),
        ([reading(1, 50, [ONE]), reading(2, 60, [page()])], WHOLE, "VIOLATED"),
        ([reading(1, 50, [page(line(booked=None))]), reading(2, 60, [page()])], WHOLE, "VIOLATED"),
        ([reading(1, 50, [page(line(booked=None))]), reading(2, 60, [page(window=(1, 2))])], WHOLE, "INCONCLUSIVE"),
        ([reading(1, 50, [ONE, TWO])], FILE, "NOT_APPLICABLE"),
    ],
)
def test_case(read: list[list[Event]], promises: Promises, said: str) -> None:
    verdict = word(ID, *read, of=order().submit(0, 5), promises=promises)
    assert verdict.result == said, verdict


def test_what_vanished_is_told_with_both_readings() -> None:
    found = word(ID, reading(1, 50, [ONE, TWO]), reading(2, 60, [ONE, page()]), of=order().submit(0, 5)).findings[0]
    assert found.summary == (
        "the payout m2 (100 minor units) stood on page 2 of reading 1 of the statement, and on no page of reading 2, "
        "which began 8 ms later"
    )
