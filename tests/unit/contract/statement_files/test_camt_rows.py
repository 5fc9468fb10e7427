"""camt.053 is read entry by entry; details, balances and counts must fit."""

from __future__ import annotations

import io

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.statement_files.camt_rows import CamtRows


def entry(amount: str, mark: str = "DBIT", inside: str = "", status: str = "<Sts>BOOK</Sts>") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{status}<BookgDt><Dt>2026-11-28</Dt></BookgDt>'
        f"<NtryDtls>{inside}</NtryDtls></Ntry>\n"
    )


def detail(number: str, amount: str = "") -> str:
    told = f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>' if amount else ""
    return f"<TxDtls><Refs><EndToEndId>{number}</EndToEndId></Refs>{told}</TxDtls>"


def document(entries: str, closing: str = "", count: str = "") -> str:
    def balance(kind: str, amount: str) -> str:
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        )

    balances = balance("OPBD", "10") + balance("CLBD", closing) if closing else ""
    counted = f"<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries></TtlNtries></TxsSummry>" if count else ""
    return (
        f"<Document xmlns='urn:x'><BkToCstmrStmt><Stmt>{balances}{counted}\n{entries}</Stmt></BkToCstmrStmt></Document>"
    )


def read(text: str) -> list[tuple[str, str, str]]:
    rows = CamtRows(io.BytesIO(text.encode()))
    return [(row.cells["end_to_end"], row.cells["direction"], row.cells["amount"]) for row in rows]


def test_a_movement_is_an_entry_or_each_of_its_details() -> None:
    entries = entry("2.00", "CRDT") + entry("5", inside=detail("N-1", "2") + detail("N-2", "3"))
    entries += entry("7", inside=detail("NOTPROVIDED")) + entry("9", inside=detail("N-4") + detail("N-5"))
    entries += entry("99", status="<Sts><Cd>PDNG</Cd></Sts>")
    assert read(document(entries, count="5")) == [
        ("", "CRDT", "2.00"), ("N-1", "DBIT", "2"), ("N-2", "DBIT", "3"), ("", "DBIT", "7"), ("N-4", "DBIT", "9"),
    ]  # fmt: skip


def test_balances_are_followed() -> None:
    assert len(read(document(entry("2.5"), "7.50"))) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (document(entry("2.5"), "7.51"), "the entries lead from 10 to 7.5, and the closing balance is 7.51"),
        (document(entry("1"), count="2"), "it says that there are 2 entries, and there are 1"),
        (document(entry("6", inside=detail("N-1", "2") + detail("N-2", "3"))), "line 2: the details come to -5"),
        (document(entry("-1")), "line 2: an amount is negative"),
        (document(entry("x")), "line 2: there is no amount: 'x'"),
        (document(entry("1"))[:-30], "no valid XML, or cut off"),
        ("<Document/>", "the XML has no statement"),
        ("<!DOCTYPE a><Document><Stmt/></Document>", "a DTD, which is refused"),
    ],
)
def test_what_does_not_fit_is_told(text: str, says: str) -> None:
    with pytest.raises(UnreadableBody, match=says):
        read(text)
