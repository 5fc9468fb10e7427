"""What a merchant gives the provider as its callback address."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from ackord.contract.base.http_messages import TimestampNonce
from ackord.contract.codec.codec import Payment, RequestContext
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


@pytest.mark.parametrize("name", ["wechatpay-v3-transfer-bills", "unionpay-dsf"])
def test_it_is_what_a_submit_that_names_one_carries(name: str) -> None:
    loaded = load_contract(name, env=PlaceholderEnv())
    contract = loaded.contract
    payment = Payment("20261129000000000001", contract.owner, 100, contract.currency, "payee", 1_800_000_000)
    sent = loaded.codec.submit(payment, RequestContext(TimestampNonce(1_800_000_000, "1"), OURS)).body.decode()
    given = json.loads(sent)["notify_url"] if sent.startswith("{") else parse_qs(sent)["backUrl"][0]
    assert given == address_of_callbacks(contract, OURS)
