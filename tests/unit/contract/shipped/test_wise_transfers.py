"""Wise: answers as in its reference of transfers, and its guide to errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.spec.auth import provider_side
from ackord.core.operation import OperationKind

from .support import MOMENT, body_of, codec, order, query_of, request_context, seen

NAME = "wise-transfers"
NUMBER = "54a6bc09-cef9-49a8-9041-f1f0c654cd88"
TRANSFER = {
    "id": 16521632, "user": 4342275, "targetAccount": 8692237, "quoteUuid": "8fa9be20-ba43-4b15-abbb-9424e1481050",
    "status": "incoming_payment_waiting", "sourceCurrency": "EUR", "sourceValue": 0, "targetCurrency": "EUR", "targetValue": 150,
    "customerTransactionId": NUMBER,
}  # fmt: skip
NO_QUOTE = {"errors": [{"code": "error.quote.not.found", "message": "We couldn't find a quote with that ID"}]}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, TRANSFER, ("ACK", "RECEIVED", "16521632", 15000)),
        (200, TRANSFER | {"status": "processing"}, ("ACK", "PROCESSING", "16521632", 15000)),  # a repeated request
        (200, TRANSFER | {"customerTransactionId": "another"}, ("UNREADABLE", "UNKNOWN", None, None)),
        (422, NO_QUOTE, ("REJECTED", "UNKNOWN", None, None)),
        (401, {"error": "invalid_token", "error_description": "945fdc16"}, ("REJECTED", "UNKNOWN", None, None)),
        (503, "", ("RETRYABLE", "UNKNOWN", None, None)),
        (502, "<html/>", ("UNREADABLE", "UNKNOWN", None, None)),
    ],
)
def test_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER) == expected


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("incoming_payment_waiting", "RECEIVED"), ("processing", "PROCESSING"), ("funds_converted", "PROCESSING"),
        ("outgoing_payment_sent", "SUCCEEDED"), ("bounced_back", "RETURNED"), ("funds_refunded", "RETURNED"),
        ("cancelled", "CANCELLED"), ("charged_back", "UNKNOWN"),
    ],
)  # fmt: skip
def test_every_status(word: str, state: str) -> None:
    found = seen(NAME, OperationKind.QUERY, 200, TRANSFER | {"status": word}, order_no=NUMBER, provider_id="16521632")
    assert found == ("STATUS", state, "16521632", 15000)


def test_a_query_without_an_order() -> None:
    missing = {"errors": [{"code": "NOT_FOUND", "message": "as it is"}]}
    assert seen(NAME, OperationKind.QUERY, 404, missing, provider_id="1")[0] == "NOT_FOUND"
    assert seen(NAME, OperationKind.QUERY, 404, "<html/>", provider_id="1")[0] == "UNREADABLE"


def test_a_quote_comes_first_and_holds_the_amount() -> None:
    payment = order(NAME, NUMBER, 1999)
    (quote,) = codec(NAME).prerequisites
    request = quote.request(payment, request_context())
    assert quote.per_order and request.target == "/v3/profiles/emulated-wise_profile/quotes"
    assert body_of(request) == {
        "sourceCurrency": "EUR",
        "targetCurrency": "EUR",
        "targetAmount": 19.99,
        "payOut": "BANK_TRANSFER",
    }
    assert quote.read(HttpResponse(200, {}, b'{"id": "8fa9be20"}')) == {"quote": "8fa9be20"}
    submit = codec(NAME).submit(payment, request_context(quote="8fa9be20"))
    assert submit.target == "/v1/transfers"
    assert body_of(submit) == {
        "targetAccount": "emulated-wise_recipient",
        "quoteUuid": "8fa9be20",
        "customerTransactionId": NUMBER,
        "details": {"reference": "19.99 payee-7"},
    }


def test_a_payload_with_another_amount_is_another_payload() -> None:
    payment = order(NAME, NUMBER, 1999)
    assert codec(NAME).fingerprint(payment) != codec(NAME).fingerprint(payment._replace(amount_minor=2000))


def test_the_list_is_the_ledger() -> None:
    rows = [TRANSFER | {"status": "outgoing_payment_sent"}, TRANSFER | {"id": 2, "status": "cancelled"}]
    assert query_of(codec(NAME).ledger_page()) == {"profile": "emulated-wise_profile", "limit": "100", "offset": "0"}
    page = codec(NAME).read_ledger_page(HttpResponse(200, {}, json.dumps(rows).encode()))
    assert [(row.movement_id, row.order_no, row.amount_minor) for row in page.rows] == [("16521632", NUMBER, 15000)]
    assert query_of(codec(NAME).ledger_page(cursor=page.next_cursor))["offset"] == "2"
    assert codec(NAME).read_ledger_page(HttpResponse(200, {}, b"[]"), cursor="2").next_cursor is None


EVENT = {
    "data": {
        "resource": {"type": "transfer", "id": 111, "profile_id": 222, "account_id": 333},
        "current_state": "processing", "previous_state": "incoming_payment_waiting", "occurred_at": "2020-01-01T12:34:56Z",
    },
    "subscription_id": "01234567-89ab-cdef-0123-456789abcdef", "event_type": "transfers#state-change",
    "schema_version": "4.0.0", "sent_at": "2020-01-01T12:34:56Z",
}  # fmt: skip


def test_events_name_the_identifier_and_are_signed_with_wise_s_key() -> None:
    """The event as in the guide on webhooks."""
    contract = codec(NAME)
    body = json.dumps(EVENT).encode()
    provider = provider_side(contract.contract.accounts["main"].auth)
    event = provider.sign_callback(HttpRequest("POST", "/wise", (), body), MOMENT)
    assert [name for name, _ in event.headers] == ["X-Signature-SHA256"]
    called = contract.callbacks.read(event, {"111": NUMBER})
    assert called is not None and (called.order_no, called.problem) == (NUMBER, "")
    assert (called.reading.provider_id, called.reading.state.name) == ("111", "PROCESSING")
    altered = contract.callbacks.read(event._replace(body=body + b" "), {"111": NUMBER})
    assert altered is not None and altered.problem == "its signature is wrong"
