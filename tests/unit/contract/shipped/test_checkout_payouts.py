"""Checkout.com: answers as on its pages about payouts and keys."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, order, query_of, request_context, seen

NAME = "checkout-payouts"
NUMBER = "PO-215-5721-2026-11-27"
ID = "pay_gwlowf7eap7uzm4cyaaqoq62au"
PAYOUT = {
    "id": ID, "requested_on": "2020-06-12T13:49:19.085546Z", "amount": 1000, "currency": "GBP", "reference": NUMBER,
    "status": "Pending", "source": {"id": "ca_y3oqhf46pyzuxjbcn2giaqnb44", "type": "currency_account"},
}  # fmt: skip
INVALID = {"request_id": "0HL80RJLS76I7", "error_type": "request_invalid", "error_codes": ["amount_invalid"]}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (202, PAYOUT, ("ACK", "RECEIVED", ID, 1000)),
        (202, {"id": ID, "status": "Pending", "reference": NUMBER}, ("ACK", "RECEIVED", ID, None)),
        (409, "", ("IN_PROGRESS", "UNKNOWN", None, None)),
        (429, "", ("RETRYABLE", "UNKNOWN", None, None)),
        (422, INVALID, ("REJECTED", "UNKNOWN", None, None)),
        (401, "", ("UNREADABLE", "UNKNOWN", None, None)),
        (503, "", ("RETRYABLE", "UNKNOWN", None, None)),
        (502, "<html/>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"data": [PAYOUT | {"status": "Paid"}], "total_count": 1}, ("STATUS", "SUCCEEDED", ID, 1000)),
        (200, {"data": [PAYOUT | {"status": "Returned"}]}, ("STATUS", "RETURNED", ID, 1000)),
        (200, {"data": [PAYOUT | {"status": "Declined"}]}, ("STATUS", "DECLINED", ID, 1000)),
        (200, {"data": [PAYOUT | {"status": "Captured"}]}, ("STATUS", "UNKNOWN", ID, 1000)),
        (200, {"data": [], "total_count": 0}, ("NOT_FOUND", "NOT_FOUND", None, None)),
        (404, "", ("UNREADABLE", "UNKNOWN", None, None)),
        (422, INVALID, ("REJECTED", "UNKNOWN", None, None)),
    ],
)
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NUMBER, 1000, payee="Withdrawal")
    request = codec(NAME).submit(payment, request_context())
    assert (request.method, request.target) == ("POST", "/payments")
    assert headers_of(request)["cko-idempotency-key"] == NUMBER
    assert body_of(request) == {
        "source": {"type": "currency_account", "id": "emulated-checkout_currency_account"},
        "destination": {"type": "id", "id": "emulated-checkout_destination"},
        "amount": 1000,
        "currency": "GBP",
        "reference": NUMBER,
        "billing_descriptor": {"reference": "Withdrawal"},
        "processing_channel_id": "emulated-checkout_processing_channel",
    }
    assert query_of(codec(NAME).query(payment)) == {"reference": NUMBER, "limit": "100"}
