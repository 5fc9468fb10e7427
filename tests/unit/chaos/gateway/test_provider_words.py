"""Answers in a provider's own words: read by its contract as they are meant, with the order that was asked for."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge_actions import SyntheticResponse
from ackord.chaos.gateway.provider_words import ProviderWords, why_not_made_up
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import ResponseContext
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.core.operation import Observation, OperationKind

SIGNED = {"alipay-transfer", "uk-open-banking-domestic-payments", "unionpay-dsf", "wechatpay-v3-transfer-bills"}
BY_CALLBACK = {"mojaloop-fspiop"}


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_every_provider_says_that_there_is_no_such_order_or_that_it_cannot_be_made_up(name: str) -> None:
    loaded = load_contract(name, env=PlaceholderEnv())
    words = ProviderWords(loaded)
    made = words.not_found("n1", "p1")
    if name in SIGNED | BY_CALLBACK:
        assert made is None
        assert ("signed" in words.silent) == (name in SIGNED)
        assert words.silent == why_not_made_up(loaded)
        return
    assert words.silent == ""
    assert made is not None
    answer = HttpResponse(made.status, dict(made.headers), made.body)
    reading = loaded.codec.read(OperationKind.QUERY, answer, ResponseContext("n1", "p1"))
    assert reading.observation is Observation.NOT_FOUND


def test_it_says_nothing_of_an_order_that_is_not_known() -> None:
    assert ProviderWords(load_contract("reference")).not_found("", "") is None


def test_in_progress_is_said_as_the_contract_says_it() -> None:
    said = ProviderWords(load_contract("reference")).in_progress("n1", "")
    assert said is not None
    assert (said.status, said.body) == (409, b'{"code":"IN_PROGRESS"}')


def test_a_genuine_answer_is_preferred_and_names_the_order_that_was_asked_for() -> None:
    words = ProviderWords(load_contract("reference"))
    words.show_not_found(
        {
            "status": 404,
            "headers": {
                "content-type": "application/problem+json",
                "x-about": "zz9",
                "content-length": "9",
                "date": "x",
            },
            "body": '{"code": "ORDER_NOT_FOUND", "detail": "zz9 is unknown"}',
            "order_no": "zz9",
            "provider_id": "",
        }
    )
    assert words.not_found("n1", "p1") == SyntheticResponse(
        404,
        (("content-type", "application/problem+json"), ("x-about", "n1")),
        b'{"code": "ORDER_NOT_FOUND", "detail": "n1 is unknown"}',
    )
