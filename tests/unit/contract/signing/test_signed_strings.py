"""The string that a request was signed over can be shown, and no secret is in it."""

from __future__ import annotations

import pytest

from ackord.contract.signing.signed_strings import signed_strings

from .cases import CASES
from .support import MOMENT, REQUEST, merchant_of


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("hmac", f"POST\n/v1/orders?limit=5\n{MOMENT.unix_s}\n{MOMENT.nonce}\napplication/json\n"),
        ("hmac-of-digest", "${secret}POST\n/v1/orders"),
        ("rsa", "POST\n/v1/orders?limit=5\n"),
        ("wechatpay2", f"POST\n/v1/orders?limit=5\n{MOMENT.unix_s}\n{MOMENT.nonce}\n"),
    ],
)
def test_the_string_is_shown(name: str, shown: str) -> None:
    merchant = merchant_of(**CASES[name].auth)
    (text,) = signed_strings(merchant, merchant.sign(REQUEST, MOMENT))
    assert text.startswith(shown)


def test_a_signature_base_is_shown() -> None:
    auth = {
        "http_message_signatures": {"algorithm": "hmac-sha256", "secret": "s", "request": ["@method", "content-type"]}
    }
    merchant = merchant_of(**auth)
    (text,) = signed_strings(merchant, merchant.sign(REQUEST, MOMENT))
    assert text.startswith('"@method": POST\n"content-type": application/json\n"@signature-params": ')


def test_what_is_not_signed_shows_nothing() -> None:
    assert signed_strings(merchant_of(bearer="sk"), REQUEST) == []
    merchant = merchant_of(**CASES["hmac"].auth)
    assert signed_strings(merchant, REQUEST) == []
