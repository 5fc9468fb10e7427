"""Render what a ledger's SQL query or command is asked with, and read the movements in the table that comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..base.body_parsing import UnreadableBody, currency_code, major_amount, minor_amount, shortened
from ..base.json_path import compile_path, split_path
from ..base.payment import Payment
from ..base.template import split_text, text_template
from ..base.variables import TemplateContext, getter_of
from ..body.json_encoding import json_of
from ..spec.ledger_tables import BY_NAME, CommandLedgerSpec, SqlLedgerSpec
from ..spec.model import Contract
from .csv_tables import plain_amount, read_named_table
from .ledger_rows import AmountReader, LedgerRow, RowReader, signed_amount

__all__ = ["TableCodec", "table_codec_of"]

VARIABLES = frozenset({"account.id", "account.name", "order_no", "order_no.uuid", "provider_id"})
"""What a query or an argument may speak of."""

_AMOUNTS = ("amount_minor", "amount_major")
_Row = Mapping[str, Any]


class TableCodec:
    """Asks for and reads the ledger of one contract that is a table."""

    def __init__(self, ledger: SqlLedgerSpec | CommandLedgerSpec, contract: Contract) -> None:
        """Raises ``ContractError`` for a variable that is unknown."""
        self.ledger = ledger
        self.by_order = ledger.by_order
        self.by_provider_id = ledger.speaks_of("provider_id")
        """Whether the order is named by the provider's identifier."""
        self._contract = contract
        self._text_only = isinstance(ledger, CommandLedgerSpec) and ledger.prints == "csv"
        if isinstance(ledger, SqlLedgerSpec):
            query = split_text(ledger.sql.query, VARIABLES, ("ledger", "sql", "query"))
            self.query = query.literals[0] + "".join(
                f"${number}::text{literal}" for number, literal in enumerate(query.literals[1:], 1)
            )
            """The query with parameters instead of variables; empty where there is none."""
            self._parameters = [getter_of(name) for name in query.names]
            self._arguments = []
        else:
            self.query, self._parameters = "", []
            self._arguments = [
                text_template(text, VARIABLES, ("ledger", "command", index), _argument)
                for index, text in enumerate(ledger.command)
            ]

    # What is asked.

    def parameters(self, payment: Payment | None, provider_id: str | None) -> list[str]:
        """Return the query's parameters, for the order of ``payment`` where it is asked by order."""
        subject = self._subject(payment, provider_id)
        return [_argument(get(subject)) for get in self._parameters]

    def arguments(self, payment: Payment | None, provider_id: str | None) -> list[str]:
        """Return the program and its arguments. Raises ``ValueError`` for a value that no argument can hold."""
        subject = self._subject(payment, provider_id)
        return [template.render(subject) for template in self._arguments]

    def _subject(self, payment: Payment | None, provider_id: str | None) -> TemplateContext:
        account = payment.account if payment is not None else self.ledger.account or self._contract.owner
        account_id = self._contract.accounts[account].id or account
        order_no = payment.order_no if payment is not None else ""
        return TemplateContext(account, account_id, order_no, provider_id=provider_id)

    # What comes back.

    def read_output(self, output: bytes, numbers: Mapping[str, str]) -> tuple[LedgerRow, ...]:
        """Read what the command printed. Raises ``UnreadableBody``."""
        assert isinstance(self.ledger, CommandLedgerSpec)
        if self.ledger.prints == "csv":
            columns, cells = read_named_table(output, self.ledger.csv)
            return self.read_rows(cells, columns, numbers)
        rows = _json_lines(output)
        return self.read_rows(rows, dict.fromkeys(name for row in rows for name in row), numbers)

    def read_rows(
        self, rows: Sequence[_Row], columns: Collection[str], numbers: Mapping[str, str]
    ) -> tuple[LedgerRow, ...]:
        """Read the movements in ``rows``, whose names are ``columns``. Raises ``UnreadableBody``.

        ``numbers``: order numbers by the provider's identifiers.
        """
        if not rows and not columns:  # no line of JSON: nothing moved, and no column can be missing
            return ()
        places = self._places(columns)
        account = self._whose(places)
        getters = {name: compile_path(place) for name, place in places.items()}

        def amount_of(row: Any) -> AmountReader:
            what = "a movement's amount"
            own = getters["currency"](row) if "currency" in getters else None
            currency = currency_code(own, "a movement's currency") or self._contract.currency
            place = "amount_major" if "amount_major" in getters else "amount_minor"
            value = getters[place](row)
            if isinstance(self.ledger, CommandLedgerSpec) and self._text_only:
                value = plain_amount(value, self.ledger.csv, what)
            if "amount_major" in getters:
                return signed_amount(major_amount(value, currency, what), "plain")
            units = self._contract.amounts.units()
            return signed_amount(minor_amount(value, currency, units, what, typed=not self._text_only), "plain")

        reader = RowReader(getters, amount_of, self.ledger.kinds, self._contract)
        return reader.read_page(rows, None, account, numbers, counted=False).rows

    def _whose(self, places: Mapping[str, str]) -> str:
        """Return whose movements these are, where no column says it; with one account they are its own."""
        if "account" in places:
            return ""
        if self.ledger.account is None and self._contract.other_account is not None:
            raise UnreadableBody(
                "its rows do not say of which account they are, and the contract has several: add a column account, "
                f"or say under ledger that all are of one (account: {self._contract.owner})"
            )
        return self.ledger.account or self._contract.owner

    def _places(self, columns: Collection[str]) -> dict[str, str]:
        there = f"its columns are {shortened(', '.join(columns), 120) or 'none'}"
        extract = self.ledger.extract
        if extract is not None:
            places = {name: place for name in BY_NAME if (place := getattr(extract, name)) is not None}
            for name, place in places.items():
                first = next(iter(split_path(place)), "")
                if first not in columns:
                    raise UnreadableBody(f"there is no column {first} (extract.{name}); {there}")
            return places
        found = {name: f"$['{name}']" for name in BY_NAME if name in columns}
        _check_by_name(found, there, by_order=self.by_order)
        return found


def table_codec_of(contract: Contract) -> TableCodec | None:
    """Return the codec of a ledger that is a table; ``None`` for another one, or for none. Raises ``ContractError``."""
    ledger = contract.ledger
    return TableCodec(ledger, contract) if isinstance(ledger, (SqlLedgerSpec, CommandLedgerSpec)) else None


def _check_by_name(found: Collection[str], there: str, *, by_order: bool) -> None:
    if "movement_id" not in found:
        raise UnreadableBody(f"there is no column movement_id, so movements cannot be counted; {there}")
    if not by_order and not {"order_no", "provider_id"}.intersection(found):
        raise UnreadableBody(f"there is no column order_no (or provider_id), so no movement has an order; {there}")
    amounts = [name for name in _AMOUNTS if name in found]
    if len(amounts) != 1:
        what = "no column amount_minor (or amount_major)" if not amounts else "two amounts, minor and major"
        raise UnreadableBody(f"there {'is' if not amounts else 'are'} {what}; {there}")


def _argument(value: Any) -> str:
    text = "" if value is None else str(value)
    if "\0" in text:
        raise ValueError("a value holds a null character")
    return text


def _json_lines(output: bytes) -> list[_Row]:
    rows: list[_Row] = []
    for number, line in enumerate(output.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json_of(line)
        except UnreadableBody as why:
            raise UnreadableBody(f"line {number} is {why}: {shortened(line.decode(errors='replace'))}") from None
        if type(row) is not dict:
            raise UnreadableBody(f"line {number} is no JSON object: {shortened(line.decode(errors='replace'))}")
        rows.append(row)
    return rows
