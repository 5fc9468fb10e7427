"""Amounts as a provider counts them: other decimal places than ISO 4217's, minor units as text."""

from __future__ import annotations

import pytest

from ackord.contract.base.amounts import ISO_UNITS, AmountUnits

ICELAND = AmountUnits({"ISK": 2})
COARSE = AmountUnits({"KWD": 2}, as_text=True)


def test_iso_4217_is_the_rule() -> None:
    assert ISO_UNITS.written_minor(1999, "EUR") == 1999
    assert ISO_UNITS.major(1999, "EUR") == "19.99"
    assert ISO_UNITS.major(-5, "EUR") == "-0.05"
    assert ISO_UNITS.major(1999, "JPY") == "1999"
    assert ISO_UNITS.of_minor(1999, "EUR") == 1999


def test_more_decimal_places_than_iso_has() -> None:
    assert ICELAND.written_minor(1999, "ISK") == 199900
    assert ICELAND.major(1999, "ISK") == "1999.00"
    assert ICELAND.of_minor(199900, "ISK") == 1999
    assert ICELAND.of_minor(1999, "EUR") == 1999
    with pytest.raises(ValueError, match="no whole number of ISK's"):
        ICELAND.of_minor(1999, "ISK")


def test_fewer_decimal_places_than_iso_has() -> None:
    assert COARSE.written_minor(1990, "KWD") == "199"
    assert COARSE.major(1990, "KWD") == "1.99"
    assert COARSE.of_minor(199, "KWD") == 1990
    with pytest.raises(ValueError, match="no whole number of the provider's"):
        COARSE.minor(1999, "KWD")


def test_text_is_text() -> None:
    assert COARSE.written_minor(500, "EUR") == "500"
