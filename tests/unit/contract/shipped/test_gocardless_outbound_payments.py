"""GoCardless: answers as on its pages about outbound payments, and the refusal in its libraries' fixtures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.wire import WireAnswer
from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, order, query_of, seen, sending

NAME = "gocardless-outbound-payments"
NUMBER = "affiliate-2025-01-0001"
ID = "OUT01JR7P5PKW3K7Q34CJAWC03E82"
PAYMENT = {
    "id": ID, "created_at": "2024-11-28T22:51:46.129Z", "status": "pending_approval", "reference": "GC-w2GJBgZkXU9opeB",
    "scheme": "faster_payments", "amount": 10000, "is_withdrawal": False, "metadata": {"order_no": NUMBER},
    "links": {"recipient_bank_account": "BA000123", "creditor": "CR0000123"},
}  # fmt: skip


def error(kind: str, code: int, *errors: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": "as it is", "errors": list(errors)}}


USED = {
    "message": "A resource has already been created with this idempotency key",
    "links": {"conflicting_resource_id": ID}, "reason": "idempotent_creation_conflict",
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, {"outbound_payments": PAYMENT}, ("ACK", "RECEIVED", ID, 10000)),
        (409, error("invalid_state", 409, USED), ("DUPLICATE", "UNKNOWN", ID, None)),
        (409, error("invalid_state", 409, {"reason": "mandate_is_inactive"}), ("REJECTED", "UNKNOWN", None, None)),
        (422, error("validation_failed", 422, {"field": "amount"}), ("REJECTED", "UNKNOWN", None, None)),
        (429, error("invalid_api_usage", 429, {"reason": "rate_limit_exceeded"}), ("RETRYABLE", "UNKNOWN", None, None)),
        (500, error("gocardless", 500), ("RETRYABLE", "UNKNOWN", None, None)),
        (503, "<html/>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"outbound_payments": PAYMENT | {"status": "executing"}}, ("STATUS", "PROCESSING", ID, 10000)),
        (200, {"outbound_payments": PAYMENT | {"status": "executed"}}, ("STATUS", "SUCCEEDED", ID, 10000)),
        (200, {"outbound_payments": PAYMENT | {"status": "pending"}}, ("STATUS", "UNKNOWN", ID, 10000)),
        (
            404,
            error("invalid_api_usage", 404, {"reason": "resource_not_found"}),
            ("NOT_FOUND", "NOT_FOUND", None, None),
        ),
        (404, {"message": "no route"}, ("UNREADABLE", "UNKNOWN", None, None)),
        (401, error("invalid_api_usage", 401, {"reason": "access_token_not_found"}), ("REJECTED", "UNKNOWN", None, None)),
    ],
)  # fmt: skip
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER, provider_id=ID) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NUMBER, 10000, payee="Affiliate Program Payout, January")
    request = codec(NAME).submit(payment, sending())
    headers = headers_of(request)
    assert (request.method, request.target) == ("POST", "/outbound_payments")
    assert (headers["idempotency-key"], headers["gocardless-version"]) == (NUMBER, "2015-07-06")
    assert body_of(request) == {
        "outbound_payments": {
            "amount": 10000,
            "scheme": "faster_payments",
            "description": "Affiliate Program Payout, January",
            "links": {"recipient_bank_account": "emulated-gocardless_recipient"},
            "metadata": {"order_no": NUMBER},
        }
    }
    assert codec(NAME).query(payment, ID).target == f"/outbound_payments/{ID}"


def test_the_ledger_asks_for_this_month() -> None:
    query = query_of(codec(NAME).ledger_page(sending=sending()))
    assert (query["created_from"], query["created_to"]) == ("2026-10-01", "2026-10-26T23:59:59Z")
    rows = [PAYMENT | {"status": "executed"}, PAYMENT | {"id": "OUT2"}]
    body = {"outbound_payments": rows, "meta": {"cursors": {"before": None, "after": "OUT2"}, "limit": 50}}
    page = codec(NAME).read_ledger_page(WireAnswer(200, {}, json.dumps(body).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [(ID, NUMBER, 10000)]
    assert page.next_cursor == "OUT2"
