"""Paystack: answers as its OpenAPI document shapes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, order, query_of, request_context, seen

NAME = "paystack-transfers"
NO = "acv_9ee55786-2323-4760-98e2-6380c9"
DATA = {
    "transfer_code": "TRF_1ptvuv321ahaa7q",
    "reference": NO,
    "amount": 120000,
    "currency": "NGN",
    "status": "pending",
    "id": 14,
}
DUPLICATE = {
    "status": False,
    "message": "Please provide a unique reference. Reference already exists on a transfer",
    "meta": {"nextStep": "Create a new reference for the new transfer"},
    "type": "validation_error",
    "code": "duplicate_transfer_reference",
}
ONE = ("TRF_1ptvuv321ahaa7q", 120000)
NOTHING = (None, None)


def told(status: str) -> dict[str, Any]:
    return {"status": True, "message": "Transfer retrieved", "data": {**DATA, "status": status}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, told("pending"), ("ACK", "PROCESSING", *ONE)),
        (200, told("otp"), ("ACK", "RECEIVED", *ONE)),
        (400, DUPLICATE, ("DUPLICATE", "UNKNOWN", *NOTHING)),
        (401, {"status": False, "message": "Invalid key"}, ("REJECTED", "UNKNOWN", *NOTHING)),
        (500, {"status": False, "message": "An error occurred"}, ("RETRYABLE", "UNKNOWN", *NOTHING)),
        (200, {"status": True, "message": "ok", "data": {}}, ("UNREADABLE", "UNKNOWN", *NOTHING)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NO) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, told("success"), ("STATUS", "SUCCEEDED", *ONE)),
        (200, told("reversed"), ("STATUS", "RETURNED", *ONE)),
        (200, told("abandoned"), ("STATUS", "CANCELLED", *ONE)),
        (200, told("blocked"), ("STATUS", "DECLINED", *ONE)),
        (200, told("odd"), ("STATUS", "UNKNOWN", *ONE)),
        (404, {"status": False, "message": "Entity not found"}, ("NOT_FOUND", "NOT_FOUND", *NOTHING)),
        (404, "<html>", ("UNREADABLE", "UNKNOWN", *NOTHING)),
    ],
)
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NO) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NO, 120000)
    prerequisite = codec(NAME).prerequisites[0].request(payment, request_context())
    assert prerequisite.target == "/transferrecipient"
    assert body_of(prerequisite)["account_number"] == "01000000010"
    submit = codec(NAME).submit(payment, request_context(recipient="RCP_gd9vgag7n5lr5ix"))
    assert (submit.method, submit.target) == ("POST", "/transfer")
    assert headers_of(submit)["authorization"] == "Bearer emulated-paystack_secret_key"
    assert body_of(submit) == {
        "source": "balance",
        "amount": 120000,
        "currency": "NGN",
        "recipient": "RCP_gd9vgag7n5lr5ix",
        "reference": NO,
        "reason": "payout",
    }
    assert codec(NAME).query(payment).target == f"/transfer/verify/{NO}"


def test_the_ledger_counts_what_was_paid() -> None:
    rows = [{**DATA, "id": 1, "status": "success"}, {**DATA, "id": 2, "status": "failed"}, {**DATA, "id": 3}]
    body = json.dumps({"status": True, "data": rows, "meta": {"next": "dW5kZWZpbmVk", "perPage": 100}}).encode()
    page = codec(NAME).read_ledger_page(HttpResponse(200, {}, body))
    assert [(row.movement_id, row.order_no, row.kind) for row in page.rows] == [
        ("1", NO, "payout"),
        ("3", NO, "payout"),
    ]
    assert page.next_cursor == "dW5kZWZpbmVk"
    assert query_of(codec(NAME).ledger_page()) == {"use_cursor": "true", "perPage": "100"}
