"""Money is a whole number of minor units; the number of places is the currency's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.core.money import Money, exponent_of


@pytest.mark.parametrize(("code", "places"), [("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("CLF", 4)])
def test_exponents(code: str, places: int) -> None:
    assert exponent_of(code) == places


@pytest.mark.parametrize("code", ["eur", "EU", "EURO", "", "E1R", "EUR\n"])
def test_what_is_not_a_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        exponent_of(code)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        ("19.9", "EUR", 1990),
        (5, "EUR", 500),
        ("1999", "JPY", 1999),
        ("-0.05", "EUR", -5),
        ("1e2", "EUR", 10_000),
    ],
)
def test_from_major(amount: str | int, currency: str, minor: int) -> None:
    assert Money.from_major(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.001", "EUR"), ("0.5", "JPY"), ("NaN", "EUR"), ("Infinity", "EUR"), ("ten", "EUR")]
)
def test_nothing_is_rounded(amount: str, currency: str) -> None:
    with pytest.raises(ValueError):
        Money.from_major(amount, currency)


@pytest.mark.parametrize(
    ("money", "text"),
    [(Money(1999, "EUR"), "19.99 EUR"), (Money(5, "EUR"), "0.05 EUR"), (Money(-5, "EUR"), "-0.05 EUR"), (Money(7, "JPY"), "7 JPY"), (Money(-1, "KWD"), "-0.001 KWD")],
)  # fmt: skip
def test_text(money: Money, text: str) -> None:
    assert str(money) == text


@given(minor=st.integers(-(10**15), 10**15), currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_major_and_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.from_major(money.major(), currency) == money
