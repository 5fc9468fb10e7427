"""While one of a provider's keys replaces the other, both are valid; a third one is not."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.http_messages import HttpRequest

from .support import ANSWER, MOMENT, REQUEST, merchant_of, sides

OLD = (
    rsa.generate_private_key(65537, 2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
).decode()
NEW = "emulated-key"
WECHAT = {"mchid": "1", "serial_no": "M", "private_key": "emulated-key"}
SIGNED = {"string": "${body}", "headers": {"x-signature": "${signature}"}}
CALLBACK = HttpRequest("POST", "/calls", (("content-type", "application/json"),), b'{"a": 1}')

SCHEMES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "wechatpay2": (
        {**WECHAT, "platform_key": NEW, "platform_serial": "NEW"},
        {**WECHAT, "platform_key": OLD, "platform_serial": "OLD"},
    ),
    "jws_detached": (
        {"private_key": "emulated-key", "provider_key": NEW, "provider_key_id": "NEW"},
        {"private_key": "emulated-key", "provider_key": OLD, "provider_key_id": "OLD"},
    ),
    "rsa": ({"provider_key": NEW, "answer": SIGNED, "callback": SIGNED}, {"provider_key": OLD, "answer": SIGNED, "callback": SIGNED}),
}  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
def test_both_keys_are_valid(scheme: str) -> None:
    now, before = SCHEMES[scheme]
    provider = sides(**{scheme: now}).provider
    answer = provider.sign(ANSWER, REQUEST, MOMENT)
    callback = provider.sign_callback(CALLBACK, MOMENT)
    rotating = merchant_of(**{scheme: {**before, "further_provider_keys": {"NEW": NEW}}})
    settled = merchant_of(**{scheme: {**now, "further_provider_keys": {"OLD": OLD}}})
    for merchant in (rotating, settled):
        assert merchant.problem_of(answer, REQUEST, MOMENT) == ""
        assert merchant.problem_of_callback(callback, MOMENT) == ""
    assert "wrong" in rotating.problem_of(answer._replace(body=b"{}"), REQUEST, MOMENT) or "not" in rotating.problem_of(
        answer._replace(body=b"{}"), REQUEST, MOMENT
    )
    assert merchant_of(**{scheme: before}).problem_of(answer, REQUEST, MOMENT)


def test_a_key_under_another_identifier_is_not_valid() -> None:
    now, before = SCHEMES["wechatpay2"]
    answer = sides(wechatpay2=now).provider.sign(ANSWER, REQUEST, MOMENT)
    merchant = merchant_of(wechatpay2={**before, "further_provider_keys": {"THIRD": NEW}})
    problem = merchant.problem_of(answer, REQUEST, MOMENT)
    assert problem == "its serial number is not OLD (nor is it genuine by the further key)"


def test_a_request_is_signed_once() -> None:
    _, before = SCHEMES["wechatpay2"]
    merchant = merchant_of(wechatpay2={**before, "further_provider_keys": {"NEW": NEW}})
    signed = merchant.sign(REQUEST, MOMENT)
    assert [n for n, _ in signed.headers if n == "authorization"] == ["authorization"]


def test_an_unusable_key_is_named() -> None:
    _, before = SCHEMES["wechatpay2"]
    with pytest.raises(ContractError) as caught:
        merchant_of(wechatpay2={**before, "further_provider_keys": {"NEW": "-----BEGIN nothing-----"}})
    assert caught.value.path == ("wechatpay2", "further_provider_keys", "NEW")
