"""Reads a statement's lines: from a row of any form to a ``StatementLine``, exactly, or an error with the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from ..contract.base.body_parsing import (
    UnreadableBody,
    currency_code,
    major_amount,
    minor_amount,
    text_of,
)
from ..contract.base.json_path import MISSING, JsonGetter
from ..contract.base.patterns import compile_pattern
from ..contract.base.timestamps import TimestampFormat
from ..contract.codec.csv_tables import plain_amount
from ..contract.spec.model import Contract
from ..contract.spec.places import form_of_rows
from ..contract.spec.statement import CsvFormat, StatementSpec
from ..contract.statement_files.rows import UnreadableLine
from ..core.money import exponent_of
from .lines import StatementLine

__all__ = ["AmountCells", "LineReader"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_DIRECTIONS = {"payout": "out", "return": "in", "refund": "in"}
_KINDS = {"out": "payout", "in": "return", "": "payout"}
_NEEDED = ("movement_id", "account")
"""What a line that moves money must say where the contract names a column: it would be counted wrong without it."""
_SEEN = 1 << 16
"""Amounts and times whose reading is remembered: a statement repeats them."""


class AmountCells:
    """Converts amounts as one statement writes them to minor units of ISO 4217."""

    def __init__(self, statement: StatementSpec, contract: Contract) -> None:
        self._csv, self._major = statement.csv, statement.money == "major"
        self._units = contract.amounts.units()
        self._typed = statement.rows is not None and form_of_rows(statement.rows).typed
        self._thousands = statement.csv.thousands if statement.csv is not None else ""
        self._usual = _usual_amounts(statement.csv) if self._major else None
        self._places: dict[str, int] = {}

    def read(self, value: Any, currency: str, what: str) -> int | None:
        """Return an amount, with its sign; ``None`` if there is none. Raises ``UnreadableBody``."""
        match = self._usual(value) if self._usual is not None and type(value) is str else None
        if match is None:
            return self._read(value, currency, what)
        # What nearly all amounts look like is read in a fifth of the time; a test holds that it is read alike.
        places = self._places.get(currency)
        if places is None:
            places = self._places[currency] = exponent_of(currency)
        sign, whole, fraction = match.groups("")
        if len(fraction) > places:
            return self._read(value, currency, what)
        minor = int(whole.replace(self._thousands, "") + fraction.ljust(places, "0"))
        return -minor if sign == "-" else minor

    def _read(self, value: Any, currency: str, what: str) -> int | None:
        if self._csv is not None:
            value = plain_amount(value, self._csv, what)
        if type(value) is str:
            value = value.strip().removeprefix("+")
        if self._major:
            return major_amount(value, currency, what)
        return minor_amount(value, currency, self._units, what, typed=self._typed)


def _usual_amounts(form: CsvFormat | None) -> Callable[[str], re.Match[str] | None]:
    """Return what matches an amount of up to 15 digits in major units: its sign, whole and fraction."""
    decimal, thousands = (form.decimal, form.thousands) if form is not None else (".", "")
    groups = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}}){{0,4}}|" if thousands else ""
    return re.compile(rf"([+-]?)({groups}\d{{1,12}})(?:{re.escape(decimal)}(\d{{1,4}}))?", re.ASCII).fullmatch


class LineReader:
    """Reads the rows of one contract's statements."""

    def __init__(self, statement: StatementSpec, contract: Contract) -> None:
        """Raises ``ContractError`` for what cannot be compiled."""
        self._statement, self._currency = statement, contract.currency
        rows = statement.rows
        form = None if rows is None else form_of_rows(rows).in_charset(contract.charset)
        self._places: dict[str, JsonGetter] = {
            name: _cell_of(column)
            if form is None or rows is None or not isinstance(column, str)
            else form.row_getter(column, rows)
            for name, column in statement.columns.items()
        }
        if statement.order_no_part is not None and "order_no" in self._places:
            self._places["order_no"] = _part_of(self._places["order_no"], statement.order_no_part)
        facts = ("movement_id", "order_no", "provider_id", "status", "account", "refund_no")
        self._texts = [name for name in facts if name in self._places]
        self._amounts = AmountCells(statement, contract)
        self._instants = TimestampFormat(statement.time_form)
        self._seconds = lru_cache(_SEEN)(self._instants.read)
        self._negative_out = statement.sign == "negative_out"

    def read(self, row: Any, line: int, raw: str, accounts: Collection[str] = ()) -> StatementLine:
        """Read one row. Raises ``UnreadableLine`` with the line, and the value that is wrong.

        ``accounts``: what an account's cell may say; anything is good if empty.
        """
        try:
            return self._read(row, raw, accounts)
        except _WrongValue as wrong:
            raise UnreadableLine(line, str(wrong), wrong.value) from None
        except UnreadableBody as why:
            raise UnreadableLine(line, str(why)) from None

    def identifier(self, row: Any) -> str:
        """Return a row's identifier; empty if it has none. Raises ``UnreadableBody``."""
        return self._text(row, "movement_id")

    def _read(self, row: Any, raw: str, accounts: Collection[str]) -> StatementLine:
        text = self._text
        if accounts and "account" in self._places and (found := text(row, "account")) not in accounts:
            if not found:
                raise UnreadableBody("the line has no account")
            raise _WrongValue("the line is of another account", found)
        currency = self._currency
        if "currency" in self._places:
            currency = currency_code(self._places["currency"](row), "the currency") or currency
        minor, direction = self._moved(row, currency)
        kind, direction = self._kind(row, direction)
        fee = self._minor(row, "fee", currency) if "fee" in self._places else None
        if fee is not None and self._statement.fee_sign == "negative_out":
            fee = -fee
        booked_us = None
        if "at" in self._places:
            booked_us = self._booked_s(self._places["at"](row)) * 1_000_000
        texts = {name: text(row, name) for name in self._texts}
        if kind in _DIRECTIONS:
            for name in _NEEDED:
                if texts.get(name) == "":
                    raise UnreadableBody(f"the line has no {_WORDS[name].rpartition(' ')[2]} (columns.{name})")
        return StatementLine(
            texts.get("movement_id") or None, texts.get("order_no", ""), texts.get("provider_id", ""), kind,
            direction, minor, currency, fee, texts.get("status", ""), booked_us, raw,  # type: ignore[arg-type]
            texts.get("account", ""), texts.get("refund_no", ""),
        )  # fmt: skip

    def _booked_s(self, value: Any) -> int:
        try:
            return self._seconds(value, "the time") if type(value) is str else self._instants.read(value, "the time")
        except UnreadableBody as why:
            raise _WrongValue(str(why), value) from None

    def _moved(self, row: Any, currency: str) -> tuple[int, str]:
        """Return the amount without its sign, and where it went as far as amounts and directions tell."""
        minor = self._minor(row, "amount", currency)
        told = ""
        if "amount_back" in self._places:
            found = {"out": minor, "in": self._minor(row, "amount_back", currency)}
            moved = [name for name, amount in found.items() if amount]
            if len(moved) != 1:
                raise UnreadableBody(f"the line has {'no' if not moved else 'two'} amounts, expected one")
            told, minor = moved[0], found[moved[0]]
        if minor is None:
            raise UnreadableBody("the line has no amount")
        if self._negative_out:
            sign = "out" if minor < 0 else "in"
            if told and minor and told != sign:
                raise _WrongValue("the amount stands in the column of the other direction for its sign", minor)
            told = told or sign
        elif minor < 0:
            raise _WrongValue("the amount is negative, where none may be", self._places["amount"](row))
        if "direction" in self._places:
            word = self._text(row, "direction")
            where = self._statement.directions.get(word)
            if where is None:
                raise _WrongValue("the direction is unknown (see directions)", word)
            if told and minor and told != where:
                raise _WrongValue(f"the amount's sign says {told!r}, and the direction {where!r}", word)
            told = where
        return abs(minor), told

    def _kind(self, row: Any, direction: str) -> tuple[str, str]:
        if "kind" not in self._places:
            return _KINDS[direction], direction or "out"
        word = self._text(row, "kind")
        kind = self._statement.kinds.get(word)
        if kind is None:
            raise _WrongValue("the kind is unknown (see kinds)", word)
        if kind == "neither":
            return word, direction
        if direction and direction != _DIRECTIONS[kind]:
            raise _WrongValue(f"the line is a {kind} by its kind and a {_KINDS[direction]} by its amount", word)
        return kind, _DIRECTIONS[kind]

    def _minor(self, row: Any, name: str, currency: str) -> int | None:
        value = self._places[name](row)
        what = "the fee" if name == "fee" else "the amount"
        if type(value) is str and value[:1] in ("=", "@"):
            raise _WrongValue(f"{what} is a formula", value)
        try:
            return self._amounts.read(value, currency, what)
        except UnreadableBody as why:
            raise _WrongValue(str(why), value) from None

    def _text(self, row: Any, name: str) -> str:
        get = self._places.get(name)
        if get is None:
            return ""
        value = get(row)
        try:
            found = text_of(value, _WORDS[name]) or ""
        except UnreadableBody as why:
            raise _WrongValue(str(why), value) from None
        if found[:1] in _FORMULA and found:
            raise _WrongValue(f"{_WORDS[name]} is a formula", found)
        return found


