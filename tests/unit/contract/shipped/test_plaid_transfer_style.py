"""In the manner of Plaid: the amount is a part of what tells two transfers apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.core.operation import OperationKind
from ackord.core.promises import OtherPayloadAnswer

from .support import body_of, codec, headers_of, loaded, order, request_context, seen

NAME = "plaid-transfer-style"
NO = "random_key_1234567890"
ONE = ("460cbe92-2dcc-8eae-5ad6-b37d0ec90fd9", 1234)
NOTHING = (None, None)


def shown(status: str) -> dict[str, Any]:
    return {"bank_transfer": {"id": ONE[0], "amount": "12.34", "status": status, "custom_tag": NO}, "request_id": "x"}


def error(kind: str, code: str) -> dict[str, Any]:
    return {"error_type": kind, "error_code": code, "error_message": "...", "request_id": "x"}


@pytest.mark.parametrize(
    ("kind", "status", "body", "expected"),
    [
        (OperationKind.SUBMIT, 200, shown("pending"), ("ACK", "PROCESSING", *ONE)),
        (OperationKind.SUBMIT, 400, error("INVALID_REQUEST", "INVALID_FIELD"), ("REJECTED", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, 500, error("API_ERROR", "INTERNAL_SERVER_ERROR"), ("RETRYABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.QUERY, 200, shown("posted"), ("STATUS", "SUCCEEDED", *ONE)),
        (OperationKind.QUERY, 200, shown("reversed"), ("STATUS", "RETURNED", *ONE)),
        (OperationKind.QUERY, 400, error("INVALID_INPUT", "NOT_FOUND"), ("NOT_FOUND", "NOT_FOUND", *NOTHING)),
        (OperationKind.QUERY, 429, error("RATE_LIMIT_EXCEEDED", "X"), ("RETRYABLE", "UNKNOWN", *NOTHING)),
    ],
)
def test_answers(kind: OperationKind, status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, kind, status, body, order_no=NO) == expected


def test_requests_are_those_of_the_documentation() -> None:
    submit = codec(NAME).submit(order(NAME, NO, 1234, payee="Anne Charleston"), request_context())
    assert (submit.method, submit.target) == ("POST", "/bank_transfer/create")
    assert {
        "plaid-client-id": "emulated-plaid_client_id",
        "plaid-secret": "emulated-plaid_secret",
    }.items() <= headers_of(submit).items()
    assert body_of(submit) == {
        "idempotency_key": NO,
        "access_token": "emulated-plaid_access_token",
        "account_id": "emulated-plaid_account_id",
        "type": "credit",
        "network": "ach",
        "ach_class": "ppd",
        "amount": "12.34",
        "iso_currency_code": "USD",
        "description": "payout",
        "user": {"legal_name": "Anne Charleston"},
        "custom_tag": NO,
    }
    assert body_of(codec(NAME).query(order(NAME, NO), ONE[0])) == {"bank_transfer_id": ONE[0]}


def test_another_amount_is_another_transfer() -> None:
    contract = loaded(NAME).contract
    assert contract.identity == ["order_no", "amount", "account"]
    assert contract.promises.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT


def test_the_list_is_the_ledger() -> None:
    rows = [shown("posted")["bank_transfer"], {**shown("pending")["bank_transfer"], "id": "another"}]
    asked = codec(NAME).ledger_page()
    assert (asked.method, asked.target, body_of(asked)) == ("POST", "/bank_transfer/list", {"count": 25, "offset": 0})
    page = codec(NAME).read_ledger_page(HttpResponse(200, {}, json.dumps({"bank_transfers": rows}).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [(ONE[0], NO, ONE[1])]
    assert body_of(codec(NAME).ledger_page(cursor=page.next_cursor)) == {"count": 25, "offset": 2}
