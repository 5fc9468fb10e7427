"""Flutterwave v3: answers as its documentation and its clients show them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.core.operation import OperationKind

from .support import body_of, codec, order, query_of, request_context, seen

NAME = "flutterwave-transfers"
NO = "akhlm-pstmnpyt-rfxx007"
TRANSFER = {
    "id": 26251,
    "bank_code": "044",
    "currency": "NGN",
    "amount": 5500,
    "fee": 45,
    "status": "NEW",
    "reference": NO,
}
TIMEOUT = {"status": "error", "message": "An error occurred. Please contact support", "data": None}
ONE = ("26251", 550000)
NOTHING = (None, None)


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "message": "Transfers fetched", "data": list(rows)}


@pytest.mark.parametrize(
    ("kind", "status", "body", "expected"),
    [
        (OperationKind.SUBMIT, 200, {**listed(), "data": TRANSFER}, ("ACK", "RECEIVED", *ONE)),
        (OperationKind.SUBMIT, 400, {**TIMEOUT, "message": "Disabled"}, ("REJECTED", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, 503, TIMEOUT, ("RETRYABLE", "UNKNOWN", *NOTHING)),
        (
            OperationKind.SUBMIT,
            503,
            "<html>503 Service Temporarily Unavailable</html>",
            ("UNREADABLE", "UNKNOWN", *NOTHING),
        ),
        (OperationKind.QUERY, 200, listed({**TRANSFER, "status": "SUCCESSFUL"}), ("STATUS", "SUCCEEDED", *ONE)),
        (OperationKind.QUERY, 200, listed({**TRANSFER, "status": "FAILED"}), ("STATUS", "FAILED", *ONE)),
        (OperationKind.QUERY, 200, listed({**TRANSFER, "amount": 55.5}), ("STATUS", "RECEIVED", "26251", 5550)),
        (OperationKind.QUERY, 200, listed(), ("NOT_FOUND", "NOT_FOUND", *NOTHING)),
        (OperationKind.QUERY, 200, listed({**TRANSFER, "reference": "x"}), ("UNREADABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.QUERY, 503, TIMEOUT, ("RETRYABLE", "UNKNOWN", *NOTHING)),
    ],
)
def test_answers(kind: OperationKind, status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, kind, status, body, order_no=NO) == expected


def test_requests_are_those_of_the_documentation() -> None:
    submit = codec(NAME).submit(order(NAME, NO, 550050), request_context())
    assert (submit.method, submit.target) == ("POST", "/v3/transfers")
    assert body_of(submit) == {
        "account_bank": "044",
        "account_number": "0690000040",
        "amount": 5500.5,
        "currency": "NGN",
        "debit_currency": "NGN",
        "narration": "payout",
        "reference": NO,
        "callback_url": "https://merchant.example/callbacks",
    }
    query = codec(NAME).query(order(NAME, NO))
    assert query.target.startswith("/v3/transfers?") and query_of(query) == {"reference": NO}


def test_the_list_is_the_ledger_page_by_page() -> None:
    rows = [{**TRANSFER, "status": "SUCCESSFUL"}, {**TRANSFER, "id": 26252, "status": "FAILED"}]
    assert query_of(codec(NAME).ledger_page()) == {"page": "1"}
    page = codec(NAME).read_ledger_page(HttpResponse(200, {}, json.dumps(listed(*rows)).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [("26251", NO, ONE[1])]
    assert query_of(codec(NAME).ledger_page(cursor=page.next_cursor)) == {"page": "2"}
