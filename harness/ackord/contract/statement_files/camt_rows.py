"""Reads ISO 20022 camt.053 as a stream of entries, by lxml over the message's own schema; balances must fit.

The namespace, and with it the version, does not matter: what is read here has had one shape in all versions but for
``Sts``, whose word moved into ``Cd``, and for the amount of a detail. A movement is an entry or, where an entry has
several details with amounts, each of them. DTDs and entities are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from ..base.body_parsing import UnreadableBody, shortened
from ..base.extras import library
from .rows import FileRow, UnreadableLine

__all__ = ["CamtRows"]

_BOOKED = "BOOK"
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_NO_REFERENCE = frozenset({"", "NOTPROVIDED"})


class CamtRows:
    """The booked movements of one file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def around(self) -> list[list[str]]:
        return []

    def __iter__(self) -> Iterator[FileRow]:
        etree = library("lxml.etree")
        tags = [f"{{*}}{name}" for name in ("Acct", "Bal", "Ntry", "TtlNtries", "Stmt")]
        try:
            events = etree.iterparse(
                self._file, events=("end",), tag=tags, resolve_entities=False, load_dtd=False, no_network=True,
                huge_tree=False,
            )  # fmt: skip
            statement, met = _Statement(), 0
            for _, element in events:
                if element.getroottree().docinfo.doctype:
                    raise UnreadableBody("the XML has a DTD, which is refused")
                name = _local(element)
                inside = _local(element.getparent()) == "Stmt" if element.getparent() is not None else False
                if name == "Ntry":
                    yield from statement.entry(element, etree)
                elif name == "Stmt":
                    statement.check(element.sourceline)
                    statement, met = _Statement(), met + 1
                elif inside or name == "TtlNtries":
                    statement.take(name, element)
                if name in ("Ntry", "Stmt"):
                    _forget(element)
        except etree.XMLSyntaxError as error:
            raise UnreadableLine(error.lineno or 1, f"it is no valid XML, or cut off: {error.msg}") from None
        if not met:
            raise UnreadableBody("the XML has no statement (Stmt)")


class _Statement:
    """What one ``Stmt`` says of itself, and what its entries come to."""

    def __init__(self) -> None:
        self._account = ""
        self._balances: dict[str, Decimal] = {}
        self._claims: list[tuple[int, str, str]] = []
        self._rows = 0
        self._net = Decimal(0)

    def take(self, name: str, element: Any) -> None:
        """Take an account, a balance, or the count of entries."""
        if name == "Acct":
            self._account = _text(element, "Id", "IBAN") or _text(element, "Id", "Othr", "Id")
        elif name == "Bal":
            kind = _text(element, "Tp", "CdOrPrtry", "Cd")
            amount = _amount(element)
            self._balances.setdefault(kind, -amount if _text(element, "CdtDbtInd") == "DBIT" else amount)
        elif count := _text(element, "NbOfNtries"):
            self._claims.append((element.sourceline, "entries", count))

    def entry(self, entry: Any, etree: Any) -> Iterator[FileRow]:
        """Yield the movements of an entry; one that is not booked is none."""
        self._rows += 1
        if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) != _BOOKED:
            return
        amount, debit = _amount(entry), _text(entry, "CdtDbtInd") == "DBIT"
        self._net += -amount if debit else amount
        details = _all(entry, "NtryDtls", "TxDtls")
        amounts = [_detail_amount(detail) for detail in details]
        apart = len(details) > 1 and None not in amounts
        if apart:
            signed = [
                -found if (_text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")) == "DBIT" else found
                for detail, found in zip(details, amounts, strict=True)
                if found is not None
            ]
            if sum(signed) != (-amount if debit else amount):
                problem = f"the details come to {sum(signed)}, and the entry is {-amount if debit else amount}"
                raise UnreadableLine(entry.sourceline, problem)
        for detail, found in (
            zip(details, amounts, strict=True) if apart else [(details[0] if details else None, amount)]
        ):
            source = detail if apart and detail is not None else entry
            raw = etree.tostring(source, encoding="unicode", with_tail=False)
            yield FileRow(source.sourceline, self._cells(entry, detail, found or amount), raw)

    def _cells(self, entry: Any, detail: Any, amount: Decimal) -> dict[str, str]:
        def text(*path: str) -> str:
            return _text(detail, *path) if detail is not None else ""

        end_to_end = text("Refs", "EndToEndId")
        purpose = " ".join(_texts(detail, "RmtInf", "Ustrd")) if detail is not None else ""
        amounts = [] if detail is None else _all(detail, "Amt")
        currency = next((found.get("Ccy", "") for found in amounts), "") or _all(entry, "Amt")[0].get("Ccy", "")
        return {
            "end_to_end": "" if end_to_end in _NO_REFERENCE else end_to_end,
            "reference": text("Refs", "InstrId"),
            "bank_reference": text("Refs", "AcctSvcrRef") or _text(entry, "AcctSvcrRef"),
            "direction": text("CdtDbtInd") or _text(entry, "CdtDbtInd"),
            "amount": str(amount),
            "currency": currency,
            "date": _day(entry, "BookgDt"),
            "value_date": _day(entry, "ValDt"),
            "type": _text(entry, "BkTxCd", "Prtry", "Cd") or _text(entry, "BkTxCd", "Domn", "Fmly", "SubFmlyCd"),
            "purpose": purpose or _text(entry, "AddtlNtryInf"),
            "account": self._account,
            "status": _BOOKED,
        }

    def check(self, line: int) -> None:
        """Raise ``UnreadableLine`` where the balances or the count do not fit."""
        for at, what, count in self._claims:
            if count != str(self._rows):
                raise UnreadableLine(at, f"it says that there are {count} {what}, and there are {self._rows}")
        opening = next((self._balances[kind] for kind in _OPENING if kind in self._balances), None)
        closing = next((self._balances[kind] for kind in _CLOSING if kind in self._balances), None)
        if opening is not None and closing is not None and opening + self._net != closing:
            raise UnreadableLine(
                line, f"the entries lead from {opening} to {opening + self._net}, and the closing balance is {closing}"
            )


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Any, *path: str) -> list[Any]:
    found = [element]
    for name in path:
        found = [child for one in found for child in one.iterchildren(f"{{*}}{name}")]
    return found


def _texts(element: Any, *path: str) -> list[str]:
    return [(found.text or "").strip() for found in _all(element, *path)]


def _text(element: Any, *path: str) -> str:
    return next(iter(_texts(element, *path)), "")


def _day(entry: Any, name: str) -> str:
    return (_text(entry, name, "Dt") or _text(entry, name, "DtTm"))[:10]


def _amount(element: Any) -> Decimal:
    found = _all(element, "Amt")
    text = (found[0].text or "").strip() if found else ""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise UnreadableLine(element.sourceline, "there is no amount", text) from None
    if not amount.is_finite() or amount < 0:
        raise UnreadableLine(element.sourceline, "an amount is negative", shortened(text))
    return amount


def _detail_amount(detail: Any) -> Decimal | None:
    """Return the amount of a detail (``Amt`` since version 3, ``AmtDtls/TxAmt/Amt`` before); ``None`` without one."""
    if _all(detail, "Amt"):
        return _amount(detail)
    inside = _all(detail, "AmtDtls", "TxAmt")
    return _amount(inside[0]) if inside else None


def _forget(element: Any) -> None:
    """Free what was read: a statement of any length takes the memory of one entry."""
    element.clear()
    while element.getprevious() is not None and _local(element.getprevious()) == _local(element):
        del element.getparent()[
            0 if element.getprevious() is element.getparent()[0] else element.getparent().index(element) - 1
        ]
