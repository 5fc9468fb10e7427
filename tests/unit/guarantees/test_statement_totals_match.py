"""A statement's totals are those of its lines: readings on each side of its edge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ackord.core.promises import Promises
from ackord.guarantees.statement_totals_match import ID

from .build import order
from .statement_build import OPENED, WHOLE, line, page, reading, word

SILENT = replace(WHOLE, statement=replace(WHOLE.statement, totals=False))  # type: ignore[type-var]


def stated(rows: int, **more: Any) -> list[Any]:
    return [page(line(), **more), page(line("m2"), totals=(("rows", rows),), **more)]


@pytest.mark.parametrize(
    ("pages", "promises", "said"),
    [
        (stated(2), WHOLE, "HELD"),
        (stated(3), WHOLE, "VIOLATED"),
        # While lines come, the totals are those of another moment than the first page.
        (stated(3, whole=False), WHOLE, "INCONCLUSIVE"),
        ([page(line(), whole=False, totals=(("rows", 2),))], WHOLE, "VIOLATED"),
        ([page(line(), totals=(("amount", 100),))], WHOLE, "HELD"),
        ([page(line(), totals=(("amount", 101),))], WHOLE, "VIOLATED"),
        # Each window has totals of its own.
        ([page(line(), totals=(("rows", 1),)), page(window=(OPENED[1], 2000), totals=(("rows", 0),))], WHOLE, "HELD"),
        ([page(line())], WHOLE, "INCONCLUSIVE"),
        (stated(3), SILENT, "NOT_APPLICABLE"),
    ],
)
def test_case(pages: list[Any], promises: Promises, said: str) -> None:
    verdict = word(ID, reading(1, 50, pages), of=order().submit(0, 5), promises=promises)
    assert verdict.result == said, verdict


def test_a_reading_that_was_cut_proves_nothing() -> None:
    assert word(ID, reading(1, 50, stated(3), problem="cut"), of=order().submit(0, 5)).result == "INCONCLUSIVE"


def test_the_period_is_told() -> None:
    assert word(ID, reading(1, 50, stated(3))).findings[0].summary == (
        "the statement from 1970-01-01T00:16:30Z until before 1970-01-01T00:16:50Z contradicts its lines, in minor "
        "units: rows is 3, and the lines have 2"
    )
