"""Modern Treasury: answers as on its pages about payment orders, errors and idempotent requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.core.operation import OperationKind
from ackord.core.promises import OtherPayloadAnswer, SamePayloadAnswer

from .support import body_of, codec, headers_of, loaded, order, query_of, request_context, seen

NAME = "modern-treasury"
NUMBER = "po-2026-11-0001-ackord"
ID = "c5f4009c-bdd6-4cc1-84b2-17974ac9e77a"
ORDER = {
    "id": ID, "object": "payment_order", "live_mode": False, "type": "ach", "amount": 1000, "direction": "credit",
    "currency": "USD", "status": "approved", "external_id": NUMBER, "originating_account_id": "0f8e3719",
}  # fmt: skip
MISSING = {"errors": {"code": "resource_not_found", "message": "Resource not found", "parameter": "id"}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, ORDER, ("ACK", "RECEIVED", ID, 1000)),
        (200, ORDER | {"status": "needs_approval"}, ("ACK", "RECEIVED", ID, 1000)),
        (409, "", ("IN_PROGRESS", "UNKNOWN", None, None)),
        (422, {"errors": {"code": "parameter_invalid", "parameter": "amount"}}, ("REJECTED", "UNKNOWN", None, None)),
        (404, MISSING, ("REJECTED", "UNKNOWN", None, None)),
        (429, "", ("RETRYABLE", "UNKNOWN", None, None)),
        (503, {"errors": {}}, ("RETRYABLE", "UNKNOWN", None, None)),
        (502, "<html>Bad gateway</html>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, [ORDER | {"status": "sent"}], ("STATUS", "PROCESSING", ID, 1000)),
        (200, [ORDER | {"status": "completed"}], ("STATUS", "SUCCEEDED", ID, 1000)),
        (200, [ORDER | {"status": "returned"}], ("STATUS", "RETURNED", ID, 1000)),
        (200, [ORDER | {"status": "stopped"}], ("STATUS", "UNKNOWN", ID, 1000)),
        (200, [], ("NOT_FOUND", "NOT_FOUND", None, None)),
        (200, [ORDER | {"external_id": "another"}], ("UNREADABLE", "UNKNOWN", None, None)),  # the filter was ignored
        (401, {"errors": {"code": "unauthorized"}}, ("REJECTED", "UNKNOWN", None, None)),
    ],
)
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NUMBER, 1000)
    request = codec(NAME).submit(payment, request_context())
    assert (request.method, request.target) == ("POST", "/api/payment_orders")
    headers = headers_of(request)
    assert headers["idempotency-key"] == NUMBER and headers["authorization"].startswith("Basic ")
    assert body_of(request) == {
        "type": "ach",
        "amount": 1000,
        "direction": "credit",
        "currency": "USD",
        "originating_account_id": "emulated-modern_treasury_account",
        "receiving_account_id": "emulated-modern_treasury_receiving_account",
        "external_id": NUMBER,
        "description": "payee-7",
    }
    assert query_of(codec(NAME).query(payment)) == {"external_id": NUMBER}


def test_the_key_alone_decides() -> None:
    promises = loaded(NAME).contract.promises
    assert (promises.on_same_payload, promises.on_other_payload) == (
        SamePayloadAnswer.REPLAY_ORIGINAL,
        OtherPayloadAnswer.REPLAY_ORIGINAL,
    )


def test_the_ledger_goes_on_behind_a_cursor_in_a_header() -> None:
    rows = [ORDER | {"status": "sent"}, ORDER | {"id": "2", "status": "denied"}]
    page = codec(NAME).read_ledger_page(HttpResponse(200, {"x-after-cursor": "c2"}, json.dumps(rows).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [(ID, NUMBER, 1000)]
    assert page.next_cursor == "c2"
    assert query_of(codec(NAME).ledger_page(cursor="c2"))["after_cursor"] == "c2"
