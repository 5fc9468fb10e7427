"""Universal Commerce Protocol: requests and answers as in the specification of its REST binding."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, order, request_context, seen

NAME = "ucp-checkout"
NUMBER = "550e8400-e29b-41d4-a716-446655440000"
UCP = {"version": "2026-04-08", "status": "success"}
CHECKOUT = {
    "ucp": UCP, "id": "chk_1", "status": "completed", "currency": "USD",
    "totals": [{"type": "subtotal", "amount": 5000}, {"type": "tax", "amount": 400}, {"type": "total", "amount": 5400}],
}  # fmt: skip
NONE = {"ucp": UCP | {"status": "error"}, "messages": [{"type": "error", "code": "not_found"}]}
DECLINED = CHECKOUT | {"status": "incomplete", "messages": [{"type": "error", "code": "payment_failed"}]}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, CHECKOUT, ("ACK", "SUCCEEDED", "chk_1", 5400)),
        (200, CHECKOUT | {"status": "complete_in_progress"}, ("ACK", "PROCESSING", "chk_1", 5400)),
        (200, DECLINED, ("REJECTED", "UNKNOWN", "chk_1", 5400)),
        (409, {"code": "conflict", "content": "another body"}, ("CONFLICT", "UNKNOWN", None, None)),
        (401, {"code": "signature_invalid", "content": "no"}, ("REJECTED", "UNKNOWN", None, None)),
        (503, {"code": "unavailable", "content": "later"}, ("RETRYABLE", "UNKNOWN", None, None)),
        (200, {"ucp": UCP}, ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_a_completion(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, CHECKOUT, ("STATUS", "SUCCEEDED")),
        (200, CHECKOUT | {"status": "canceled"}, ("STATUS", "CANCELLED")),
        (200, CHECKOUT | {"status": "ready_for_complete"}, ("NOT_FOUND", "NOT_FOUND")),
        (200, NONE, ("NOT_FOUND", "NOT_FOUND")),
        (404, {}, ("NOT_FOUND", "NOT_FOUND")),
        (429, {"code": "rate"}, ("RETRYABLE", "UNKNOWN")),
    ],
)
def test_a_checkout(status: int, body: Any, expected: tuple[str, str]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER, provider_id="chk_1")[:2] == expected


def test_requests_are_those_of_the_specification() -> None:
    payment = order(NAME, NUMBER, 500)
    (checkout,) = codec(NAME).prerequisites
    made = checkout.request(payment, request_context())
    assert body_of(made) == {"line_items": [{"item": {"id": "emulated-ucp_item"}, "quantity": 500}]}
    request = codec(NAME).submit(payment, request_context(checkout="chk_1"))
    headers = headers_of(request)
    assert (request.method, request.target) == ("POST", "/checkout-sessions/chk_1/complete")
    assert (headers["ucp-agent"], headers["idempotency-key"]) == ('profile="emulated-ucp_profile"', NUMBER)
    assert body_of(request)["payment"]["instruments"][0]["amount"] == 500
    assert codec(NAME).query(payment, "chk_1").target == "/checkout-sessions/chk_1"
    assert codec(NAME).request(OperationKind.CANCEL, payment, "chk_1").target == "/checkout-sessions/chk_1/cancel"
