"""Amounts as banks write them: decimal commas and grouped thousands."""

from __future__ import annotations

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.codec.csv_tables import plain_amount, written_amount
from ackord.contract.spec.statement import CsvFormat

COMMA = CsvFormat(decimal=",", thousands=".")


@pytest.mark.parametrize(
    ("text", "plain"),
    [("1.234,56", "1234.56"), ("-12.345.678,00", "-12345678.00"), ("7", "7"), ("0,5", "0.5"), ("999", "999")],
)
def test_an_amount_with_marks(text: str, plain: str) -> None:
    assert plain_amount(text, COMMA, "it") == plain
    assert written_amount(plain, COMMA) == text
    assert plain_amount(plain, CsvFormat(), "it") == plain


@pytest.mark.parametrize("text", ["1,234.56", "12.34,5", "1.2345,00", "1,2,3", "x", ".500"])
def test_another_way_of_writing_is_no_amount(text: str) -> None:
    with pytest.raises(UnreadableBody, match="not written as the contract says"):
        plain_amount(text, COMMA, "it")
