"""Totals are found where the contract says, and lines that are not what they say are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.statements.claims import Claims, check_claims
from ackord.statements.lines import PartitionSums

from .support import CSV, loaded

SUMS = [PartitionSums("payout", "out", "EUR", 2, 500, 3), PartitionSums("return", "in", "EUR", 1, 100, 0)]


def claims(folder: Path, more: str) -> Claims:
    contract = loaded(folder, CSV + more).contract
    assert contract.statement is not None
    return Claims(contract.statement, contract)


def test_cells_and_rows_around_a_table(tmp_path: Path) -> None:
    found = claims(tmp_path, 'totals: {rows: Rows, amount_out: {regex: "out: (-?[0-9]{1,9})"}}\nmoney: minor\n')
    assert found.in_table([["out: -500", "x"], ["Sum", "Rows"], ["1", "3"]]) == {"rows": 3, "amount_out": -500}
    with pytest.raises(UnreadableBody, match="no cell above or below"):
        found.in_table([["out: 5"], ["Rows"]])
    with pytest.raises(UnreadableBody, match="the total rows is no count: 'many'"):
        found.in_table([["out: 5"], ["Rows"], ["many"]])


@pytest.mark.parametrize(
    "right",
    [{"rows": 3, "rows_out": 2, "rows_in": 1}, {"amount": 600, "amount_out": -500, "amount_in": 100}, {"net": -400},
     {"fee": 3}, {"opening": 1000, "closing": 600}],
)  # fmt: skip
def test_right_totals(right: dict[str, int]) -> None:
    check_claims(right, SUMS)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rows": 2}, "rows is 2, and the lines have 3"),
        ({"amount_out": 499}, "amount_out is 499, and the lines have 500"),
        ({"net": 400}, "net is 400, and the lines have -400"),
        ({"opening": 0, "closing": 400}, "the balance goes from 0 to 400, and the lines by -400"),
    ],
)
def test_wrong_totals(wrong: dict[str, int], says: str) -> None:
    with pytest.raises(UnreadableBody, match=says):
        check_claims(wrong, SUMS)


def test_totals_of_several_currencies_are_none() -> None:
    several = [*SUMS, PartitionSums("payout", "out", "USD", 1, 1, 0)]
    check_claims({"rows": 4}, several)
    with pytest.raises(UnreadableBody, match="several currencies"):
        check_claims({"amount": 601}, several)
