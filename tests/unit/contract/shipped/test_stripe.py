"""Stripe: payouts and PaymentIntents share keys, errors and events; answers as in its reference, its libraries, and the
issues about both.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.core.operation import OperationKind

from .support import MOMENT, body_of, codec, headers_of, loaded, order, query_of, request_context, seen

NUMBER = "order-6735-attempt-0001"
PAYOUT = {
    "id": "po_1OaFDbEcg9tTZuTgNYmX0PKB", "object": "payout", "amount": 1100, "currency": "eur", "status": "pending",
    "automatic": False, "metadata": {"order_no": NUMBER},
}  # fmt: skip
INTENT = {
    "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa", "object": "payment_intent", "amount": 1100, "currency": "eur",
    "status": "succeeded", "metadata": {"order_no": NUMBER},
}  # fmt: skip
BOTH = [("stripe-payouts", PAYOUT), ("stripe-payment-intents", INTENT)]


def error(kind: str, code: str | None = None, **more: Any) -> dict[str, Any]:
    return {"error": {"type": kind, "message": "as it is", **({"code": code} if code else {}), **more}}


@pytest.mark.parametrize(("name", "thing"), BOTH)
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (409, error("idempotency_error", "idempotency_key_in_use"), "IN_PROGRESS"),
        (409, error("invalid_request_error", "lock_timeout"), "IN_PROGRESS"),
        (400, error("idempotency_error"), "CONFLICT"),
        (400, error("invalid_request_error", "balance_insufficient"), "REJECTED"),
        (401, error("invalid_request_error"), "REJECTED"),
        (402, error("card_error", "card_declined", payment_intent=INTENT), "REJECTED"),
        (429, error("invalid_request_error", "rate_limit"), "RETRYABLE"),
        (500, error("api_error"), "RETRYABLE"),
        (502, "<html>Bad gateway</html>", "UNREADABLE"),
    ],
)
def test_what_a_submit_is_refused_with(name: str, thing: Any, status: int, body: Any, expected: str) -> None:
    assert seen(name, OperationKind.SUBMIT, status, body, order_no=NUMBER) == (expected, "UNKNOWN", None, None)


@pytest.mark.parametrize(("name", "thing"), BOTH)
def test_an_acknowledgement_and_the_same_given_again(name: str, thing: dict[str, Any]) -> None:
    state = {"pending": "RECEIVED", "succeeded": "SUCCEEDED"}[thing["status"]]
    assert seen(name, OperationKind.SUBMIT, 200, thing, order_no=NUMBER) == ("ACK", state, thing["id"], 1100)
    again = HttpResponse(200, {"idempotent-replayed": "true"}, json.dumps(thing).encode())
    assert codec(name).reader(OperationKind.RESUBMIT).read(again).detail.endswith("given again")
    other = thing | {"metadata": {"order_no": "another"}}
    assert seen(name, OperationKind.SUBMIT, 200, other, order_no=NUMBER)[0] == "UNREADABLE"


@pytest.mark.parametrize(
    ("name", "thing", "word", "state"),
    [
        *(("stripe-payouts", PAYOUT, *pair) for pair in [
            ("in_transit", "PROCESSING"), ("paid", "SUCCEEDED"), ("failed", "FAILED"), ("canceled", "CANCELLED"), ("new", "UNKNOWN"),
        ]),
        *(("stripe-payment-intents", INTENT, *pair) for pair in [
            ("requires_payment_method", "RECEIVED"), ("requires_action", "PROCESSING"), ("processing", "PROCESSING"),
            ("requires_capture", "PROCESSING"), ("succeeded", "SUCCEEDED"), ("canceled", "CANCELLED"),
        ]),
    ],
)  # fmt: skip
def test_every_status(name: str, thing: dict[str, Any], word: str, state: str) -> None:
    found = seen(name, OperationKind.QUERY, 200, thing | {"status": word}, provider_id=thing["id"])
    assert found == ("STATUS", state, thing["id"], 1100)


@pytest.mark.parametrize(("name", "thing"), BOTH)
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, error("invalid_request_error", "resource_missing", param="intent"), "NOT_FOUND"),
        (404, error("invalid_request_error"), "REJECTED"),  # no such address: nothing is said of an order
        (404, "404: Not Found", "UNREADABLE"),
        (429, error("invalid_request_error", "rate_limit"), "RETRYABLE"),
        (500, error("api_error"), "RETRYABLE"),
    ],
)
def test_a_query_without_an_order(name: str, thing: Any, status: int, body: Any, expected: str) -> None:
    assert seen(name, OperationKind.QUERY, status, body, provider_id="x")[0] == expected


def test_requests_are_those_of_the_documentation() -> None:
    payout = codec("stripe-payouts").submit(order("stripe-payouts", NUMBER, 1100), request_context())
    assert (payout.method, payout.target) == ("POST", "/v1/payouts")
    assert headers_of(payout)["content-type"] == "application/x-www-form-urlencoded"
    assert headers_of(payout)["idempotency-key"] == NUMBER
    assert body_of(payout) == {
        "amount": "1100",
        "currency": "eur",
        "description": "payee-7",
        "metadata[order_no]": NUMBER,
    }
    intent = codec("stripe-payment-intents").submit(order("stripe-payment-intents", NUMBER, 1100), request_context())
    assert body_of(intent) == {
        "amount": "1100",
        "currency": "eur",
        "confirm": "true",
        "payment_method": "emulated-stripe_payment_method",
        "payment_method_types[0]": "card",
        "description": "payee-7",
        "metadata[order_no]": NUMBER,
    }


@pytest.mark.parametrize(("name", "thing"), BOTH)
def test_queries_and_cancels_go_by_the_identifier(name: str, thing: dict[str, Any]) -> None:
    payment, root = order(name, NUMBER), f"/v1/{thing['object']}s"
    assert codec(name).query(payment, thing["id"]).target == f"{root}/{thing['id']}"
    assert codec(name).request(OperationKind.CANCEL, payment, thing["id"]).target == f"{root}/{thing['id']}/cancel"
    ended = thing | {"status": "canceled"}
    assert seen(name, OperationKind.CANCEL, 200, ended)[:2] == ("ACK", "CANCELLED")
    assert seen(name, OperationKind.CANCEL, 400, error("invalid_request_error"))[0] == "REJECTED"


@pytest.mark.parametrize(("name", "thing"), BOTH)
def test_the_list_is_the_ledger(name: str, thing: dict[str, Any]) -> None:
    rows = [thing, thing | {"id": "x_2", "status": "canceled"}]
    page = codec(name).read_ledger_page(HttpResponse(200, {}, json.dumps({"data": rows, "has_more": True}).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [(thing["id"], NUMBER, 1100)]
    assert page.next_cursor == "x_2"
    assert query_of(codec(name).ledger_page(cursor="x_2")) == {"limit": "100", "starting_after": "x_2"}
    assert codec(name).read_ledger_page(HttpResponse(200, {}, b'{"data": []}')).next_cursor is None


def test_a_broken_answer_is_the_keys_answer_from_then_on() -> None:
    for name, _ in BOTH:
        promises = loaded(name).contract.promises
        assert promises.caches_transient_errors and promises.on_same_payload == "replay_original"
    later = loaded("stripe-payouts").contract.promises.later_edges
    assert [(edge.source, edge.target) for edge in later] == [("SUCCEEDED", "FAILED")]


@pytest.mark.parametrize(("name", "thing"), BOTH)
def test_events_are_signed_over_the_time_and_the_body(name: str, thing: dict[str, Any]) -> None:
    body = json.dumps({"type": f"{thing['object']}.updated", "data": {"object": thing}}).encode()
    signed = f"{MOMENT.unix_s}.".encode() + body
    signature = hmac.new(b"emulated-stripe_webhook_secret", signed, hashlib.sha256).hexdigest()
    headers = (("Stripe-Signature", f"t={MOMENT.unix_s},v1={signature},v0=ignored"),)
    event = HttpRequest("POST", "/stripe", headers, body)
    called = codec(name).callbacks.read(event, {})
    assert called is not None and (called.account, called.order_no) == ("main", NUMBER)
    assert (called.reading.observation, called.reading.provider_id) == ("STATUS", thing["id"])
    merchant = codec(name).merchants["main"]
    assert merchant.problem_of_callback(event, MOMENT) == ""
    assert merchant.problem_of_callback(event._replace(body=body + b" "), MOMENT) != ""
