"""Pages of a ledger and statements whose signature is wrong prove nothing, and say why; an emulator signs its own."""

from __future__ import annotations

from typing import Any

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, LedgerPage, Period, ResponseContext, compile_contract
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from tests.statement_reading import read_statement

from .support import SMALL, document

AUTH = "hmac: {secret: s, answer: {string: '${body}', headers: {X-Signature: '${signature}'}}}"
COLUMNS = {"movement_id": "$.id", "order_no": "$.no", "amount": "$.amount"}
BILL = {"method": "GET", "path": "/bills", "query": {"day": "${period.from:%Y-%m-%d}"}}
PAGES = {"request": BILL, "rows": "$.rows", "columns": COLUMNS}
FILES = {**PAGES, "download": "$.url", "download_signed": False}
MOMENT = TimestampNonce(86_400, "n")
MOVED = (ProviderMovement(4, "main", "n-1", "po_1", 1999, "payout"),)
ORIGIN = "http://127.0.0.1:8080"


def signed(statement: dict[str, Any]) -> Codec:
    """The small contract, whose owner's answers are signed."""
    data = document(SMALL.replace("{bearer: sk_main}", f"{{bearer: sk_main, {AUTH}}}")).data
    return compile_contract(Contract.model_validate({**data, "statement": statement}))


def answered(codec: Codec, request: HttpRequest) -> tuple[HttpResponse, ResponseContext]:
    """What an emulator answers, and who asked."""
    emulation = ContractEmulation(codec)
    answer = emulation.answer(emulation.understand(request, MOMENT), MovementsResponse(MOVED, 4), request, MOMENT)
    return answer, ResponseContext(account="main", request=request, at=MOMENT)


def forgeries(answer: HttpResponse) -> list[tuple[HttpResponse, str]]:
    unsigned = {name: value for name, value in answer.headers.items() if name != "x-signature"}
    return [
        (answer._replace(body=answer.body + b" "), "not genuine: its signature is wrong"),
        (answer._replace(headers=unsigned), "not genuine: it is not signed: the header X-Signature is missing"),
    ]


def test_a_page_of_a_ledger() -> None:
    codec = signed(PAGES)
    answer, response_context = answered(codec, codec.ledger_page())
    assert len(codec.read_ledger_page(answer, response_context=response_context).rows) == 1
    for forged, why in forgeries(answer):
        assert len(codec.read_ledger_page(forged).rows) == 1, "it could be read"
        assert codec.read_ledger_page(forged, response_context=response_context) == LedgerPage(
            (), None, f"the ledger cannot be read: {why}"
        )


def test_a_statement() -> None:
    codec = signed(PAGES)
    answer, response_context = answered(codec, codec.statement_page(Period(0, 86_400)))
    assert not codec.problem_of(answer, response_context)
    for forged, why in forgeries(answer):
        assert len(read_statement(codec, forged).rows) == 1, "it could be read"
        assert f"not genuine: {codec.problem_of(forged, response_context)}" == why


def test_where_a_statement_is_and_not_the_file_itself() -> None:
    codec = signed(FILES)
    answer, response_context = answered(codec, codec.statement_page(Period(0, 86_400)))
    named = codec.statement_file(answer, ORIGIN, response_context=response_context)
    assert named is not None and named.request is not None
    for forged, why in forgeries(answer):
        refused = codec.statement_file(forged, ORIGIN, response_context=response_context)
        assert refused is not None and refused.request is None
        assert refused.problem == f"the statement's file cannot be fetched: {why}"
    file, _ = answered(codec, named.request)
    assert "x-signature" not in file.headers
    assert len(read_statement(codec, file).rows) == 1


def test_an_account_without_signed_answers_verifies_nothing() -> None:
    codec = signed(PAGES)
    answer, response_context = answered(codec, codec.ledger_page("other"))
    assert len(codec.read_ledger_page(answer, response_context=response_context._replace(account="other")).rows) == 1
