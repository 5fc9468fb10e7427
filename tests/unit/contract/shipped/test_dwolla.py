"""Dwolla: answers as on its pages about transfers and keys, and what its status page says of a locked key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, loaded, order, query_of, request_context, seen

NAME = "dwolla"
NUMBER = "8a2cdc8d-629d-4a24-98ac-40b735229fe2"
ID = "15c6bcce-46f7-e811-8112-e8dd3bececa8"
TRANSFER = {
    "id": ID, "status": "pending", "amount": {"value": "42.00", "currency": "USD"}, "correlationId": NUMBER,
    "created": "2018-12-03T22:00:22.970Z", "_links": {},
}  # fmt: skip
INVALID = {"code": "ValidationError", "message": "Validation error(s) present."}


def listed(*transfers: dict[str, Any]) -> dict[str, Any]:
    return {
        "_links": {"self": {"href": "https://api-sandbox.dwolla.com/x"}},
        "_embedded": {"transfers": list(transfers)},
    }


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (201, "", {"location": f"https://api-sandbox.dwolla.com/transfers/{ID}"}, ("ACK", "UNKNOWN", ID, None)),
        (201, "", {}, ("UNREADABLE", "UNKNOWN", None, None)),
        (409, {"code": "Conflict"}, {}, ("IN_PROGRESS", "UNKNOWN", None, None)),  # also the lock after a 500
        (400, INVALID, {}, ("REJECTED", "UNKNOWN", None, None)),
        (500, "", {}, ("RETRYABLE", "UNKNOWN", None, None)),
        (502, "<html/>", {}, ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, headers: dict[str, str], expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER, **headers) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, listed(TRANSFER), ("STATUS", "PROCESSING", ID, 4200)),
        (200, listed(TRANSFER | {"status": "processed"}), ("STATUS", "SUCCEEDED", ID, 4200)),
        (200, listed(TRANSFER | {"status": "returned"}), ("STATUS", "RETURNED", ID, 4200)),
        (200, listed(TRANSFER | {"status": "reclaimed"}), ("STATUS", "UNKNOWN", ID, 4200)),
        (200, listed(), ("NOT_FOUND", "NOT_FOUND", None, None)),
        (200, {"total": 0}, ("UNREADABLE", "UNKNOWN", None, None)),
        (404, {"code": "NotFound", "message": "Account not found."}, ("REJECTED", "UNKNOWN", None, None)),
    ],
)
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NUMBER, 2200)
    request = codec(NAME).submit(payment, request_context())
    headers = headers_of(request)
    assert (request.method, request.target) == ("POST", "/transfers")
    assert headers["content-type"] == headers["accept"] == "application/vnd.dwolla.v1.hal+json"
    assert headers["idempotency-key"] == NUMBER
    body = body_of(request)
    assert body["amount"] == {"currency": "USD", "value": "22.00"} and body["correlationId"] == NUMBER
    assert set(body["_links"]) == {"source", "destination"}
    query = codec(NAME).query(payment)
    assert query.target.startswith("/accounts/emulated-dwolla_account/transfers?")
    assert query_of(query) == {"correlationId": NUMBER}


def test_another_amount_under_the_same_number_is_another_transfer() -> None:
    contract = loaded(NAME).contract
    assert contract.identity == ["order_no", "body"] and contract.promises.on_other_payload == "new_movement"


def test_the_ledger_follows_the_link() -> None:
    body = listed(TRANSFER, TRANSFER | {"id": "2", "status": "failed"})
    body["_links"]["next"] = {"href": "https://api-sandbox.dwolla.com/accounts/a/transfers?limit=200&cursor=c2"}
    page = codec(NAME).read_ledger_page(HttpResponse(200, {}, json.dumps(body).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [(ID, NUMBER, 4200)]
    assert page.next_cursor == "c2"
