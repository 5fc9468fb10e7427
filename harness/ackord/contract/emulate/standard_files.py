"""Writes the movements of a period as a standard's file: SWIFT MT940 or ISO 20022 camt.053, with fitting balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from ..base.body_parsing import UnwritableBody

__all__ = ["standard_file"]

_SUBFIELD = 27
"""Most characters of a subfield of ``:86:``."""
_OPENING = Decimal(10_000)
Facts = Mapping[str, Any]


def standard_file(standard: str, rows: Sequence[Facts], account: str, currency: str, at_s: int) -> bytes:
    """Write a statement of one account and currency.

    ``rows``: facts of the movements, with ``amount`` in major units, ``direction`` (``out`` or ``in``) and ``at_s``.
    ``at_s``: a time in the period. Raises ``UnwritableBody``.
    """
    if any(row["currency"] != currency for row in rows):
        raise UnwritableBody("a statement of one currency cannot show another")
    net = sum((_signed(row) for row in rows), Decimal(0))
    write = _mt940 if standard == "mt940" else _camt053
    return write(rows, account, currency, datetime.fromtimestamp(at_s, UTC), _OPENING + net)


def _signed(row: Facts) -> Decimal:
    amount = abs(Decimal(str(row["amount"])))
    return -amount if row["direction"] == "out" else amount


def _day(row: Facts) -> datetime:
    return datetime.fromtimestamp(row["at_s"], UTC)


def _mt940(rows: Sequence[Facts], account: str, currency: str, day: datetime, closing: Decimal) -> bytes:
    def balance(tag: str, amount: Decimal) -> str:
        return f":{tag}:{'C' if amount >= 0 else 'D'}{day:%y%m%d}{currency}{_comma(abs(amount))}"

    lines = [":20:STATEMENT", f":25:{account}", ":28C:00001/001", balance("60F", _OPENING)]
    for row in rows:
        at, mark = _day(row), "D" if row["direction"] == "out" else "C"
        number = str(row["order_no"])
        reference = number if len(number) <= 16 else "NONREF"
        lines.append(
            f":61:{at:%y%m%d%m%d}{mark}{_comma(abs(Decimal(str(row['amount']))))}NTRF{reference}//{row['movement_id']}"
        )
        text = f"EREF+{number}"
        parts = [text[i : i + _SUBFIELD] for i in range(0, len(text), _SUBFIELD)]
        if len(parts) > 4:
            raise UnwritableBody(f"the order number {number} is too long for MT940")
        details = "".join(f"?{20 + n}{part}" for n, part in enumerate(parts))
        lines.append(f":86:166?00{row['kind'] or 'PAYMENT'}{details}")
    lines += [balance("62F", closing), "-"]
    return "\r\n".join([*lines, ""]).encode("cp1252", "replace")


def _comma(amount: Decimal) -> str:
    text = str(amount).replace(".", ",")
    return text if "," in text else f"{text},"


def _camt053(rows: Sequence[Facts], account: str, currency: str, day: datetime, closing: Decimal) -> bytes:
    def balance(kind: str, amount: Decimal) -> str:
        mark = "CRDT" if amount >= 0 else "DBIT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="{currency}">{abs(amount)}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
            f"<Dt><Dt>{day:%Y-%m-%d}</Dt></Dt></Bal>"
        )

    entries = []
    for row in rows:
        mark = "DBIT" if row["direction"] == "out" else "CRDT"
        amount = abs(Decimal(str(row["amount"])))
        entries.append(
            f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
            f"<BookgDt><Dt>{_day(row):%Y-%m-%d}</Dt></BookgDt><AcctSvcrRef>{escape(str(row['movement_id']))}</AcctSvcrRef>"
            f"<NtryDtls><TxDtls><Refs><EndToEndId>{escape(str(row['order_no']))}</EndToEndId></Refs></TxDtls></NtryDtls>"
            "</Ntry>"
        )
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        f"<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId><CreDtTm>{day:%Y-%m-%dT%H:%M:%SZ}</CreDtTm></GrpHdr><Stmt><Id>1</Id>"
        f"<Acct><Id><Othr><Id>{escape(account)}</Id></Othr></Id></Acct>"
        f"{balance('OPBD', _OPENING)}{balance('CLBD', closing)}"
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(rows)}</NbOfNtries></TtlNtries></TxsSummry>"
    )
    return "\n".join([head, *entries, "</Stmt></BkToCstmrStmt></Document>", ""]).encode()
