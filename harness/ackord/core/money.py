"""Represents money as an integer of minor units and an ISO 4217 code, without floating point.

Exponents are from ISO 4217 (decimal places of a currency's minor unit, list of 2024-06). A code that is not in the
table of exceptions has two.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

__all__ = ["Money", "exponent_of"]

_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_CODE = re.compile(r"[A-Z]{3}\Z")


def exponent_of(currency: str) -> int:
    """Return the decimal places of the minor unit. Raises ``ValueError`` if the code is not three capital letters."""
    if not _CODE.match(currency):
        raise ValueError(f"{currency!r} is not an ISO 4217 code (three capital letters, such as EUR)")
    return _EXPONENTS.get(currency, 2)


class Money(NamedTuple):
    """``amount_minor`` units of ``currency``: ``Money(1999, "EUR")`` is 19.99 euro, ``Money(1999, "JPY")`` 1999 yen."""

    amount_minor: int
    currency: str

    @classmethod
    def from_major(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Parse an amount in major units; never rounds. Raises ``ValueError`` for more decimal places than the currency
        has.
        """
        try:
            minor = Decimal(amount).scaleb(exponent_of(currency))
        except InvalidOperation as error:
            raise ValueError(f"{amount!r} is not a decimal number") from error
        if not minor.is_finite() or minor != minor.to_integral_value():
            raise ValueError(f"{amount} {currency} is not a whole number of minor units")
        return cls(int(minor), currency)

    def major(self) -> str:
        """Return the amount in major units with exactly the currency's decimal places: ``"19.99"``, ``"1999"``,
        ``"-0.05"``.
        """
        places = exponent_of(self.currency)
        digits = str(abs(self.amount_minor)).zfill(places + 1)
        text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
        return f"-{text}" if self.amount_minor < 0 else text

    def __str__(self) -> str:
        return f"{self.major()} {self.currency}"
