"""Fields are judged by the words of their names, however they are joined."""

from __future__ import annotations

import pytest

from ackord.contract.drafting.field_names import is_amount, is_id, is_state, name_score, same_name


@pytest.mark.parametrize(
    "name",
    [
        "idempotency_key", "Idempotency-Key", "reference", "ref", "paymentRef", "externalId", "external_id",
        "merchantOrderId", "merchant_reference", "clientTransferId", "out_trade_no", "endToEndIdentification",
        "sender_batch_id", "PayPal-Request-Id", "orderNo", "UniquenessKey", "customId",
    ],
)  # fmt: skip
def test_names_of_the_merchant_s_number(name: str) -> None:
    assert name_score(name) >= 2


@pytest.mark.parametrize(
    "name",
    [
        "payoutMethodId", "external_customer_id", "merchant_id", "client_id", "partnerId", "customerReference",
        "recipient_id", "accountNumber", "description", "amount", "", "originator_client_id", "storeId",
    ],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert name_score(name) == 0


def test_words_are_compared_and_not_letters() -> None:
    assert is_state("transferState")
    assert is_state("batch_status")
    assert not is_state("statement")
    assert is_id("paymentId")
    assert is_id("payment-id")
    assert not is_id("paid")
    assert is_amount("instructedAmount")
    assert same_name("ref", "{reference}".strip("{}"))
    assert same_name("PaymentID", "payment-id")
    assert not same_name("payment_id", "payout_id")
