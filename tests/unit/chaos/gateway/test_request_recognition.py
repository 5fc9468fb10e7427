"""Requests without ``ackord-*`` headers are recognised by the contract: operation, order, attempt, and by whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.chaos.gateway.identity import RequestIdentity, read_identity
from ackord.chaos.gateway.request_recognition import RequestRecognition, contract_of
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.codec.codec import Payment, RequestContext
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.core.operation import OperationKind
from ackord.errors import UnknownNameError

BY_TOKEN = ("dwolla", "paypal-payouts")
"""Their requests need an access token first."""
KEY = (("authorization", "Bearer sk_main"),)


def submit(number: str, headers: Any = KEY) -> HttpRequest:
    body = {"order_no": number, "amount": 5, "currency": "EUR", "payee": "p"}
    return HttpRequest("POST", "/v1/orders", headers, json.dumps(body).encode())


def query(number: str, headers: Any = KEY) -> HttpRequest:
    return HttpRequest("GET", f"/v1/orders/{number}", headers, b"")


class Merchant:
    def __init__(self, contract: str = "reference") -> None:
        self.recognition = RequestRecognition(load_contract(contract, env=PlaceholderEnv()))
        self.arrival = 0

    def sends(self, request: HttpRequest) -> RequestIdentity:
        self.arrival += 1
        return self.recognition.identify(read_identity(None, self.arrival), request)

    def told(self, request: HttpRequest) -> tuple[str, int, int, str]:
        who = self.sends(request)
        return who.operation, who.ordinal, who.attempt, who.order


def test_operations_orders_and_attempts_are_counted_as_the_harness_counts_its_own() -> None:
    merchant = Merchant()
    sent = [submit("order-0001"), query("order-0001"), submit("order-0002"), submit("order-0001"), query("order-0001")]
    assert [merchant.told(request) for request in sent] == [
        ("submit", 1, 1, "order-0001"),
        ("query", 1, 1, "order-0001"),
        ("submit", 2, 1, "order-0002"),
        ("resubmit", 1, 2, "order-0001"),
        ("query", 1, 2, "order-0001"),
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"order_no": null}'])
def test_what_is_no_operation_stays_as_it_was(body: bytes) -> None:
    merchant = Merchant()
    assert merchant.sends(HttpRequest("POST", "/v1/elsewhere", KEY, body)) == read_identity(None, 1)
    assert merchant.sends(HttpRequest("POST", "/v1/orders", KEY, body)).order == ""


def test_two_merchants_with_the_same_number_are_told_apart_by_their_fixed_credentials() -> None:
    merchant = Merchant()
    assert (
        merchant.sends(query("order-0001")).scope
        != merchant.sends(query("order-0001", (("authorization", "x"),))).scope
    )


def test_when_the_provider_forgets_its_orders_counting_begins_anew() -> None:
    merchant = Merchant()
    merchant.sends(submit("order-0001"))
    merchant.recognition.forget()
    assert merchant.told(submit("order-0001")) == ("submit", 1, 1, "order-0001")


def test_a_query_by_the_provider_s_identifier_is_of_the_order_whose_submit_told_it() -> None:
    merchant = Merchant("wise-transfers")
    loaded = load_contract("wise-transfers", env=PlaceholderEnv())
    codec = loaded.codec
    payment = Payment("0b6a4f6e-0000-4000-8000-000000000001", loaded.contract.owner, 500, "EUR", "7")
    context = RequestContext(captured={"quote": "1"})
    who = merchant.sends(codec.submit(payment, context))
    assert who.operation == "submit"
    assert merchant.sends(codec.query(payment, "77")).order == "77", "no answer told it yet"
    answer = HttpResponse(
        200, {"content-type": "application/json"}, b'{"id": 88, "status": "incoming_payment_waiting"}'
    )
    merchant.recognition.learn(who, answer)
    asked = merchant.sends(codec.query(payment, "88"))
    assert (asked.operation, asked.order, asked.ordinal) == ("query", who.order, who.ordinal)
    assert merchant.recognition.provider_id(who.order) == "88"


@pytest.mark.parametrize("name", [name for name in contract_names("contracts") if name not in BY_TOKEN])
def test_the_same_query_of_every_provider_has_the_same_scope_whatever_was_signed_into_it(name: str) -> None:
    loaded = load_contract(name, env=PlaceholderEnv())
    merchant, codec = Merchant(name), loaded.codec
    number = "0b6a4f6e-0000-4000-8000-000000000001"
    payment = Payment(number, loaded.contract.owner, 500, loaded.contract.currency, "payee", 1_700_000_000)
    asked = []
    for moment in (1_700_000_000, 1_700_000_100):
        nonce = RequestContext().timestamp_nonce._replace(unix_s=moment, nonce=f"n{moment}")
        request = codec.query(payment, "77" if codec.asks_by_provider_id else None, RequestContext(nonce))
        asked.append(merchant.sends(request))
    assert [who.operation for who in asked] == [OperationKind.QUERY, OperationKind.QUERY]
    assert asked[0].order
    assert asked[0].order_key == asked[1].order_key
    assert asked[0].scope == asked[1].scope


def test_an_edge_s_contract_must_be_there() -> None:
    assert contract_of({"path": "reference"}).contract.provider == "ackord-reference"
    with pytest.raises(UnknownNameError):
        contract_of({"path": "referense"})
