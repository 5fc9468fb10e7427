"""PayPal: answers as in its OpenAPI document, and the refusal of a batch that was sent before as
merchants report it.
"""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.operation import OperationKind

from .support import TOKEN, body_of, codec, headers_of, order, request_context, seen

NAME = "paypal-payouts"
NUMBER = "Payouts_2018_100007"
HEADER = {
    "payout_batch_id": "5UXD2E8A7EBQJ", "batch_status": "PENDING",
    "sender_batch_header": {"sender_batch_id": NUMBER, "email_subject": "You have a payout!"},
}  # fmt: skip
DUPLICATE = {
    "name": "USER_BUSINESS_ERROR", "message": "User business error.", "debug_id": "4854e55f0e1b3",
    "information_link": "https://developer.paypal.com/webapps/developer/docs/api/#USER_BUSINESS_ERROR",
    "details": [{"field": "SENDER_BATCH_ID", "issue": "Duplicate batch request"}],
}  # fmt: skip
LINK = {"href": "https://api-m.sandbox.paypal.com/v1/payments/payouts/5UXD2E8A7EBQJ", "rel": "self", "method": "GET"}
INVALID = {"name": "VALIDATION_ERROR", "message": "Invalid request - see details", "debug_id": "53d95c3d17ae5"}
BROKEN = {"name": "INTERNAL_ERROR", "message": "An internal service error has occurred.", "debug_id": "d2f960dd11018"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, {"batch_header": HEADER, "links": [LINK]}, ("ACK", "RECEIVED", "5UXD2E8A7EBQJ", None)),
        (400, DUPLICATE | {"links": [LINK]}, ("DUPLICATE", "UNKNOWN", "5UXD2E8A7EBQJ", None)),
        (400, DUPLICATE, ("DUPLICATE", "UNKNOWN", None, None)),  # the report has no link
        (400, DUPLICATE | {"details": [{"issue": "Insufficient funds"}]}, ("REJECTED", "UNKNOWN", None, None)),
        (400, INVALID, ("REJECTED", "UNKNOWN", None, None)),
        (500, BROKEN, ("RETRYABLE", "UNKNOWN", None, None)),
        (503, "<html>Service Unavailable</html>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


def batch(word: str, **item: Any) -> dict[str, Any]:
    money = {"value": "9.87", "currency": "USD"}
    rows = [{"payout_item_id": "8AELMXH8UB2P8", "payout_item": {"amount": money}, **item}] if item else []
    return {"batch_header": HEADER | {"batch_status": word, "amount": money}, "items": rows}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, batch("PENDING"), ("STATUS", "RECEIVED", "5UXD2E8A7EBQJ", 987)),
        (200, batch("DENIED"), ("STATUS", "DECLINED", "5UXD2E8A7EBQJ", 987)),
        (200, batch("SUCCESS"), ("UNREADABLE", "UNKNOWN", None, None)),  # the batch is done: what of the payout?
        (200, batch("SUCCESS", transaction_status="SUCCESS"), ("STATUS", "SUCCEEDED", "5UXD2E8A7EBQJ", 987)),
        (200, batch("SUCCESS", transaction_status="UNCLAIMED"), ("STATUS", "PROCESSING", "5UXD2E8A7EBQJ", 987)),
        (200, batch("SUCCESS", transaction_status="FAILED"), ("STATUS", "FAILED", "5UXD2E8A7EBQJ", 987)),
        (200, batch("SUCCESS", transaction_status="REVERSED"), ("STATUS", "RETURNED", "5UXD2E8A7EBQJ", 987)),
        (200, batch("SUCCESS", transaction_status="BLOCKED"), ("STATUS", "UNKNOWN", "5UXD2E8A7EBQJ", 987)),
        (
            200,
            batch("SUCCESS", transaction_status="PROCESSING"),
            ("UNREADABLE", "UNKNOWN", None, None),
        ),  # a batch's word
        (200, batch("PROCESSING", transaction_status="NEW"), ("STATUS", "PROCESSING", "5UXD2E8A7EBQJ", 987)),
        (404, {"name": "RESOURCE_NOT_FOUND", "debug_id": "6de4e7d16899d"}, ("NOT_FOUND", "NOT_FOUND", None, None)),
        (404, {"error": "no route"}, ("UNREADABLE", "UNKNOWN", None, None)),
        (500, BROKEN, ("RETRYABLE", "UNKNOWN", None, None)),
    ],
)
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    found = seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER, provider_id="5UXD2E8A7EBQJ")
    assert found == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NUMBER, 987, payee="Thanks for your patronage!")
    request = codec(NAME).submit(payment, request_context())
    assert (request.method, request.target) == ("POST", "/v1/payments/payouts")
    headers = headers_of(request)
    assert headers["paypal-request-id"] == NUMBER and headers["authorization"] == f"Bearer {TOKEN}"
    assert body_of(request) == {
        "sender_batch_header": {"sender_batch_id": NUMBER, "email_subject": "You have a payout"},
        "items": [
            {
                "recipient_type": "EMAIL",
                "amount": {"value": "9.87", "currency": "USD"},
                "note": "Thanks for your patronage!",
                "sender_item_id": NUMBER,
                "receiver": "emulated-paypal_receiver",
            }
        ],
    }
    assert codec(NAME).query(payment, "5UXD2E8A7EBQJ").target == "/v1/payments/payouts/5UXD2E8A7EBQJ"


def test_without_an_identifier_there_is_nothing_to_ask() -> None:
    with pytest.raises(LookupError, match="identifier"):
        codec(NAME).query(order(NAME, NUMBER))
