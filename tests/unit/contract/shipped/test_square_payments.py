"""Square: answers as in the examples of its OpenAPI document, and its error codes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, order, query_of, request_context, seen

NAME = "square-payments"
NUMBER = "7b0f3ec5-086a-4871-8f13-3c81b3875218"
PAYMENT = {
    "id": "bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY", "status": "COMPLETED", "amount_money": {"amount": 555, "currency": "USD"},
    "location_id": "L88917AVBK2S5", "source_type": "CARD", "reference_id": NUMBER,
}  # fmt: skip


def error(category: str, code: str) -> dict[str, Any]:
    return {"errors": [{"category": category, "code": code, "detail": "as it is"}]}


REUSED = error("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED")
DECLINED = error("PAYMENT_METHOD_ERROR", "CARD_DECLINED")
BUSY = error("API_ERROR", "SERVICE_UNAVAILABLE")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"payment": PAYMENT}, ("ACK", "SUCCEEDED", "bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY", 555)),
        (200, {"payment": PAYMENT | {"status": "APPROVED"}}, ("ACK", "PROCESSING", PAYMENT["id"], 555)),
        (200, {"payment": PAYMENT | {"status": "FAILED"}}, ("ACK", "FAILED", PAYMENT["id"], 555)),
        (400, REUSED, ("CONFLICT", "UNKNOWN", None, None)),
        (402, DECLINED, ("REJECTED", "UNKNOWN", None, None)),
        (401, error("AUTHENTICATION_ERROR", "UNAUTHORIZED"), ("REJECTED", "UNKNOWN", None, None)),
        (408, error("API_ERROR", "REQUEST_TIMEOUT"), ("RETRYABLE", "UNKNOWN", None, None)),
        (429, error("RATE_LIMIT_ERROR", "RATE_LIMITED"), ("RETRYABLE", "UNKNOWN", None, None)),
        (503, BUSY, ("RETRYABLE", "UNKNOWN", None, None)),
        (503, "upstream timeout", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"payment": PAYMENT | {"status": "PENDING"}}, ("STATUS", "RECEIVED", PAYMENT["id"], 555)),
        (200, {"payment": PAYMENT | {"status": "CANCELED"}}, ("STATUS", "CANCELLED", PAYMENT["id"], 555)),
        (200, {"payment": PAYMENT | {"status": "NEW"}}, ("STATUS", "UNKNOWN", PAYMENT["id"], 555)),
        (200, {}, ("UNREADABLE", "UNKNOWN", None, None)),
        (404, error("INVALID_REQUEST_ERROR", "NOT_FOUND"), ("NOT_FOUND", "NOT_FOUND", None, None)),
        (404, error("INVALID_REQUEST_ERROR", "LOCATION_MISMATCH"), ("REJECTED", "UNKNOWN", None, None)),
        (503, BUSY, ("RETRYABLE", "UNKNOWN", None, None)),
    ],
)
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    found = seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER, provider_id=str(PAYMENT["id"]))
    assert found == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NUMBER, 555, payee="Test Note")
    request = codec(NAME).submit(payment, request_context())
    assert (request.method, request.target) == ("POST", "/v2/payments")
    headers = headers_of(request)
    assert (headers["square-version"], headers["authorization"]) == (
        "2025-08-20",
        "Bearer emulated-square_access_token",
    )
    assert body_of(request) == {
        "idempotency_key": NUMBER,
        "source_id": "emulated-square_source",
        "amount_money": {"amount": 555, "currency": "USD"},
        "autocomplete": True,
        "location_id": "emulated-square_location",
        "reference_id": NUMBER,
        "note": "Test Note",
    }
    assert codec(NAME).query(payment, "bP9m").target == "/v2/payments/bP9m"


def test_a_cancel_that_finds_nothing_is_answered_like_one_that_does() -> None:
    request = codec(NAME).request(OperationKind.CANCEL, order(NAME, NUMBER))
    assert (request.method, request.target, body_of(request)) == (
        "POST",
        "/v2/payments/cancel",
        {"idempotency_key": NUMBER},
    )
    assert seen(NAME, OperationKind.CANCEL, 200, {})[0] == "ACK"
    assert seen(NAME, OperationKind.CANCEL, 503, BUSY)[0] == "RETRYABLE"


def test_the_list_of_payments_is_the_ledger() -> None:
    assert query_of(codec(NAME).ledger_page(cursor="c7"))["cursor"] == "c7"
    rows = [PAYMENT, PAYMENT | {"id": "2", "status": "APPROVED"}, PAYMENT | {"id": "3", "reference_id": None}]
    page = codec(NAME).read_ledger_page(HttpResponse(200, {}, json.dumps({"payments": rows, "cursor": "c8"}).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [
        ("bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY", NUMBER, 555),
        ("3", "", 555),
    ]
    assert page.next_cursor == "c8"
