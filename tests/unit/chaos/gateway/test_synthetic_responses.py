"""Answers that the gateway makes itself: what they say, and how they stand on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.gateway.fault_params import FAULT_PARAMS, checked_params
from ackord.chaos.gateway.http1.framing import response_message_reader
from ackord.chaos.gateway.synthetic_responses import SyntheticResponse, is_redirected, synthetic_response, wire_bytes


def made(fault: str, target: str = "/p", **params: Any) -> SyntheticResponse:
    return synthetic_response(fault, checked_params(fault, params), target)


@pytest.mark.parametrize(
    ("params", "kind", "body"),
    [
        ({}, "application/json", b'{"code":"BUSY"}'),
        ({"code": "x"}, "application/json", b'{"code":"x"}'),
        ({"body": {"a": "é"}}, "application/json", '{"a":"é"}'.encode()),
        ({"body": "plain"}, "application/json", b"plain"),
        ({"body": "<p>no</p>"}, "text/html; charset=utf-8", b"<p>no</p>"),
    ],
)
def test_an_error(params: dict[str, Any], kind: str, body: bytes) -> None:
    assert made("error-substitution", **params) == SyntheticResponse(503, (("content-type", kind),), body)


def test_too_many_requests() -> None:
    answer = made("error-substitution", status=429, code="SLOW", retry_after_s=3)
    assert (answer.status, dict(answer.headers)["retry-after"]) == (429, "3")


@pytest.mark.parametrize(("status", "phrase"), [(502, "Bad Gateway"), (504, "Gateway Timeout"), (520, "Error")])
def test_the_page_of_a_cdn(status: int, phrase: str) -> None:
    answer = made("error-substitution", status=status, page="cdn", code="never seen")
    assert dict(answer.headers)["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{status} {phrase}</title>".encode() in answer.body
    assert b"never seen" not in answer.body


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/p", "/p?ackord-redirected=1"),
        ("/p?a=b", "/p?a=b&ackord-redirected=1"),
        ("/\xe9%20", "/%E9%20?ackord-redirected=1"),
    ],
)
def test_a_redirect_leads_to_the_same_place_once(target: str, location: str) -> None:
    answer = made("redirect", target)
    assert (answer.status, dict(answer.headers)["location"]) == (307, location)
    assert is_redirected(location)
    assert not is_redirected(target)
    assert not is_redirected("/ackord-redirected=1?a=xackord-redirected=1")


def test_a_location_is_one_line() -> None:
    answer = made("redirect", location="https://x.test/é\r\nSet-Cookie: a=b", status=302)
    assert (answer.status, dict(answer.headers)["location"]) == (302, "https://x.test/%C3%A9%0D%0ASet-Cookie:%20a=b")


def test_an_order_that_is_not_there() -> None:
    assert made("stale-answer").body == b'{"code":"ORDER_NOT_FOUND"}'
    answer = made("stale-answer", status=200, body={"status": "UNKNOWN"})
    assert (answer.status, answer.body) == (200, b'{"status":"UNKNOWN"}')


def test_other_faults_answer_nothing() -> None:
    for fault in FAULT_PARAMS.keys() - {"redirect", "stale-answer", "error-substitution"}:
        with pytest.raises(KeyError):
            made(fault)


@pytest.mark.parametrize("close", [True, False])
@pytest.mark.parametrize("head_only", [True, False])
@pytest.mark.parametrize("status", [200, 204, 304, 503, 599])
def test_on_the_wire_it_is_one_whole_message(status: int, head_only: bool, close: bool) -> None:
    answer = made("error-substitution", status=status, body={"a": 1}, retry_after_s=1)
    raw = wire_bytes(answer, head_only=head_only, close=close)
    reader = response_message_reader(100, lambda: "HEAD" if head_only else "GET")
    reader.feed(raw)
    assert reader.complete
    assert reader.waiting_bytes == 0
    assert reader.head is not None
    assert (reader.head.status, reader.head.keep_alive) == (status, not close)
    assert reader.content == (b"" if head_only or status in (204, 304) else b'{"a":1}')
