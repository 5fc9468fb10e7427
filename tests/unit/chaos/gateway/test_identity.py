"""The ``ackord-*`` headers: read exactly, or refused."""

from __future__ import annotations

import pytest

from ackord.chaos.gateway.identity import HoldUntil, RequestIdentity, read_identity
from ackord.errors import UsageError


def test_a_foreign_merchant_has_no_identity_but_its_turn() -> None:
    assert read_identity(None, 7) == RequestIdentity(-7, "", "", 7, 0, "", "", None)


def test_our_own_client_says_who_it_is() -> None:
    headers = {"ackord-op": "17", "ackord-key": "submit/123/2", "ackord-node": "B", "ackord-token": "t"}
    assert read_identity(headers, 7) == RequestIdentity(17, "submit/123/2", "submit", 123, 2, "B", "t", None)


@pytest.mark.parametrize(
    ("text", "hold"),
    [
        ("ack:t1", HoldUntil("t1", 0)),
        ("pass:t:1", HoldUntil("t:1", 0)),
        ("barrier:g:3", HoldUntil("g", 3)),
        ("barrier:a:b:10", HoldUntil("a:b", 10)),
    ],
)
def test_holds(text: str, hold: HoldUntil) -> None:
    assert read_identity({"ackord-hold": text}, 1).hold == hold


@pytest.mark.parametrize(
    "headers",
    [
        {"ackord-op": "x"},
        {"ackord-op": ""},
        {"ackord-key": "submit/1"},
        {"ackord-key": "submit/one/1"},
        {"ackord-key": "a/1/1/1"},
        {"ackord-hold": "ack:"},
        {"ackord-hold": "barrier:g"},
        {"ackord-hold": "barrier:g:0"},
        {"ackord-hold": "barrier:g:-1"},
        {"ackord-hold": "barrier::2"},
        {"ackord-hold": "overtake:t"},
        {"ackord-hodl": "ack:t"},
    ],
)
def test_what_is_malformed_is_refused_and_named(headers: dict[str, str]) -> None:
    """An instrument that silently does nothing would make a guarantee look held."""
    (name,) = headers
    with pytest.raises(UsageError, match=name):
        read_identity(headers, 1)