def _part_of(get: JsonGetter, pattern: str) -> JsonGetter:
    """Return what gets the part of a text that a regular expression finds; ``MISSING`` where it finds none."""
    search = compile_pattern(pattern)

    def part(row: Any) -> Any:
        text = get(row)
        match = search(text) if type(text) is str else None
        return MISSING if match is None else match[1] if match.re.groups else match[0]

    return part


def _cell_of(column: str | list[str]) -> JsonGetter:
    """Of a list of columns, the cells with a blank between them; ``MISSING`` where one is empty."""
    if isinstance(column, str):
        return lambda row: row.get(column, MISSING)

    def joined(row: Any) -> Any:
        cells = [row.get(name, "") for name in column]
        return " ".join(map(str, cells)) if all(cell != "" for cell in cells) else MISSING

    return joined


class _WrongValue(UnreadableBody):
    def __init__(self, problem: str, value: Any) -> None:
        super().__init__(problem)
        self.value = "" if value is MISSING else str(value)


_WORDS: Mapping[str, str] = {
    "movement_id": "the line's identifier", "order_no": "the order number", "provider_id": "the provider's identifier",
    "refund_no": "the refund's number", "account": "the account", "kind": "the kind",
    "direction": "the direction", "status": "the status",
}  # fmt: skip
