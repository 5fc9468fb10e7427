"""Each flaw signs callbacks in a way that a merchant refuses, and the reason is its own."""

from __future__ import annotations

import pytest

from ackord.contract.base.http_messages import TimestampNonce
from ackord.contract.emulate.callback_sender import OutgoingCallback
from ackord.contract.signing import ProviderSide
from ackord.contract.spec.auth import Auth, merchant_side, provider_side
from ackord.providers.service.callback_signing import SignsCallbacks

from ..emulator.fakes import CALLBACKS, call
from ..stage import service

NOW = TimestampNonce(1_790_000_000, "n")
OTHERS = {
    "hmac": {
        "secret": "another",
        "callback": {"string": "${timestamp}.${body}", "headers": {"x-sign": "${timestamp}:${signature}"}},
    }
}


def others(account: str) -> ProviderSide:
    return provider_side(Auth.model_validate(OTHERS))


def problems(variant: str, *names: str) -> list[str]:
    """Why a merchant refuses these callbacks, at once; empty: it does not."""
    signing, _ = service(variant)
    assert isinstance(signing, SignsCallbacks)
    merchant, found = merchant_side(CALLBACKS), []
    for name in names:
        plain = call(name)
        one: OutgoingCallback = plain._replace(request=plain.request._replace(body=f'{{"of": "{name}"}}'.encode()))
        found.append(merchant.problem_of_callback(signing.signed_callback(one, NOW, others), NOW))
    return found


@pytest.mark.parametrize("variant", ["callbacks-signed-by-another-key", "callbacks-written-anew"])
def test_every_signature_is_wrong(variant: str) -> None:
    assert problems(variant, "a", "b") == ["its signature is wrong"] * 2


def test_only_the_first_has_its_own_signature() -> None:
    assert problems("callbacks-signed-as-the-last", "a", "b", "c") == ["", *["its signature is wrong"] * 2]


def test_some_have_none() -> None:
    found = problems("callbacks-sometimes-unsigned", *map(str, range(40)))
    assert set(found) == {"", "it is not signed: the header x-sign is missing"}
    assert 2 < sum(map(bool, found)) < 20


def test_an_hour_ago_is_told_apart_by_its_timestamp_alone() -> None:
    """Without a tolerance nobody minds."""
    assert problems("callbacks-in-local-time", "a") == [""]
    signing, _ = service("callbacks-in-local-time")
    assert isinstance(signing, SignsCallbacks)
    assert dict(signing.signed_callback(call("a"), NOW, others).headers)["x-sign"].startswith("1789996400:")
