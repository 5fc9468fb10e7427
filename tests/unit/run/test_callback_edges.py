"""What a merchant gives the provider as its callback address."""

from __future__ import annotations

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.run.callback_edges import address_of_callbacks

OURS = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("contract", "address"),
    [
        ("paystack-transfers", f"{OURS}/paystack"),
        ("wechatpay-v3-transfer-bills", f"{OURS}/wechatpay"),
        ("unionpay-dsf", OURS),
        ("mojaloop-fspiop", OURS),
    ],
)
def test_the_whole_address(contract: str, address: str) -> None:
    """UnionPay's submit carries the bare address; Mojaloop's callbacks have a path for each order."""
    assert address_of_callbacks(load_contract(contract, env=PlaceholderEnv()).contract, OURS) == address
