"""Agentic Commerce Protocol: requests and answers as in its OpenAPI document and its section on idempotency."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, loaded, order, request_context, seen

NAME = "acp-checkout"
NUMBER = "550e8400-e29b-41d4-a716-446655440000"
TOTALS = [{"type": "subtotal", "amount": 700}, {"type": "total", "amount": 830}, {"type": "fulfillment", "amount": 130}]
SESSION = {"id": "cs_1", "status": "completed", "currency": "usd", "totals": TOTALS, "line_items": [], "links": []}


def problem(code: str, kind: str = "invalid_request") -> dict[str, Any]:
    return {"type": kind, "code": code, "message": "as it is"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, SESSION, ("ACK", "SUCCEEDED", "cs_1", 830)),
        (200, SESSION | {"status": "complete_in_progress"}, ("ACK", "PROCESSING", "cs_1", 830)),
        (200, SESSION | {"status": "authentication_required"}, ("REJECTED", "UNKNOWN", "cs_1", 830)),
        (409, problem("idempotency_in_flight"), ("IN_PROGRESS", "UNKNOWN", None, None)),
        (422, problem("idempotency_conflict"), ("CONFLICT", "UNKNOWN", None, None)),
        (422, problem("invalid_card"), ("REJECTED", "UNKNOWN", None, None)),
        (400, problem("idempotency_key_required"), ("REJECTED", "UNKNOWN", None, None)),
        (503, problem("service_unavailable", "service_unavailable"), ("RETRYABLE", "UNKNOWN", None, None)),
        (409, {}, ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_a_completion(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, SESSION, ("STATUS", "SUCCEEDED", "cs_1", 830)),
        (200, SESSION | {"status": "canceled"}, ("STATUS", "CANCELLED", "cs_1", 830)),
        (200, SESSION | {"status": "ready_for_payment"}, ("NOT_FOUND", "NOT_FOUND", "cs_1", 830)),
        (404, problem("not_found"), ("NOT_FOUND", "NOT_FOUND", None, None)),
        (503, {}, ("RETRYABLE", "UNKNOWN", None, None)),
    ],
)
def test_a_session_that_is_not_completed_shows_no_payment(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    found = seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER, provider_id="cs_1")
    assert (found[0], found[1]) == expected[:2]


def test_requests_are_those_of_the_specification() -> None:
    payment = order(NAME, NUMBER, 830, payee="Jane")
    session, delegation = codec(NAME).prerequisites
    made = session.request(payment, request_context())
    assert (made.method, made.target, headers_of(made)["idempotency-key"]) == ("POST", "/checkout_sessions", NUMBER)
    assert body_of(made)["line_items"] == [{"id": "emulated-acp_item", "unit_amount": 830}]
    allowance = body_of(delegation.request(payment, request_context(session="cs_1")))["allowance"]
    assert (allowance["max_amount"], allowance["currency"], allowance["checkout_session_id"]) == (830, "usd", "cs_1")
    request = codec(NAME).submit(payment, request_context(session="cs_1", token="vt_1"))
    headers = headers_of(request)
    assert (request.method, request.target) == ("POST", "/checkout_sessions/cs_1/complete")
    assert (headers["api-version"], headers["idempotency-key"]) == ("2026-04-17", NUMBER)
    assert body_of(request)["payment_data"]["instrument"]["credential"] == {"type": "spt", "token": "vt_1"}
    assert codec(NAME).query(payment, "cs_1").target == "/checkout_sessions/cs_1"
    assert codec(NAME).request(OperationKind.CANCEL, payment, "cs_1").target == "/checkout_sessions/cs_1/cancel"


def test_what_is_promised_is_what_section_6_says() -> None:
    promises = loaded(NAME).contract.promises
    assert (str(promises.on_same_payload), promises.caches_transient_errors) == ("replay_original", False)
    assert str(promises.key_retention) == "24h" and promises.key_scope == ["account", "endpoint"]
