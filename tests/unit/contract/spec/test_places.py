"""Rows in XML: a ledger and a statement after the manner of ISO 20022's CAMT.053 are read, emulated and linted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, compile_contract
from ackord.contract.emulate.domain_requests import LedgerRequest, StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.contract.spec.places import check_row_places, form_of_rows
from ackord.errors import FileError
from tests.statement_reading import read_statement

from ..support import SMALL, document, loaded

ROWS = "/Document/BkToCstmrStmt/Stmt/Ntry"
LEDGER = (
    SMALL[: SMALL.index("ledger:")]
    + f"""\
ledger:
  request: {{method: GET, path: /camt, query: {{from: "${{cursor}}"}}}}
  rows: {ROWS}
  next: /Document/BkToCstmrStmt/Next
  extract:
    movement_id: /Ntry/AcctSvcrRef
    order_no: /Ntry/NtryDtls/TxDtls/Refs/EndToEndId
    amount_major: /Ntry/Amt
    currency: /Ntry/Amt/@Ccy
    kind: /Ntry/CdtDbtInd
  kinds: {{DBIT: payout, CRDT: return}}
states: {{OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED}}
"""
)
STATEMENT = (
    SMALL[: SMALL.index("ledger:")]
    + f"""\
statement:
  request: {{method: GET, path: /camt, query: {{day: "${{period.from:%Y-%m-%d}}"}}}}
  rows: {ROWS}
  columns:
    movement_id: /Ntry/AcctSvcrRef
    order_no: /Ntry/NtryDtls/TxDtls/Refs/EndToEndId
    amount: /Ntry/Amt
    kind: /Ntry/CdtDbtInd
    at: /Ntry/ValDt/Dt
  money: major
  time_form: "%Y-%m-%d"
  kinds: {{DBIT: payout, CRDT: return}}
states: {{OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED}}
"""
)
ENTRY = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{kind}</CdtDbtInd><AcctSvcrRef>{id}</AcctSvcrRef>'
    "<ValDt><Dt>2026-11-27</Dt></ValDt><NtryDtls><TxDtls><Refs><EndToEndId>{no}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
)


def camt(*entries: str, more: str = "") -> HttpResponse:
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        f"<BkToCstmrStmt><Stmt><Id>1</Id>{''.join(entries)}</Stmt>{more}</BkToCstmrStmt></Document>"
    )
    return HttpResponse(200, {"content-type": "application/xml"}, xml.encode())


def made(text: str) -> Codec:
    return compile_contract(Contract.model_validate(document(text).data))


FIRST = ENTRY.format(amount="19.99", kind="DBIT", id="m1", no="n-1")
BACK = ENTRY.format(amount="5.00", kind="CRDT", id="m2", no="n-2")


def test_a_ledger_is_read() -> None:
    c = made(LEDGER)
    page = c.read_ledger_page(camt(FIRST, BACK, more="<Next>17</Next>"), "main")
    assert [(r.movement_id, r.order_no, r.amount_minor, r.kind, r.currency) for r in page.rows] == [
        ("m1", "n-1", 1999, "payout", "EUR"),
        ("m2", "n-2", 500, "return", "EUR"),
    ]
    assert page.next_cursor == "17"
    assert c.ledger_page(cursor="17").target == "/camt?from=17"
    assert dict(c.ledger_page().headers)["accept"] == "application/xml"


def test_an_empty_statement_is_one_and_another_document_is_not() -> None:
    c = made(LEDGER)
    assert c.read_ledger_page(camt(), "main").rows == ()
    assert c.read_ledger_page(camt(), "main").problem == ""
    other = HttpResponse(200, {}, b"<Document><Rpt/></Document>")
    assert "the list of movements is missing" in c.read_ledger_page(other, "main").problem
    twice = c.read_ledger_page(camt(FIRST, FIRST), "main")
    assert "two rows have one identifier" in twice.problem


def test_a_statement_is_read() -> None:
    page = read_statement(made(STATEMENT), camt(FIRST, BACK))
    assert [(r.order_no, r.amount_minor, r.kind, r.at_s) for r in page.rows] == [
        ("n-1", 1999, "payout", 1_795_737_600),
        ("n-2", 500, "return", 1_795_737_600),
    ]


@pytest.mark.parametrize("text", [LEDGER, STATEMENT])
def test_an_emulator_writes_what_is_read(text: str) -> None:
    c = made(text)
    movements = (
        ProviderMovement(1, "main", "n-1", "p1", 1999, "payout", 1_795_737_600),
        ProviderMovement(2, "main", "n-1", "p1", 1999, "return", 1_795_737_600),
    )
    asked = LedgerRequest("main", 0, 10) if text is LEDGER else StatementRequest("main", 0, 1 << 40)
    request = HttpRequest("GET", "/camt", (), b"")
    answer = ContractEmulation(c).answer(asked, MovementsResponse(movements, 2), request, TimestampNonce())
    assert answer.headers["content-type"] == "application/xml"
    page = c.read_ledger_page(answer, "main") if text is LEDGER else read_statement(c, answer)
    assert [(r.movement_id, r.order_no, r.amount_minor, r.kind) for r in page.rows] == [
        ("1", "n-1", 1999, "payout"),
        ("2", "n-1", 1999, "return"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "amount_major: /Ntry/Amt\n",
            "amount_major: /Entry/Amt\n",
            r"amount_major: '/Entry/Amt' is no place in a row of",
        ),
        ("amount_major: /Ntry/Amt\n", "amount_major: $.Amt\n", r"amount_major: '\$.Amt' is no place in a row of XML"),
        (f"rows: {ROWS}\n", "rows: /Ntry\n", "is no list of elements"),
        (f"rows: {ROWS}\n", "rows: /Document/Ntry[0]\n", "is no list of elements"),
    ],
)
def test_places_that_are_in_no_row(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in LEDGER
    with pytest.raises(FileError, match=says):
        loaded(tmp_path, LEDGER.replace(old, new))


def test_rows_of_json_have_places_of_json() -> None:
    assert form_of_rows("$.data").name == "json"
    check_row_places("$.data", "extract", {"movement_id": "$.id", "kind": None})
