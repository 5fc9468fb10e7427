"""Limits of amounts: what is left out, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.loading.loader import load_contract, shipped
from ackord.contract.spec.limits import Limits
from ackord.core.amount_range import AmountRange
from ackord.errors import FileError

REFERENCE = (shipped("contracts") / "reference.yaml").read_text()


@pytest.mark.parametrize(
    ("given", "amounts"),
    [
        ({}, AmountRange(100, 5000)),
        ({"amount_minor": 150}, AmountRange(1, 150)),
        ({"amount_minor": 10_000, "min_amount_minor": 1000, "amount_step_minor": 100}, AmountRange(1000, 10_000, 100)),
    ],
)
def test_amounts(given: dict[str, int], amounts: AmountRange) -> None:
    assert Limits.model_validate(given).amounts() == amounts


@pytest.mark.parametrize(
    ("limits", "line", "says"),
    [
        ("amount_minor: 500,\n  min_amount_minor: 600", 1, "no amount from 600 to 500"),
        ("amount_minor: 500,\n  min_amount_minor: 500", 1, "one amount from 500 to 500"),
        ("amount_minor: 500,\n  amount_step_minor: 1000", 1, "no amount from 100 to 500 is a multiple of 1000"),
        ("amount_minor: 1", 0, "one amount from 1 to 1"),
    ],
)
def test_limits_that_leave_no_two_amounts_are_refused_with_their_line(
    limits: str, line: int, says: str, tmp_path: Path
) -> None:
    (path := tmp_path / "mine.yaml").write_text(REFERENCE.replace("amount_minor: 5000", limits))
    begins = REFERENCE[: REFERENCE.index("amount_minor: 5000")].count("\n") + 1
    with pytest.raises(FileError, match=says) as error:
        load_contract(path)
    assert f"mine.yaml:{begins + line}: " in str(error.value)
    assert "at least two amounts" in str(error.value)
