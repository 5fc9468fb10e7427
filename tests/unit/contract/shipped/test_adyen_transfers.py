"""Adyen: answers as in the examples of its OpenAPI document, and what its page on idempotency says."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, order, query_of, request_context, seen

NAME = "adyen-transfers"
NUMBER = "20261126-0001-ackord"
TRANSFER = {
    "id": "1W1UG35U8A9J5ZLG", "amount": {"value": 110000, "currency": "EUR"}, "category": "bank", "direction": "outgoing",
    "balanceAccount": {"id": "BAB8B2C3D4E5F6G7H8D9J6GD4"}, "reference": NUMBER, "reason": "pending", "status": "received",
}  # fmt: skip
ERROR = {
    "type": "https://docs.adyen.com/errors/validation", "errorCode": "30_112", "title": "Invalid transfer", "detail": "no", "status": 422,
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (202, TRANSFER, {}, ("ACK", "RECEIVED", "1W1UG35U8A9J5ZLG", 110000)),
        (200, TRANSFER | {"status": "authorised"}, {}, ("ACK", "PROCESSING", "1W1UG35U8A9J5ZLG", 110000)),
        (202, TRANSFER | {"reference": "another"}, {}, ("UNREADABLE", "UNKNOWN", None, None)),
        (422, ERROR, {}, ("REJECTED", "UNKNOWN", None, None)),
        (422, ERROR | {"errorCode": "704"}, {"transient_error": "true"}, ("IN_PROGRESS", "UNKNOWN", None, None)),
        (409, ERROR | {"errorCode": "704"}, {}, ("IN_PROGRESS", "UNKNOWN", None, None)),
        (422, ERROR, {"transient_error": "true"}, ("RETRYABLE", "UNKNOWN", None, None)),
        (500, ERROR | {"errorCode": "00_500"}, {}, ("RETRYABLE", "UNKNOWN", None, None)),
        (401, {"errorCode": "000", "message": "HTTP Status Response - Unauthorized"}, {}, ("REJECTED", "UNKNOWN", None, None)),
        (502, "<html>Bad gateway</html>", {}, ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)  # fmt: skip
def test_submit(status: int, body: Any, headers: dict[str, str], expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER, **headers) == expected


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("received", "RECEIVED"), ("authorised", "PROCESSING"), ("booked", "SUCCEEDED"), ("refused", "DECLINED"),
        ("failed", "FAILED"), ("returned", "RETURNED"), ("error", "UNKNOWN"), ("chargeback", "UNKNOWN"),
    ],
)  # fmt: skip
def test_query_finds_ours_among_others(word: str, state: str) -> None:
    rows = [TRANSFER | {"id": "OTHER", "reference": "x"}, TRANSFER | {"status": word}]
    found = seen(NAME, OperationKind.QUERY, 200, {"data": rows}, order_no=NUMBER)
    assert found == ("STATUS", state, "1W1UG35U8A9J5ZLG", 110000)


@pytest.mark.parametrize(
    ("status", "body", "observation"),
    [
        (200, {"data": []}, "NOT_FOUND"),
        (200, {"data": [TRANSFER | {"reference": "x"}]}, "NOT_FOUND"),
        (200, {}, "UNREADABLE"),
        (404, {"status": 404, "errorCode": "x"}, "UNREADABLE"),  # the document has no 404
        (500, ERROR, "RETRYABLE"),
    ],
)
def test_query_without_ours(status: int, body: Any, observation: str) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER)[0] == observation


def test_the_submit_is_the_documented_one() -> None:
    request = codec(NAME).submit(order(NAME, NUMBER, 110000, payee="A. Klaassen"), request_context())
    assert (request.method, request.target) == ("POST", "/btl/v4/transfers")
    headers = headers_of(request)
    assert headers["idempotency-key"] == NUMBER and "x-api-key" in headers
    assert body_of(request) == {
        "amount": {"value": 110000, "currency": "EUR"},
        "balanceAccountId": "emulated-adyen_balance_account",
        "category": "bank",
        "counterparty": {
            "bankAccount": {
                "accountHolder": {"fullName": "A. Klaassen"},
                "accountIdentification": {"type": "iban", "iban": "emulated-adyen_payee_iban"},
            }
        },
        "priority": "regular",
        "reference": NUMBER,
    }


def test_the_query_asks_for_the_reference_in_a_window_around_today() -> None:
    assert query_of(codec(NAME).query(order(NAME, NUMBER), request_context=request_context())) == {
        "balanceAccountId": "emulated-adyen_balance_account",
        "reference": NUMBER,
        "createdSince": "2026-10-26T00:00:00Z",
        "createdUntil": "2026-10-26T23:59:59Z",
        "limit": "100",
    }


def test_the_ledger_counts_booked_transfers_and_follows_the_link() -> None:
    rows = [TRANSFER | {"status": "booked"}, TRANSFER | {"id": "2", "status": "received"}]
    link = "https://balanceplatform-api-test.adyen.com/btl/v4/transfers?limit=100&cursor=S2B-TSAjOIIr&category=bank"
    answer = HttpResponse(200, {}, json.dumps({"data": rows, "_links": {"next": {"href": link}}}).encode())
    page = codec(NAME).read_ledger_page(answer)
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [
        ("1W1UG35U8A9J5ZLG", NUMBER, 110000)
    ]
    assert page.next_cursor == "S2B-TSAjOIIr"


def test_events_are_signed_over_the_body() -> None:
    body = json.dumps({"type": "balancePlatform.transfer.updated", "data": TRANSFER | {"status": "booked"}}).encode()
    signature = base64.b64encode(hmac.digest(b"emulated-adyen_hmac_key", body, "sha256")).decode()
    event = HttpRequest("POST", "/adyen", (("HmacSignature", signature),), body)
    called = codec(NAME).callbacks.read(event, {})
    assert called is not None and (called.account, called.order_no, called.problem) == ("main", NUMBER, "")
    assert (called.reading.state.name, called.reading.amount_minor) == ("SUCCEEDED", 110000)
    altered = codec(NAME).callbacks.read(event._replace(body=body + b" "), {})
    assert altered is not None and altered.problem == "its signature is wrong"
