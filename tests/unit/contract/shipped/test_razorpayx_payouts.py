"""RazorpayX: answers as its documentation shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.spec.promises import NotFoundTolerated
from ackord.core.operation import OperationKind
from ackord.core.payment_state import PaymentState

from .support import body_of, codec, headers_of, loaded, order, query_of, request_context, seen

NAME = "razorpayx-payouts"
PAYOUT = {
    "id": "pout_00000000000001",
    "entity": "payout",
    "fund_account_id": "fa_00000000000001",
    "amount": 1000000,
    "currency": "INR",
    "status": "queued",
    "utr": None,
    "reference_id": "acme-12345",
}


def error(description: str, code: str = "BAD_REQUEST_ERROR", source: str = "business") -> dict[str, Any]:
    return {"error": {"code": code, "description": description, "source": source, "metadata": {}}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, PAYOUT, ("ACK", "RECEIVED", "pout_00000000000001", 1000000)),
        (200, {**PAYOUT, "status": "failed"}, ("ACK", "FAILED", "pout_00000000000001", 1000000)),
        (200, {**PAYOUT, "reference_id": "another"}, ("UNREADABLE", "UNKNOWN", None, None)),
        (
            400,
            error("Different request body sent for the same Idempotency Header."),
            ("CONFLICT", "UNKNOWN", None, None),
        ),
        (400, error("The account number field is required"), ("REJECTED", "UNKNOWN", None, None)),
        (500, error("We are facing some trouble", "SERVER_ERROR", "internal"), ("RETRYABLE", "UNKNOWN", None, None)),
        (502, "<html>Bad gateway</html>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no="acme-12345") == expected


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("processing", "PROCESSING"),
        ("processed", "SUCCEEDED"),
        ("reversed", "RETURNED"),
        ("rejected", "DECLINED"),
        ("new", "UNKNOWN"),
    ],
)
def test_query_finds_ours_in_the_list(word: str, state: str) -> None:
    items = [{**PAYOUT, "id": "pout_2", "reference_id": "other"}, {**PAYOUT, "status": word}]
    answer = {"entity": "collection", "count": 2, "items": items}
    expected = ("STATUS", state, "pout_00000000000001", 1000000)
    assert seen(NAME, OperationKind.QUERY, 200, answer, order_no="acme-12345") == expected


@pytest.mark.parametrize(
    ("status", "body", "observation"),
    [
        (200, {"entity": "collection", "count": 0, "items": []}, "NOT_FOUND"),
        (
            200,
            {"entity": "collection", "count": 1, "items": [PAYOUT]},
            "UNREADABLE",
        ),  # a list without ours proves nothing
        (404, error("The requested URL was not found on the server."), "REJECTED"),
        (503, error("...", "SERVER_ERROR", "internal"), "RETRYABLE"),
    ],
)
def test_query_without_ours(status: int, body: Any, observation: str) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no="unknown-1")[0] == observation


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, "53cda91c-8f81-4e77-bbb9-7388f4ac6bf4", 1_000_000)
    submit = codec(NAME).submit(payment, request_context())
    assert (submit.method, submit.target) == ("POST", "/v1/payouts")
    assert headers_of(submit)["x-payout-idempotency"] == payment.order_no
    assert body_of(submit) == {
        "account_number": "emulated-razorpayx_account_number",
        "fund_account_id": "emulated-razorpayx_fund_account_id",
        "amount": 1_000_000,
        "currency": "INR",
        "mode": "IMPS",
        "purpose": "refund",
        "queue_if_low_balance": True,
        "reference_id": payment.order_no,
        "narration": "Acme Corp Fund Transfer",
    }
    query = codec(NAME).query(payment)
    assert query.target.startswith("/v1/payouts?")
    assert query_of(query) == {
        "account_number": "emulated-razorpayx_account_number",
        "reference_id": payment.order_no,
    }


def test_the_window_of_grace_is_an_hour_and_processed_may_be_reversed() -> None:
    promises = loaded(NAME).contract.promises
    assert isinstance(promises.not_found, NotFoundTolerated) and promises.not_found.tolerated_for == "1h"
    edges = {(edge.source, edge.target) for edge in promises.later_edges}
    assert (PaymentState.SUCCEEDED.name, PaymentState.RETURNED.name) in edges


def test_transactions_are_the_ledger() -> None:
    added = {"id": "bt_00000000000001", "entity": "bank_transfer", "payer_name": "Saurav Kumar", "amount": 10000000}
    paid = {"id": PAYOUT["id"], "entity": "payout", "fund_account_id": "fa_00000000000001", "status": "processed"}
    items = [
        {"id": "txn_00000000000001", "entity": "transaction", "amount": 10000000, "credit": 10000000, "source": added},
        {"id": "txn_00000000000003", "entity": "transaction", "amount": 1000000, "debit": 1000000, "source": paid},
    ]
    asked = codec(NAME).ledger_page()
    assert asked.target.startswith("/v1/transactions?")
    assert query_of(asked) == {"account_number": "emulated-razorpayx_account_number", "count": "100", "skip": "0"}
    answer = HttpResponse(200, {}, json.dumps({"entity": "collection", "count": 2, "items": items}).encode())
    page = codec(NAME).read_ledger_page(answer, numbers={PAYOUT["id"]: "acme-12345"})
    (row,) = page.rows
    assert (row.movement_id, row.order_no) == ("txn_00000000000003", "acme-12345")
    assert (row.amount_minor, row.kind) == (1000000, "payout")
    assert query_of(codec(NAME).ledger_page(cursor=page.next_cursor))["skip"] == "2"
