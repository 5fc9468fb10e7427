"""Reads SWIFT MT940 as a stream of messages, each by the library ``mt-940``; opening and closing balances must fit.

The library is given one message at a time, so that a file of any length is read in bounded memory and an error has a
line. What it makes of the sign of a reversal is not used: the mark of the booking (``D``, ``C``, ``RD``, ``RC``) is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

from ..base.body_parsing import UnreadableBody
from ..base.extras import library
from .rows import FileRow, UnreadableLine
from .text_lines import TextLines

__all__ = ["Mt940Rows"]

_MOST_LINES = 1 << 20
"""Of a message."""
_OUT = frozenset({"D", "RC"})
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED"})
_REFERENCE = re.compile(r":61:\d{6}(?:\d{4})?R?[CD][A-Z]?[\d,]{1,16}[A-Z][A-Z0-9]{3}((?:(?!//).){0,35})")
"""The reference for the account owner in a booking's first line."""
_TAG = re.compile(r":(\d\d[A-Z]?|NS):")


class _Message(NamedTuple):
    line: int
    """Of its first line, from 1."""
    lines: list[str]


class Mt940Rows:
    """The movements of one file."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._lines = TextLines(file, encoding)

    def around(self) -> list[list[str]]:
        return []

    def __iter__(self) -> Iterator[FileRow]:
        closing: dict[str, Decimal] = {}
        """By account: with what the message before ended."""
        for message in self._messages():
            yield from self._movements(message, closing)

    def _messages(self) -> Iterator[_Message]:
        first, lines = 1, list[str]()
        for number, line in enumerate(self._lines, 1):
            if line.startswith(":20:") and any(kept.startswith(":20:") for kept in lines[:8]):
                yield _Message(first, lines)
                first, lines = number, []
            lines.append(line.rstrip("\r\n"))
            if len(lines) > _MOST_LINES:
                raise UnreadableLine(number, f"the message that begins in line {first} has no end")
        if any(line.strip() for line in lines):
            yield _Message(first, lines)

    def _movements(self, message: _Message, closing: dict[str, Decimal]) -> Iterator[FileRow]:
        mt940 = library("mt940")
        # A block in braces around the message is the network's, and a line "-" or "-}" ends it.
        body = [line for line in message.lines if not line.startswith("-") and not line.startswith("{")]
        try:
            parsed = mt940.models.Transactions()
            transactions = list(parsed.parse("\n".join(body)))
        except Exception as error:
            raise UnreadableLine(message.line, f"the message is no MT940 ({error})", message.lines[0]) from None
        facts, found = parsed.data, _bookings(message)
        if len(found) != len(transactions) or "final_opening_balance" not in facts | _intermediate(facts):
            problem = "the message has no opening balance" if len(found) == len(transactions) else "a booking is none"
            raise UnreadableLine(message.line, problem, message.lines[0])
        account = str(facts.get("account_identification", ""))
        opening, balance = _balance(facts, "opening"), _balance(facts, "opening")
        assert opening is not None and balance is not None
        if closing.get(account, opening) != opening:
            raise UnreadableLine(
                message.line, f"the opening balance is {opening}, and the message before ended with {closing[account]}"
            )
        for (line, raw), transaction in zip(found, transactions, strict=True):
            cells = _cells(transaction.data, account, raw)
            balance += -Decimal(cells["amount"]) if cells["direction"] in _OUT else Decimal(cells["amount"])
            yield FileRow(line, cells, raw)
        final = _balance(facts, "closing")
        if final is None:
            raise UnreadableLine(message.line, "the message has no closing balance: it is cut off", message.lines[-1])
        if final != balance:
            end = message.line + len(message.lines) - 1
            raise UnreadableLine(end, f"the bookings lead to {balance}, and the closing balance is {final}")
        closing[account] = final


def _intermediate(facts: dict[str, Any]) -> dict[str, Any]:
    """A message that goes on from another one has intermediate balances (``60M``, ``62M``)."""
    found = facts.get("intermediate_opening_balance")
    return {} if found is None else {"final_opening_balance": found}


def _balance(facts: dict[str, Any], which: str) -> Decimal | None:
    found = facts.get(f"final_{which}_balance") or facts.get(f"intermediate_{which}_balance")
    return None if found is None else Decimal(found.amount.amount)


def _bookings(message: _Message) -> list[tuple[int, str]]:
    """Return the first line and the text of each booking: ``:61:`` with what belongs to it."""
    found: list[tuple[int, list[str]]] = []
    inside = False
    for number, line in enumerate(message.lines, message.line):
        tag = _TAG.match(line)
        if tag is not None:
            inside = tag[1] == "61" or (inside and tag[1] in ("86", "NS"))
            if tag[1] == "61":
                found.append((number, []))
        inside = inside and not line.startswith("-}") and line != "-"
        if inside:
            found[-1][1].append(line)
    return [(number, "\n".join(lines)) for number, lines in found]


def _cells(booking: dict[str, Any], account: str, raw: str) -> dict[str, str]:
    def text(name: str) -> str:
        return str(booking.get(name) or "").strip()

    try:
        amount = abs(booking["amount"].amount)
        currency = str(booking["amount"].currency)
    except (KeyError, AttributeError, TypeError):
        raise UnreadableBody("a booking has no amount") from None
    found = _REFERENCE.match(raw)  # the library lets an empty field of :86: take its place
    reference = found[1].strip() if found else text("customer_reference").partition("\n")[0]
    named = text("end_to_end_reference")
    end_to_end = named if named not in _NO_REFERENCE else reference if reference not in _NO_REFERENCE else ""
    return {
        "end_to_end": end_to_end,
        "reference": "" if reference in _NO_REFERENCE else reference,
        "bank_reference": text("bank_reference"),
        "direction": text("status"),
        "amount": str(amount),
        "currency": currency,
        "date": str(booking.get("entry_date") or booking.get("date") or ""),
        "value_date": str(booking.get("date") or ""),
        "type": text("id"),
        "purpose": text("purpose") or text("transaction_details"),
        "account": account,
        "status": "",
    }
