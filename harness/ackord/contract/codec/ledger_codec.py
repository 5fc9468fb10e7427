"""Request and read a provider's ledger pages: the movements of money that the judge counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..base.body_parsing import UnreadableBody, currency_code, major_amount, minor_amount
from ..base.http_messages import HttpResponse
from ..base.json_path import JsonGetter
from ..base.variables import LEDGER_VARIABLES
from ..signing import MerchantSide
from ..spec.ledger import LedgerSpec
from ..spec.model import Contract
from ..spec.places import form_of_rows
from .ledger_rows import AmountReader, LedgerPage, RowPages, RowReader, signed_amount
from .request_renderer import RequestRenderer

__all__ = ["LedgerCodec"]

_FACTS = ("movement_id", "order_no", "provider_id", "refund_no", "account", "kind", "currency")


class LedgerCodec:
    """Asks for pages and reads them."""

    def __init__(self, ledger: LedgerSpec, contract: Contract, merchants: Mapping[str, MerchantSide]) -> None:
        self.account = ledger.account or contract.owner
        self.renderer = RequestRenderer(
            ledger.request,
            merchants,
            LEDGER_VARIABLES,
            ("ledger", "request"),
            accept=form_of_rows(ledger.rows).content_type,
        )
        self._currency, self._units = contract.currency, contract.amounts.units()
        self.pages = RowPages(ledger.rows, ledger.next, ledger.next_row, ledger.counted, contract.charset)
        fields = ledger.extract
        form = self.pages.form

        def optional(path: str | None) -> JsonGetter | None:
            return form.row_getter(path, ledger.rows) if path else None

        self._minor = optional(fields.amount_minor)
        self._major = optional(fields.amount_major)
        self._sign = ledger.sign
        self._own_currency = optional(fields.currency)
        places = {name: get for name in _FACTS if (get := optional(getattr(fields, name))) is not None}
        self._reader = RowReader(places, self._amount, ledger.kinds, contract)
        self.by_order = ledger.by_order
        """Whether one order's movements are asked for at a time."""
        self.by_provider_id = ledger.request.speaks_of("provider_id")
        """Whether the request names the order by the provider's identifier."""

    def read(self, answer: HttpResponse, asked_by: str, numbers: Mapping[str, str], cursor: str | None) -> LedgerPage:
        """Read the page that was requested with ``cursor``. Never raises: see ``LedgerPage.problem``.

        ``numbers``: order numbers by the provider's identifiers.
        """
        try:
            return self._read(answer, asked_by, numbers, cursor)
        except UnreadableBody as why:
            return LedgerPage((), None, f"the ledger cannot be read: {why}")

    def _read(self, answer: HttpResponse, asked_by: str, numbers: Mapping[str, str], cursor: str | None) -> LedgerPage:
        if not 200 <= answer.status < 300:
            raise UnreadableBody(f"status {answer.status}")
        rows, following = self.pages.read(answer, cursor)
        return self._reader.read_page(rows, following, asked_by, numbers, counted=self.pages.counted is not None)

    def _amount(self, row: Any) -> AmountReader:
        own = self._own_currency(row) if self._own_currency is not None else None
        currency = currency_code(own, "a movement's currency") or self._currency
        if self._major is not None:
            minor = major_amount(self._major(row), currency, "a movement's amount")
        else:
            assert self._minor is not None  # the model sees to it
            minor = minor_amount(
                self._minor(row), currency, self._units, "a movement's amount", typed=self.pages.form.typed
            )
        return signed_amount(minor, self._sign)
