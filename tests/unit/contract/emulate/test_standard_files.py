"""A standard's file that is written is read as the same movements, and its balances fit."""

from __future__ import annotations

import io

import pytest

from ackord.contract.base.body_parsing import UnwritableBody
from ackord.contract.emulate.standard_files import standard_file
from ackord.contract.spec.statement import StatementSpec
from ackord.contract.statement_files.opening import rows_of

DAY_S = 1_795_824_000
NUMBERS = ["N-1", "a-number-of-thirty-five-characters-1"]
ROWS = [
    {"order_no": number, "amount": "1234.50", "direction": where, "currency": "EUR", "at_s": DAY_S, "kind": "payout",
     "movement_id": str(n)}
    for n, (number, where) in enumerate(zip(NUMBERS, ["out", "in"], strict=True))
]  # fmt: skip


@pytest.mark.parametrize("standard", ["mt940", "camt053"])
def test_what_is_written_is_read(standard: str) -> None:
    statement = StatementSpec.model_validate({"request": {"method": "GET", "path": "/x"}, "standard": standard})
    found = [row.cells for row in rows_of(io.BytesIO(standard_file(standard, ROWS, "acc", "EUR", DAY_S)), statement)]
    assert [cells["end_to_end"] for cells in found] == NUMBERS
    assert [float(cells["amount"]) for cells in found] == [1234.5, 1234.5]
    assert [statement.directions[cells["direction"]] for cells in found] == ["out", "in"]
    assert [cells["date"] for cells in found] == ["2026-11-28"] * 2


def test_a_file_of_one_currency_shows_no_other() -> None:
    with pytest.raises(UnwritableBody, match="one currency"):
        standard_file("mt940", [{**ROWS[0], "currency": "USD"}], "acc", "EUR", DAY_S)
