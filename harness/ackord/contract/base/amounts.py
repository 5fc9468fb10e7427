"""Writes and reads amounts as a provider counts them: in its own minor units, as numbers or as text.

Inside Ackord an amount is a whole number of minor units of ISO 4217. A provider may have another number of decimal
places for a currency (Adyen has two for ISK, where ISO 4217 has none); this module is where the two meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...core.money import exponent_of

__all__ = ["ISO_UNITS", "AmountUnits"]


class AmountUnits(NamedTuple):
    """How a provider counts money."""

    exponents: Mapping[str, int] = {}
    """Decimal places by currency, where they are not those of ISO 4217."""
    as_text: bool = False
    """Whether minor units are text in JSON: ``"1999"``."""

    def exponent(self, currency: str) -> int:
        """Return the decimal places of a currency. Raises ``ValueError`` for a code that is none."""
        return self.exponents.get(currency, exponent_of(currency))

    def minor(self, amount_minor: int, currency: str) -> int:
        """Return an amount in the provider's minor units. Raises ``ValueError`` for one that it cannot express."""
        shift = self.exponent(currency) - exponent_of(currency)
        if shift >= 0:
            return amount_minor * _power(shift)
        minor, rest = divmod(amount_minor, _power(-shift))
        if rest:
            raise ValueError(f"{amount_minor} minor units of {currency} are no whole number of the provider's")
        return minor

    def written_minor(self, amount_minor: int, currency: str) -> int | str:
        """Return the same as it stands in JSON."""
        minor = self.minor(amount_minor, currency) if currency in self.exponents else amount_minor
        return str(minor) if self.as_text else minor

    def major(self, amount_minor: int, currency: str) -> str:
        """Return an amount in major units with the provider's decimal places: ``"19.99"``."""
        places, minor = self.exponent(currency), self.minor(amount_minor, currency)
        digits = str(abs(minor)).zfill(places + 1)
        text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
        return f"-{text}" if minor < 0 else text

    def of_minor(self, minor: int, currency: str) -> int:
        """Return the minor units of ISO 4217 for an amount in the provider's.

        Raises ``ValueError`` for one that is no whole number of them.
        """
        if currency not in self.exponents:
            return minor
        shift = self.exponent(currency) - exponent_of(currency)
        if shift <= 0:
            return minor * _power(-shift)
        amount_minor, rest = divmod(minor, _power(shift))
        if rest:
            raise ValueError(f"{minor} of the provider's minor units are no whole number of {currency}'s")
        return amount_minor


def _power(places: int) -> int:
    return int(10**places)


ISO_UNITS = AmountUnits()
