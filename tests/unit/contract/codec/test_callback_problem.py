"""What is said of a callback that is not genuine: whose signature it carries, where that can be found out."""

from __future__ import annotations

import hashlib
import json

import pytest

from ackord.contract.base.http_messages import HttpRequest
from ackord.contract.codec.callback_problem import explained

WRONG = "its signature is wrong"
EVENT = {"id": "po_1", "naïve": "ö", "amount": 5}


def signed(body: bytes) -> HttpRequest:
    return HttpRequest("POST", "/hook", (("x-sign", hashlib.sha256(body).hexdigest()),), body)


def verifies(request: HttpRequest) -> bool:
    return dict(request.headers)["x-sign"] == hashlib.sha256(request.body).hexdigest()


def said(request: HttpRequest, *before: HttpRequest) -> str:
    return explained(request, WRONG, verifies, before)


def test_the_signature_of_an_earlier_callback() -> None:
    first, second = signed(b'{"n": 1}'), signed(b'{"n": 2}')
    assert said(second._replace(headers=first.headers), first) == f"{WRONG}: it is that of an earlier callback"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (json.dumps(EVENT, separators=(",", ":")), json.dumps(EVENT, indent=1)),
        (json.dumps(EVENT), json.dumps(EVENT, separators=(",", ":"))),
        (json.dumps(EVENT, ensure_ascii=False), json.dumps(EVENT, indent=2)),
        (json.dumps(EVENT, indent=2), json.dumps(EVENT)),
        ("plain=1", "plain=1\n"),
    ],
)
def test_the_signature_of_the_same_content_in_other_bytes(written: str, sent: str) -> None:
    request = signed(written.encode())._replace(body=sent.encode())
    assert "over the same content in other bytes" in said(request)


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"a": 2}', b'"\\ud800"', b"[" * 3000])
def test_nothing_is_made_up(body: bytes) -> None:
    assert said(signed(b'{"a": 1}')._replace(body=body), signed(b"other")) == WRONG
