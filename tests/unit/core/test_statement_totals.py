"""Totals that a statement states, against those of its lines."""

from __future__ import annotations

import pytest

from ackord.core.statement_totals import contradictions


@pytest.mark.parametrize(
    ("claimed", "found", "wrong"),
    [
        ({"rows": 2}, {"rows": 2}, []),
        ({"rows": 2}, {}, ["rows is 2, and the lines have 0"]),
        ({"amount_out": -5}, {"amount_out": 5}, []),
        ({"net": -5}, {"net": 5}, ["net is -5, and the lines have 5"]),
        ({"opening": 10, "closing": 7}, {"net": -3}, []),
        ({"opening": 10, "closing": 7}, {"net": 3}, ["the balance goes from 10 to 7, and the lines by 3"]),
        ({"opening": 10}, {}, []),
    ],
)
def test_case(claimed: dict[str, int], found: dict[str, int], wrong: list[str]) -> None:
    assert contradictions(claimed, found) == wrong
