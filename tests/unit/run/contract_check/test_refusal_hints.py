"""A refused signature: the string that was signed is shown, and clocks that are apart are told."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.loading.diagnosis import Diagnosis
from ackord.contract.spec.auth import Auth, merchant_side
from ackord.run.contract_check.refusal_hints import clock_skew_s, refusal_hint, with_hint

NOW_S = 1_790_000_000
SIDE = merchant_side(
    Auth.model_validate(
        {"hmac": {"secret": "hush-hush", "request": {"string": "${method} ${secret}", "headers": {"x-sign": "${signature}"}}}}
    )
)  # fmt: skip
REQUEST = SIDE.sign(HttpRequest("POST", "/pay", (), b"{}"), TimestampNonce(NOW_S, "n"))


def refused(date: str = "") -> HttpResponse:
    return HttpResponse(401, {"date": date} if date else {}, b"")


@pytest.mark.parametrize(
    ("date", "skew_s"),
    [
        ("", None),
        ("yesterday", None),
        (formatdate(NOW_S + 600, usegmt=True), 600),
        (formatdate(NOW_S - 5, usegmt=True), -5),
    ],
)
def test_how_far_the_clocks_are_apart(date: str, skew_s: int | None) -> None:
    assert clock_skew_s(refused(date), NOW_S) == skew_s


def test_the_hint_names_what_was_signed_and_the_clocks() -> None:
    hint = refusal_hint(SIDE, REQUEST, refused(formatdate(NOW_S - 600, usegmt=True)), NOW_S)
    assert "the provider's clock is 600 s behind ours" in hint
    assert "what was signed: 'POST ${secret}'" in hint
    assert "hush" not in hint


def test_clocks_that_agree_and_plain_keys_give_no_hint() -> None:
    side = merchant_side(Auth.model_validate({"bearer": "sk"}))
    assert refusal_hint(side, REQUEST, refused(formatdate(NOW_S, usegmt=True)), NOW_S) == ""


def test_a_hint_stands_with_what_it_explains() -> None:
    about_auth = Diagnosis(("accounts", "main", "auth"), "refused", "check the key")
    about_body = Diagnosis(("submit", "request"), "refused", "check the body")
    assert "what was signed" in with_hint(about_auth, SIDE, REQUEST, refused(), NOW_S).mend
    assert with_hint(about_body, SIDE, REQUEST, refused(), NOW_S) == about_body
