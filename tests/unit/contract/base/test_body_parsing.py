"""The plain facts in bodies: amounts and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.base.body_parsing import UnreadableBody, digits, major_amount


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        (19.99, "EUR", 1999),
        (19, "EUR", 1900),
        ("19", "JPY", 19),
        ("1.234", "KWD", 1234),
        ("-0.01", "EUR", -1),
        ("", "EUR", None),
        (None, "EUR", None),
    ],
)
def test_an_amount_in_major_units(value: Any, currency: str, minor: int | None) -> None:
    assert major_amount(value, currency, "the amount") == minor


@pytest.mark.parametrize(
    "value", ["19.999", "1,5", "x", "٣", "1e400", "nan", "9" * 41, True, [1], {}, float("inf"), 1e40]
)
def test_what_is_no_amount(value: Any) -> None:
    with pytest.raises(UnreadableBody, match="the amount"):
        major_amount(value, "EUR", "the amount")


@pytest.mark.parametrize(("value", "number"), [("5", 5), ("-5", -5), ("", None), (None, None), (5, 5)])
def test_a_number_where_there_is_only_text(value: Any, number: int | None) -> None:
    assert digits(value, "it") == number


@pytest.mark.parametrize("value", ["1.5", "x", "٣", "--5", "9" * 30, True, []])
def test_text_that_is_no_number(value: Any) -> None:
    with pytest.raises(UnreadableBody, match="it "):
        digits(value, "it")
