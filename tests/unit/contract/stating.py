"""The small contract with a statement in one of its forms, and what an emulator states of invented movements."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, LedgerPage, LedgerRow, Period, RequestContext, compile_contract
from ackord.contract.emulate.domain_requests import StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from tests.statement_reading import read_statement

from .support import SMALL, document

DAY_S = 86_400
MIDNIGHT_S = 1_789_862_400
"""In UTC."""
PERIOD = Period(MIDNIGHT_S, MIDNIGHT_S + DAY_S)
MOMENT = TimestampNonce(MIDNIGHT_S + 2 * DAY_S, "9f8e7d6c")
ORIGIN = "http://127.0.0.1:8080"
REQUEST = {
    "method": "GET",
    "path": "/bills",
    "query": {"from": "${period.from:%Y-%m-%dT%H:%M:%S}", "to": "${period.to:%Y-%m-%dT%H:%M:%S}", "after": "${cursor}"},
}
NAMES = {"movement_id": "Id", "order_no": "Order", "account": "Account", "amount": "Amount", "kind": "Kind"}
PLACES = {"movement_id": "$.id", "order_no": "$.of.no", "account": "$.acc", "amount": "$.amount", "kind": "$.kind"}
JSON = {"request": REQUEST, "rows": "$.data.rows", "columns": PLACES, "window": "half_open"}
CSV = {"request": REQUEST, "csv": {}, "columns": NAMES, "window": "half_open"}
HEAD = "Id,Order,Account,Amount,Kind"
TWO_STEPS = {**CSV, "download": "$.url", "link_expires": "5m"}


def small(statement: dict[str, Any], **more: Any) -> Codec:
    """The small contract with a statement."""
    data = dict(document(SMALL).data)
    return compile_contract(Contract.model_validate({**data, **more, "statement": statement}))


def problem_with(statement: dict[str, Any]) -> str:
    with pytest.raises(ValueError) as failure:
        small(statement)
    return str(failure.value)


def sent(request: HttpRequest) -> HttpRequest:
    """As a client sends it."""
    return request._replace(headers=(*request.headers, ("host", ORIGIN.removeprefix("http://"))))


def movements_of(codec: Codec, count: int = 3) -> tuple[ProviderMovement, ...]:
    kinds = ["payout", "return"]
    return tuple(
        ProviderMovement(
            i + 1, codec.contract.owner, f"N-{i:08}", f"po_{i}", 100 * i + 5, kinds[i % 2], PERIOD.from_s + i
        )
        for i in range(count)
    )


def expected(movements: tuple[ProviderMovement, ...], *kinds: str) -> list[LedgerRow]:
    return [LedgerRow(str(m.id), m.order_no, m.account, m.amount, m.kind) for m in movements if m.kind in kinds]


def timed(movements: tuple[ProviderMovement, ...], *kinds: str) -> list[LedgerRow]:
    """The same where a column says when it was."""
    times = {str(m.id): m.at_s for m in movements}
    return [row._replace(at_s=times[row.movement_id]) for row in expected(movements, *kinds)]


def read(
    codec: Codec, emulation: ContractEmulation, movements: tuple[ProviderMovement, ...], cursor: str | None = None
) -> LedgerPage:
    """The statement as a client gets it, step by step."""
    request_context = RequestContext(MOMENT)
    request = sent(codec.statement_page(PERIOD, cursor=cursor, request_context=request_context))
    asked = emulation.understand(request, MOMENT)
    assert isinstance(asked, StatementRequest), asked
    assert (asked.from_s, asked.to_s) == PERIOD
    page = MovementsResponse(movements, movements[-1].id if movements else 0)
    answer = emulation.answer(asked, page, request, MOMENT)
    file = codec.statement_file(answer, ORIGIN, request_context=request_context)
    if file is not None:
        assert file.request is not None, file.problem
        again = emulation.understand(file.request, MOMENT)
        assert (
            again == asked._replace(file=True, after=0, limit=again.limit)
            if isinstance(again, StatementRequest)
            else again
        )
        answer = emulation.answer(again, page, file.request, MOMENT)
    numbers = {m.provider_id: m.order_no for m in movements}
    return read_statement(codec, answer, numbers)


def table(*lines: str, encoding: str = "utf-8") -> HttpResponse:
    return HttpResponse(200, {}, "\r\n".join(lines).encode(encoding))


def where(url: Any) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps({"url": url}).encode())
