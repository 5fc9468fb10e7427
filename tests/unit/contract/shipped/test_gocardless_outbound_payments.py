"""GoCardless: answers as on its pages about outbound payments, and the refusal in its libraries' fixtures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.emulate.domain_responses import ProviderOrder
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.auth import merchant_side, provider_side
from ackord.core.operation import Observation, OperationKind

from .support import MOMENT, body_of, codec, headers_of, loaded, order, query_of, request_context, seen

NAME = "gocardless-outbound-payments"
NUMBER = "affiliate-2025-01-0001"
ID = "OUT01JR7P5PKW3K7Q34CJAWC03E82"
PAYMENT = {
    "id": ID, "created_at": "2024-11-28T22:51:46.129Z", "status": "pending_approval", "reference": "GC-w2GJBgZkXU9opeB",
    "scheme": "faster_payments", "amount": 10000, "is_withdrawal": False, "metadata": {"order_no": NUMBER},
    "links": {"recipient_bank_account": "BA000123", "creditor": "CR0000123"},
}  # fmt: skip


def error(kind: str, code: int, *errors: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": "as it is", "errors": list(errors)}}


USED = {
    "message": "A resource has already been created with this idempotency key",
    "links": {"conflicting_resource_id": ID}, "reason": "idempotent_creation_conflict",
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, {"outbound_payments": PAYMENT}, ("ACK", "RECEIVED", ID, 10000)),
        (409, error("invalid_state", 409, USED), ("DUPLICATE", "UNKNOWN", ID, None)),
        (409, error("invalid_state", 409, {"reason": "mandate_is_inactive"}), ("REJECTED", "UNKNOWN", None, None)),
        (422, error("validation_failed", 422, {"field": "amount"}), ("REJECTED", "UNKNOWN", None, None)),
        (429, error("invalid_api_usage", 429, {"reason": "rate_limit_exceeded"}), ("RETRYABLE", "UNKNOWN", None, None)),
        (500, error("gocardless", 500), ("RETRYABLE", "UNKNOWN", None, None)),
        (503, "<html/>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"outbound_payments": PAYMENT | {"status": "executing"}}, ("STATUS", "PROCESSING", ID, 10000)),
        (200, {"outbound_payments": PAYMENT | {"status": "executed"}}, ("STATUS", "SUCCEEDED", ID, 10000)),
        (200, {"outbound_payments": PAYMENT | {"status": "pending"}}, ("STATUS", "UNKNOWN", ID, 10000)),
        (
            404,
            error("invalid_api_usage", 404, {"reason": "resource_not_found"}),
            ("NOT_FOUND", "NOT_FOUND", None, None),
        ),
        (404, {"message": "no route"}, ("UNREADABLE", "UNKNOWN", None, None)),
        (401, error("invalid_api_usage", 401, {"reason": "access_token_not_found"}), ("REJECTED", "UNKNOWN", None, None)),
    ],
)  # fmt: skip
def test_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.QUERY, status, body, order_no=NUMBER, provider_id=ID) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NUMBER, 10000, payee="Affiliate Program Payout, January")
    request = codec(NAME).submit(payment, request_context())
    headers = headers_of(request)
    assert (request.method, request.target) == ("POST", "/outbound_payments")
    assert (headers["idempotency-key"], headers["gocardless-version"]) == (NUMBER, "2015-07-06")
    assert body_of(request) == {
        "outbound_payments": {
            "amount": 10000,
            "scheme": "faster_payments",
            "description": "Affiliate Program Payout, January",
            "links": {"recipient_bank_account": "emulated-gocardless_recipient"},
            "metadata": {"order_no": NUMBER},
        }
    }
    assert codec(NAME).query(payment, ID).target == f"/outbound_payments/{ID}"
    covered = '"@method" "@authority" "@request-target" "content-digest" "content-type" "content-length"'
    assert headers["gc-signature-input"].startswith(f'sig-1=({covered});keyid="emulated-')
    assert headers["content-digest"].startswith("sha256=:")


def test_the_ledger_asks_for_this_month() -> None:
    query = query_of(codec(NAME).ledger_page(request_context=request_context()))
    assert (query["created_from"], query["created_to"]) == ("2026-10-01", "2026-10-26T23:59:59Z")
    rows = [PAYMENT | {"status": "executed"}, PAYMENT | {"id": "OUT2"}]
    body = {"outbound_payments": rows, "meta": {"cursors": {"before": None, "after": "OUT2"}, "limit": 50}}
    page = codec(NAME).read_ledger_page(HttpResponse(200, {}, json.dumps(body).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [(ID, NUMBER, 10000)]
    assert page.next_cursor == "OUT2"


# Webhooks.

BATCH = (
    b'{"events":[{"id":"EV00BD05S5VM2T","created_at":"2018-07-05T09:13:51.404Z","resource_type":"subscriptions","action":"created",'
    b'"links":{"subscription":"SB0003JJQ2MR06"},"details":{"origin":"api","cause":"subscription_created",'
    b'"description":"Subscription created via the '
    b'API."},"metadata":{}},{"id":"EV00BD05TB8K63","created_at":"2018-07-05T09:13:56.893Z",'
    b'"resource_type":"mandates","action":"created","links":{"mandate":"MD000AMA19XGEC"},"details":{"origin":"api",'
    b'"cause":"mandate_created","description":"Mandate created via the API."},"metadata":{}}]}'
)


def test_the_signature_of_the_library_s_fixture_is_genuine() -> None:
    auth = loaded(NAME).contract.accounts["main"].auth
    assert auth is not None
    hmac = auth.hmac.model_copy(update={"secret": "ED7D658C-D8EB-4941-948B-3973214F2D49"})
    merchant = merchant_side(auth.model_copy(update={"hmac": hmac}))
    signature = "2693754819d3e32d7e8fcb13c729631f316c6de8dc1cf634d6527f1c07276e7e"
    call = HttpRequest("POST", "/gocardless", (("Webhook-Signature", signature),), BATCH)
    assert merchant.problem_of_callback(call) == ""
    assert merchant.problem_of_callback(call._replace(body=BATCH + b"\n")) == "its signature is wrong"


def told(*events: dict[str, Any]) -> Any:
    body = json.dumps({"events": events}).encode()
    call = HttpRequest("POST", "/gocardless", (("content-type", "application/json"),), body)
    auth = loaded(NAME).contract.accounts["other"].auth
    return codec(NAME).callbacks.read(provider_side(auth).sign_callback(call, MOMENT), {ID: NUMBER}, MOMENT)


def event(action: str, **more: Any) -> dict[str, Any]:
    links = {"outbound_payment": ID}
    return {"id": "EV123", "resource_type": "outbound_payments", "action": action, "links": links, **more}


@pytest.mark.parametrize(
    ("action", "shows"),
    [
        ("created", "RECEIVED"),
        ("set_to_pending_approval", "RECEIVED"),
        ("set_to_executing", "PROCESSING"),
        ("executed", "SUCCEEDED"),
        ("cancelled", "CANCELLED"),
        ("failed", "FAILED"),
    ],
)
def test_webhooks(action: str, shows: str) -> None:
    called = told(event(action))
    assert (called.account, called.order_no, called.reading.state.name) == ("other", NUMBER, shows)
    assert called.reply.status == 204


@pytest.mark.parametrize(
    "events",
    [
        [event("executed"), event("executed", id="EV124", links={"outbound_payment": "OUT2"})],
        [event("created", resource_type="mandates")],
        [event("beautified")],
        [],
    ],
)
def test_webhooks_that_prove_nothing(events: list[dict[str, Any]]) -> None:
    assert told(*events).reading.observation is Observation.UNREADABLE


def test_an_emulator_calls_with_actions_of_events() -> None:
    emulation = ContractEmulation(codec(NAME))
    found = []
    for status in ("ACCEPTED", "PROCESSING", "PAID", "FAILED", "CANCELLED"):
        (call,) = emulation.announce(ProviderOrder(ID, "main", NUMBER, 10000, "GBP", "payee", status, "A"))
        found.append(json.loads(call.request.body)["events"][0]["action"])
    assert found == ["created", "set_to_executing", "executed", "failed", "cancelled"]
