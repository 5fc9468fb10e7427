"""Airwallex: answers as a public project recorded them in the sandbox in October 2026, and its page of errors."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest
from ackord.core.operation import OperationKind

from .support import MOMENT, body_of, codec, headers_of, loaded, order, query_of, request_context, seen

NAME = "airwallex-transfers"
NUMBER = "7f687fe6-dcf4-4462-92fa-80335301d9d2"
ID = "0c395b6a-791c-4d39-a97b-7b37daf2ce8e"
TRANSFER = {
    "id": ID, "request_id": NUMBER, "short_reference_id": "P261007-5E5F9E9", "status": "PROCESSING",
    "transfer_amount": 10, "transfer_currency": "USD",
}  # fmt: skip
DUPLICATE = {
    "code": "duplicate_request_id", "details": {"id": ID, "request_id": NUMBER}, "source": "request_id",
    "message": f"The request ID {NUMBER} has been used for a transfer with the transfer ID {ID} before.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, TRANSFER, ("ACK", "PROCESSING", ID, 1000)),
        (201, TRANSFER | {"status": "SCHEDULED"}, ("ACK", "RECEIVED", ID, 1000)),
        (400, DUPLICATE, ("DUPLICATE", "UNKNOWN", ID, None)),
        (400, {"code": "request_id_duplicate", "message": "used"}, ("DUPLICATE", "UNKNOWN", None, None)),
        (400, {"code": "validation_failed", "errors": []}, ("REJECTED", "UNKNOWN", None, None)),
        (401, {"code": "unauthorized"}, ("REJECTED", "UNKNOWN", None, None)),
        (409, {"code": "conflict"}, ("IN_PROGRESS", "UNKNOWN", None, None)),
        (429, {"code": "too_many_requests"}, ("RETRYABLE", "UNKNOWN", None, None)),
        (500, {"code": "internal_error"}, ("RETRYABLE", "UNKNOWN", None, None)),
        (502, "<html/>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"items": [TRANSFER | {"status": "SENT"}]}, ("STATUS", "PROCESSING", ID, 1000)),
        (200, {"items": [TRANSFER | {"status": "PAID"}]}, ("STATUS", "SUCCEEDED", ID, 1000)),
        (200, {"items": [TRANSFER | {"status": "CANCELLED"}]}, ("STATUS", "CANCELLED", ID, 1000)),
        (200, {"items": [TRANSFER | {"status": "NEW"}]}, ("STATUS", "UNKNOWN", ID, 1000)),
        (200, {"items": []}, ("NOT_FOUND", "NOT_FOUND", None, None)),
        (404, {"code": "not_found"}, ("REJECTED", "UNKNOWN", None, None)),  # of the address, not of a transfer
        (500, {"code": "internal_error"}, ("RETRYABLE", "UNKNOWN", None, None)),
    ],
)
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER) == expected


def test_requests_are_those_that_the_sandbox_took() -> None:
    payment = order(NAME, NUMBER, 1000, payee="SUPPLIER A")
    request = codec(NAME).submit(payment, request_context())
    assert (request.method, request.target) == ("POST", "/api/v1/transfers/create")
    assert headers_of(request)["x-api-version"] == "2025-06-30"
    assert body_of(request) == {
        "beneficiary_id": "emulated-airwallex_beneficiary",
        "request_id": NUMBER,
        "source_currency": "USD",
        "transfer_currency": "USD",
        "transfer_amount": "10.00",
        "transfer_method": "LOCAL",
        "reason": "travel",
        "reference": "SUPPLIER A",
    }
    assert query_of(codec(NAME).query(payment)) == {"request_id": NUMBER}


def test_paid_may_fail_and_what_fails_is_cancelled() -> None:
    edges = [(edge.source, edge.target) for edge in loaded(NAME).contract.promises.later_edges]
    assert edges == [("SUCCEEDED", "FAILED"), ("SUCCEEDED", "CANCELLED"), ("FAILED", "CANCELLED")]


def test_events_are_signed_over_the_time_and_the_body() -> None:
    body = json.dumps({"name": "payout.transfer.paid", "data": TRANSFER}).encode()
    now_ms = f"{MOMENT.unix_s}000"
    signature = hmac.new(b"emulated-airwallex_webhook_secret", now_ms.encode() + body, hashlib.sha256).hexdigest()
    event = HttpRequest("POST", "/airwallex", (("x-timestamp", now_ms), ("x-signature", signature)), body)
    called = codec(NAME).callbacks.read(event, {})
    assert called is not None and (called.account, called.order_no) == ("main", NUMBER)
    assert (called.reading.observation, called.reading.provider_id) == ("STATUS", ID)
    merchant = codec(NAME).merchants["main"]
    assert merchant.problem_of_callback(event, MOMENT) == ""
    assert merchant.problem_of_callback(event._replace(body=body + b" "), MOMENT) != ""
