"""Forged callbacks are what a right merchant refuses, and are read as meant by one that does not look."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from ackord.chaos.faults.callbacks import SignatureDefect
from ackord.contract.base.http_messages import TimestampNonce
from ackord.contract.codec.callback_reader import ReceivedCallback
from ackord.contract.emulate.domain_responses import ProviderOrder
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract, shipped
from ackord.core.payment_state import PaymentState
from ackord.run.environments.callback_forger import CallbackForger

NOW = 1_800_000_000
SIGNED = [
    "adyen-transfers", "airwallex-transfers", "wise-transfers", "gocardless-outbound-payments", "paystack-transfers", "razorpayx-payouts",
    "stripe-payment-intents", "stripe-payouts", "mojaloop-fspiop", "unionpay-dsf", "wechatpay-v3-transfer-bills",
]  # fmt: skip
KEYS_OF_THE_EMULATOR = {"mojaloop-fspiop", "unionpay-dsf", "wechatpay-v3-transfer-bills", "wise-transfers"}
"""Its key pairs are the same whatever a variable holds, and UnionPay signs within the body: another defect is taken."""
NUMBER = "payout-of-invoice-0001"


def loaded(name: str) -> LoadedContract:
    return load_contract(name, env=PlaceholderEnv())


def genuine(contract: LoadedContract, status: str = "PAID") -> ReceivedCallback:
    codec = contract.codec
    order = ProviderOrder("po_1", contract.contract.owner, NUMBER, 1000, contract.contract.currency, "p", status, "A")
    (call,) = ContractEmulation(codec).announce(order)
    read = codec.callbacks.read(call.signed(TimestampNonce(NOW, "n1")), {"po_1": NUMBER}, TimestampNonce(NOW))
    assert read is not None and read.account
    return read


@pytest.mark.parametrize("defect", get_args(SignatureDefect))
@pytest.mark.parametrize("name", SIGNED)
def test_a_right_merchant_refuses_it_and_a_blind_one_reads_the_claim(name: str, defect: SignatureDefect) -> None:
    contract = loaded(name)
    claim = PaymentState.SUCCEEDED if name == "unionpay-dsf" else PaymentState.FAILED  # that calls for nothing else
    made = CallbackForger(contract, lambda: NOW).forge(genuine(contract), claim, defect)
    assert not isinstance(made, str), made
    forged = made.request
    merchant = contract.codec.merchants[contract.contract.owner]
    assert merchant.problem_of_callback(forged, TimestampNonce(NOW))
    reading = contract.codec.callbacks.read(forged, {"po_1": NUMBER})
    assert reading is not None and reading.order_no == NUMBER
    assert made.defect == defect or name in KEYS_OF_THE_EMULATOR


def test_where_nothing_is_signed_nobody_could_tell(tmp_path: Path) -> None:
    text = (shipped("contracts") / "paystack-transfers.yaml").read_text()
    text = re.sub(r"      hmac:.*\n(?:        .*\n)+", "", text)
    path = tmp_path / "paystack-transfers.yaml"
    path.write_text(re.sub(r"  accounts\.\w+\.auth\.hmac: webhooks\n", "", text))
    contract = load_contract(path, env=PlaceholderEnv())
    said = CallbackForger(contract, lambda: NOW).forge(genuine(contract), PaymentState.FAILED, "wrong")
    assert "not signed" in str(said)
