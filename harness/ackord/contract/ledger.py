"""Pages of a provider's ledger: the movements of money that the judge counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .bodies import Unreadable, major_amount, parse_json, text_of, whole_number
from .extract import MISSING, Getter, compile_path
from .ledger_part import Ledger
from .model import Contract
from .operations import as_place
from .places import compile_place
from .rendering import RequestRenderer
from .signing import MerchantSide
from .variables import LEDGER_VARIABLES
from .wire import WireAnswer

__all__ = ["LedgerCodec", "LedgerPage", "LedgerRow"]


class LedgerRow(NamedTuple):
    """One movement of money."""

    movement_id: str
    order_no: str
    """Empty for a movement that belongs to no order."""
    account: str
    """The contract's name of the account, or the provider's own identifier of an account that the contract does not know."""
    amount_minor: int
    kind: str
    """``payout`` or ``return``."""


class LedgerPage(NamedTuple):
    """One page of the ledger. With a ``problem`` it could not be read, and it proves nothing."""

    rows: tuple[LedgerRow, ...]
    next_cursor: str | None
    """``None``: this was the last page."""
    problem: str = ""


class LedgerCodec:
    """Asks for pages and reads them."""

    def __init__(self, ledger: Ledger, contract: Contract, merchants: Mapping[str, MerchantSide]) -> None:
        self.account = ledger.account or contract.owner
        self.renderer = RequestRenderer(ledger.request, merchants, LEDGER_VARIABLES, ("ledger", "request"))
        self._names = {account.id or name: name for name, account in contract.accounts.items()}
        self._currency = contract.currency
        self._rows = compile_path(ledger.rows)
        self._next = None if ledger.next is None else compile_place(as_place(ledger.next))
        self._next_row = _optional(ledger.next_row)
        fields = ledger.extract
        self._movement_id = compile_path(fields.movement_id)
        self._order_no = _optional(fields.order_no)
        self._provider_id = _optional(fields.provider_id)
        self._minor = _optional(fields.amount_minor)
        self._major = _optional(fields.amount_major)
        self._account_of = _optional(fields.account)
        self._kind = _optional(fields.kind)
        self._kinds = ledger.kinds

    def read(self, answer: WireAnswer, asked_by: str, numbers: Mapping[str, str]) -> LedgerPage:
        """``numbers`` are order numbers by the provider's identifiers. Never raises: see ``LedgerPage.problem``."""
        try:
            return self._read(answer, asked_by, numbers)
        except Unreadable as why:
            return LedgerPage((), None, f"the ledger cannot be read: {why}")

    def _read(self, answer: WireAnswer, asked_by: str, numbers: Mapping[str, str]) -> LedgerPage:
        if not 200 <= answer.status < 300:
            raise Unreadable(f"status {answer.status}")
        document = parse_json(answer)
        rows = self._rows(document)
        if type(rows) is not list:
            raise Unreadable(f"{answer.status}, the list of movements is missing")
        cursor = MISSING if self._next is None else self._next(document, answer.headers, MISSING)
        if self._next_row is not None and rows:
            cursor = self._next_row(rows[-1])
        read = [row for item in rows if (row := self._row(item, asked_by, numbers)) is not None]
        return LedgerPage(tuple(read), text_of(cursor, "the next page's cursor"))

    def _row(self, row: Any, asked_by: str, numbers: Mapping[str, str]) -> LedgerRow | None:
        """``None`` for a movement that is neither a payout nor a return."""
        movement_id = text_of(self._movement_id(row), "a movement's id")
        if movement_id is None:
            raise Unreadable("a movement has no id")
        kind = "payout"
        if self._kind is not None:
            word = text_of(self._kind(row), "a movement's kind")
            if word not in self._kinds:
                raise Unreadable(f"the movement {movement_id} is of the unknown kind {word!r}")
            if (kind := self._kinds[word]) == "neither":
                return None
        amount_minor = self._amount(row)
        if amount_minor is None:
            raise Unreadable(f"the movement {movement_id} has no amount")
        account = asked_by
        if self._account_of is not None:
            found = text_of(self._account_of(row), "a movement's account")
            if found is None:
                raise Unreadable(f"the movement {movement_id} has no account")
            account = self._names.get(found, found)
        return LedgerRow(movement_id, self._number(row, numbers), account, amount_minor, kind)

    def _amount(self, row: Any) -> int | None:
        if self._major is not None:
            amount = major_amount(self._major(row), self._currency, "a movement's amount")
        else:
            assert self._minor is not None  # the model sees to it
            amount = whole_number(self._minor(row), "a movement's amount")
        return amount

    def _number(self, row: Any, numbers: Mapping[str, str]) -> str:
        number = text_of(self._order_no(row), "a movement's order number") if self._order_no is not None else None
        if number is None and self._provider_id is not None:
            provider_id = text_of(self._provider_id(row), "a movement's order")
            number = numbers.get(provider_id or "")
        return number or ""


def _optional(path: str | None) -> Getter | None:
    return compile_path(path) if path else None
