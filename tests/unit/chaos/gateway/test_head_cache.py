"""A head that is remembered says what the same bytes say when they are read for the first time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.chaos.gateway.head_cache import HeadCache
from ackord.chaos.gateway.http1.chunked import ProtocolError
from ackord.chaos.gateway.http1.head import read_request_head

LINES = st.sampled_from(
    [
        b"Host: a",
        b"host: a:1",
        b"Content-Length: 3",
        b"content-length: x",
        b"Transfer-Encoding: chunked",
        b"Connection: close, x-a",
        b"X-A: 1",
        b"Expect: 100-continue",
        b"ackord-op: 17",
        b"Ackord-Op: 18",
        b"ACKORD-key:submit/1/1 ",
        b"ackord-node: \xe4",
        b"ackord-hold",
        b"ackord-token: a\rb",
        b"ackord-token: a\x00",
        b"ackord- : a",
        b" folded",
        b"x-ackord-op: 3",
        b"",
    ]
)
FIRST_LINES = st.sampled_from(
    [b"GET / HTTP/1.1", b"POST /a HTTP/1.0", b"GET http://b/ HTTP/1.1", b"ackord-op: 1", b"GET / HTTP/2.0"]
)


FIELDS = (
    "ackord_headers", "body_bytes", "chunked", "expects_continue", "forward", "keep_alive", "method", "modern", "plain",
    "target",
)  # fmt: skip
"""What a request's head says, but for what a record has of it."""


def understood(read: Any, raw: bytes) -> object:
    try:
        head = read(raw)
    except ProtocolError:
        return ProtocolError
    return {name: getattr(head, name) for name in FIELDS}


@given(FIRST_LINES, st.lists(LINES, max_size=6))
def test_a_remembered_head_is_the_head(first: bytes, lines: list[bytes]) -> None:
    raw = b"\r\n".join([first, *lines, b"", b""])
    expected = understood(read_request_head, raw)
    heads = HeadCache()
    assert understood(heads.request, raw) == expected
    assert understood(heads.request, raw) == expected


def test_requests_that_differ_in_who_they_are_share_nothing_of_it() -> None:
    raw = b"GET / HTTP/1.1\r\nackord-op: %d\r\nHost: a\r\nackord-node: %c\r\n\r\n"
    heads = HeadCache()
    one, other = heads.request(raw % (1, b"A")), heads.request(raw % (2, b"B"))
    assert one.ackord_headers == {"ackord-op": "1", "ackord-node": "A"}
    assert other.ackord_headers == {"ackord-op": "2", "ackord-node": "B"}
    assert heads.request(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").ackord_headers is None
    assert one.forward == other.forward == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def test_a_garbled_head_is_refused_each_time() -> None:
    heads = HeadCache()
    for _ in range(2):
        with pytest.raises(ProtocolError):
            heads.request(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")


def test_what_a_record_keeps_of_a_line_that_was_seen_before() -> None:
    heads = HeadCache(("X-A",))
    raw = b"GET /%d HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a:\t2 \r\nX-B: 3\r\nAccept: \xe4\r\n\r\n"
    for number in (1, 2):
        recorded = json.loads("{" + heads.request(raw % number).recorded + "}")
        assert recorded == {"method": "GET", "target": f"/{number}", "headers": {"x-a": "1, 2", "accept": "\xe4"}}
