"""Fields are judged by the words of their names, however they are joined."""

from __future__ import annotations

import pytest

from ackord.contract.drafting.field_names import is_amount, is_id, is_state, name_score, same_name
from ackord.contract.drafting.state_guesses import guessed_state


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


@pytest.mark.parametrize(
    ("word", "state"),
    [("PAID", "SUCCEEDED"), ("in_progress", "PROCESSING"), ("AcceptedSettlementCompleted", "SUCCEEDED"),
     ("canceled", "CANCELLED"), ("RJCT", "FAILED"), ("posted", "UNKNOWN"), ("authorised", "UNKNOWN")],
)  # fmt: skip
def test_a_word_with_one_meaning_is_guessed(word: str, state: str) -> None:
    assert guessed_state(word) == state
