"""A statement does not change after its cut-off: readings on each side of its edge."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.promises import Promises
from ackord.guarantees.statement_immutable_after_cutoff import ID

from .build import order
from .statement_build import GROWS, OPENED, WHOLE, line, page, reading, word

SAME = (("rows", 1),)


@pytest.mark.parametrize(
    ("first", "second", "promises", "said"),
    [
        (page(line()), page(line()), WHOLE, "HELD"),
        (page(line(), sums=SAME), page(line(amount=101), sums=SAME), WHOLE, "VIOLATED"),
        (page(line(), sums=SAME), page(line("m9"), sums=SAME), WHOLE, "VIOLATED"),
        (page(line(), sums=SAME), page(sums=SAME), WHOLE, "VIOLATED"),
        (page(sums=SAME), page(line(), sums=SAME), WHOLE, "VIOLATED"),
        # Before the cut-off it may change.
        (page(line(), whole=False), page(line(amount=101)), WHOLE, "INCONCLUSIVE"),
        (page(line()), page(line(amount=101), window=(OPENED[0], OPENED[1] + 1)), WHOLE, "INCONCLUSIVE"),
        # Lines of others are in the sums alone.
        (page(line(), sums=SAME), page(line(), sums=(("rows", 2),)), WHOLE, "VIOLATED"),
        (page(line()), page(line()), GROWS, "NOT_APPLICABLE"),
    ],
)
def test_case(first: Any, second: Any, promises: Promises, said: str) -> None:
    read = [reading(1, 50, [first]), reading(2, 60, [second])]
    verdict = word(ID, *read, of=order().submit(0, 5), promises=promises)
    assert verdict.result == said, verdict


def test_what_changed_is_told() -> None:
    read = [
        reading(1, 50, [page(line(), line("m2"), sums=SAME)]),
        reading(2, 60, [page(line(), line("m2", 5), sums=SAME)]),
    ]
    assert word(ID, *read, of=order().submit(0, 5)).findings[0].summary == (
        "the statement had the payout m2 (100 minor units) after its cut-off, and has the payout m2 (5 minor units) "
        "10 ms later (readings 1 and 2)"
    )
