"""UK Open Banking 4.0: answers in the shapes of its OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, order, request_context, seen

NAME = "uk-open-banking-domestic-payments"
NO = "ACME4120000000000001"
INITIATION = {"InstructionIdentification": NO, "InstructedAmount": {"Amount": "165.88", "Currency": "GBP"}}
ONE = ("58923-001", 16588)
NOTHING = (None, None)


def shown(status: str) -> dict[str, Any]:
    return {"Data": {"DomesticPaymentId": "58923-001", "Status": status, "Initiation": INITIATION}}


def error(code: str) -> dict[str, Any]:
    return {"Code": "400 BadRequest", "Errors": [{"ErrorCode": code, "Message": "..."}]}


@pytest.mark.parametrize(
    ("kind", "status", "body", "expected"),
    [
        (OperationKind.SUBMIT, 201, shown("PDNG"), ("ACK", "PROCESSING", *ONE)),
        (OperationKind.SUBMIT, 409, "", ("IN_PROGRESS", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, 400, error("U001"), ("REJECTED", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, 500, "", ("RETRYABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.QUERY, 200, shown("ACSC"), ("STATUS", "SUCCEEDED", *ONE)),
        (OperationKind.QUERY, 200, shown("RJCT"), ("STATUS", "DECLINED", *ONE)),
        (OperationKind.QUERY, 200, shown("BLCK"), ("STATUS", "FAILED", *ONE)),
        (OperationKind.QUERY, 400, error("UK.OBIE.Resource.NotFound"), ("NOT_FOUND", "NOT_FOUND", *NOTHING)),
        (OperationKind.QUERY, 404, "", ("UNREADABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.QUERY, 429, "", ("RETRYABLE", "UNKNOWN", *NOTHING)),
    ],
)
def test_answers(kind: OperationKind, status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, kind, status, body, order_no=NO) == expected


def test_the_consent_says_what_the_payment_says() -> None:
    payment = order(NAME, NO, 16588)
    (consent,) = codec(NAME).prerequisites
    asked = consent.request(payment, request_context())
    assert asked.target == "/open-banking/v4.0/pisp/domestic-payment-consents" and consent.per_order
    answer = HttpResponse(201, {}, json.dumps({"Data": {"ConsentId": "58923", "Status": "AWAU"}}).encode())
    assert consent.read(answer) == {"consent": "58923"}
    submit = codec(NAME).submit(payment, request_context(consent="58923"))
    assert (submit.method, submit.target) == ("POST", "/open-banking/v4.0/pisp/domestic-payments")
    assert headers_of(submit)["x-idempotency-key"] == NO and headers_of(submit)["x-jws-signature"].count(".") == 2
    sent = body_of(submit)
    assert sent["Data"].pop("ConsentId") == "58923"
    assert sent == body_of(asked)
    assert sent["Data"]["Initiation"]["InstructedAmount"] == {"Amount": "165.88", "Currency": "GBP"}


def test_a_payment_is_asked_for_by_the_banks_identifier_alone() -> None:
    assert codec(NAME).asks_by_provider_id
    query = codec(NAME).query(order(NAME, NO), "58923-001", request_context())
    assert (query.method, query.target) == ("GET", "/open-banking/v4.0/pisp/domestic-payments/58923-001")
