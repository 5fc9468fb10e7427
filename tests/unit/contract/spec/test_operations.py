"""Where a query shows several records of one order, the contract says which counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Payment, ResponseContext, compile_contract
from ackord.contract.emulate.domain_requests import QueryRequest
from ackord.contract.emulate.domain_responses import OrderResponse, ProviderOrder, ResponseReason
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.core.operation import OperationKind
from ackord.core.payment_state import PaymentState
from ackord.errors import FileError

from ..support import SMALL, document, loaded

LISTED = (
    SMALL[: SMALL.index("query:")]
    + """\
query:
  request: {method: GET, path: /orders, query: {no: "${order_no}"}}
  rows: $.data
  match: {$row.no: "${order_no}"}
  answers:
    - {when: {status: 200, $row: {exists: true}}, observation: STATUS}
    - {when: {status: 200, $.data: {empty: true}}, observation: NOT_FOUND}
  extract: {provider_id: $row.id, state: $row.status, amount_minor: $row.amount}
states: {OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED}
"""
)
LAST = LISTED.replace("  rows: $.data\n", "  rows: $.data\n  pick: last\n")
NEWEST = LISTED.replace("  rows: $.data\n", "  rows: $.data\n  pick: {largest: $row.version}\n")


def made(text: str) -> Codec:
    return compile_contract(Contract.model_validate(document(text).data))


def row(status: str, version: Any, no: str = "n-1") -> dict[str, Any]:
    return {"no": no, "id": f"p{version}", "status": status, "version": version}


def state(text: str, *rows: dict[str, Any]) -> PaymentState:
    answer = HttpResponse(200, {}, json.dumps({"data": rows}).encode())
    return made(text).read(OperationKind.QUERY, answer, ResponseContext("n-1")).state


@pytest.mark.parametrize(
    ("text", "expected"),
    [(LISTED, PaymentState.RECEIVED), (LAST, PaymentState.FAILED), (NEWEST, PaymentState.SUCCEEDED)],
)
def test_the_record_that_counts(text: str, expected: PaymentState) -> None:
    rows = [row("BAD", 9, "n-0"), row("OPEN", 1), row("PAID", 10), row("BAD", 2), row("OPEN", 99, "n-2")]
    assert state(text, *rows) is expected
    assert state(text, row("PAID", 1)) is PaymentState.SUCCEEDED
    assert state(text) is PaymentState.NOT_FOUND


def test_times_are_compared_as_text_and_nothing_is_compared_with_another_kind() -> None:
    assert state(NEWEST, row("PAID", "2026-01-02"), row("OPEN", "2026-01-01")) is PaymentState.SUCCEEDED
    assert state(NEWEST, row("PAID", "2026-01-02"), row("OPEN", 1)) is PaymentState.UNKNOWN
    assert state(NEWEST, row("PAID", None)) is PaymentState.UNKNOWN


@pytest.mark.parametrize("text", [LAST, NEWEST])
def test_an_emulator_shows_it(text: str) -> None:
    c = made(text)
    order = ProviderOrder("p", "main", "n-1", 5, "EUR", "x", "PAID", "A")
    request = c.query(Payment("n-1", "main", 5, "EUR", "x"))
    shown = OrderResponse(order, ResponseReason.SHOWN)
    answer = ContractEmulation(c).answer(QueryRequest("main", "n-1"), shown, request, TimestampNonce())
    assert c.read(OperationKind.QUERY, answer, ResponseContext("n-1")).state is PaymentState.SUCCEEDED


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  pick: last\n", "  pick: {largest: $.version}\n", "query.pick"),
        ("  pick: last\n", "  pick: newest\n", "query.pick"),
        ('  rows: $.data\n  pick: last\n  match: {$row.no: "${order_no}"}\n', "  pick: last\n", "there are no rows"),
    ],
)
def test_what_cannot_be_picked(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in LAST
    with pytest.raises(FileError, match=says):
        loaded(
            tmp_path,
            LAST.replace(old, new).replace("$row.", "$.").replace("$row:", "$.id:")
            if "no rows" in says
            else LAST.replace(old, new),
        )
