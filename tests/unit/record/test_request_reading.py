"""What a merchant's own client sends is read as the contract's operations."""

from __future__ import annotations

import pytest

from ackord.contract.base.http_messages import HttpRequest
from ackord.contract.codec.codec import Payment, Refund
from ackord.contract.loading.loader import load_contract
from ackord.record.request_reading import RequestReading, headers_with_variables

REFERENCE = load_contract("reference")
BODY = b'{"order_no": "order-0001", "amount": 500, "currency": "EUR", "payee": "p"}'


def test_a_submit_is_read_with_its_payment_and_its_account() -> None:
    reading = RequestReading(REFERENCE)
    for key, account in (("sk_main", "main"), ("sk_other", "other")):
        request = HttpRequest("POST", "/v1/orders", (("authorization", f"Bearer {key}"),), BODY)
        asked = reading.read(request)
        assert asked is not None and asked.operation == "submit"
        assert reading.payment(request, asked, {}) == Payment("order-0001", account, 500, "EUR", "p")


def test_a_refund_is_read_with_its_number_and_amount() -> None:
    reading = RequestReading(REFERENCE)
    request = HttpRequest("POST", "/v1/orders/order-0001/refunds", (), b'{"refund_no": "R-0000001", "amount": 40}')
    asked = reading.read(request)
    assert asked is not None and asked.operation == "refund"
    payment = reading.payment(request, asked, {})
    assert payment.order_no == "order-0001"
    assert reading.refund(asked, payment) == Refund("R-0000001", 40)


def test_a_cancel_is_no_refund() -> None:
    reading = RequestReading(REFERENCE)
    request = HttpRequest("POST", "/v1/orders/order-0001/cancel", (), b"")
    asked = reading.read(request)
    assert asked is not None and asked.operation == "cancel"
    assert reading.refund(asked, reading.payment(request, asked, {})) is None


@pytest.mark.parametrize(("method", "target"), [("GET", "/health"), ("DELETE", "/v1/orders/order-0001")])
def test_what_is_no_operation_is_none(method: str, target: str) -> None:
    assert RequestReading(REFERENCE).read(HttpRequest(method, target, (), b"")) is None


def test_the_headers_that_tell_accounts_apart_are_known_by_name() -> None:
    assert headers_with_variables(REFERENCE) == ["authorization"]
