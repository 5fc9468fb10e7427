"""Tells in words where a contract's messages are not of the usual form, for ``ackord contract explain``."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.base.contract_error import DocumentPath
from ..contract.body import JSON
from ..contract.loading.loader import LoadedContract
from ..contract.spec.model import order_operations_of
from ..contract.spec.places import form_of_rows
from ..core.money import exponent_of

__all__ = ["unusual_forms"]


def unusual_forms(loaded: LoadedContract) -> Iterator[tuple[str, DocumentPath]]:
    """Yield what differs from JSON in UTF-8 with amounts as ISO 4217 counts them, each with its place."""
    contract = loaded.contract
    if contract.amounts.minor_units == "text":
        yield "Minor units of an amount are text.", ("amounts", "minor_units")
    if contract.currencies:
        yield f"Orders take {' and '.join(contract.currencies)} in turn.", ("currencies",)
    if contract.charset:
        yield f"Bodies are encoded in {contract.charset}.", ("charset",)
    pick = contract.query.pick
    if pick != "first":
        how = "the last counts" if pick == "last" else f"that with the largest {pick.largest} counts"
        yield f"A query may show several records of one order: {how}.", ("query", "pick")
    for name, account in contract.accounts.items():
        for scheme, settings in account.auth.schemes() if account.auth else ():
            if further := getattr(settings, "further_provider_keys", {}):
                at = ("accounts", name, "auth", scheme.name, "further_provider_keys")
                yield f"{1 + len(further)} keys of the provider are valid ({name}): any of them will do.", at
    for index, callback in enumerate(contract.callbacks):
        if callback.rows is not None:
            yield f"One call {callback.name} may carry several events.", ("callbacks", index, "rows")
    for row, section in order_operations_of(contract):
        for index, rule in enumerate(section.answers):
            if rule.format == "text":
                text = f"An answer to a {row.kind} that says {rule.observation} is plain text."
                yield text, (row.kind, "answers", index)
    for name in ("ledger", "statement"):
        rows = getattr(getattr(contract, name), "rows", None)
        if isinstance(rows, str) and (form := form_of_rows(rows)) is not JSON:
            yield f"The {name} is {form.shown}.", (name, "rows")
    for currency, places in contract.amounts.exponents.items():
        text = f"Amounts of {currency} have {places} decimal places; ISO 4217 has {exponent_of(currency)}."
        yield text, ("amounts", "exponents", currency)
