"""Tells in words where a contract's messages are not of the usual form, for ``ackord contract explain``."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.base.contract_error import DocumentPath
from ..contract.loading.loader import LoadedContract
from ..core.money import exponent_of

__all__ = ["unusual_forms"]


def unusual_forms(loaded: LoadedContract) -> Iterator[tuple[str, DocumentPath]]:
    """Yield what differs from JSON in UTF-8 with amounts as ISO 4217 counts them, each with its place."""
    contract = loaded.contract
    if contract.amounts.minor_units == "text":
        yield "Minor units of an amount are text.", ("amounts", "minor_units")
    for currency, places in contract.amounts.exponents.items():
        text = f"Amounts of {currency} have {places} decimal places; ISO 4217 has {exponent_of(currency)}."
        yield text, ("amounts", "exponents", currency)
