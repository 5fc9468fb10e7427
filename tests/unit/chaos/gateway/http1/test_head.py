"""Heads are checked, and forwarded as they came but for what concerns one connection only."""

from __future__ import annotations

import pytest

from ackord.chaos.gateway.http1.chunked import ProtocolError
from ackord.chaos.gateway.http1.head import RequestHead, ResponseHead


def test_a_request_is_forwarded_without_what_is_the_harness_s_or_the_connection_s() -> None:
    head = RequestHead(b"GET /a HTTP/1.1\r\nackord-op: 1\r\nHost: x\r\nConnection: x-b\r\nX-A: 1\r\nX-B: 2\r\n\r\n")
    assert head.forward == b"GET /a HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n"
    assert head.ackord_headers == {"ackord-op": "1"}


def test_a_response_that_ends_with_its_connection_says_so() -> None:
    head = ResponseHead(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n", to_head=False)
    assert head.until_close
    assert head.forward_closing.endswith(b"\r\nConnection: close\r\n\r\n")


def test_a_request_with_two_hosts_is_refused() -> None:
    with pytest.raises(ProtocolError):
        RequestHead(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")


def test_the_head_of_a_request_that_is_written_here_is_what_its_bytes_say() -> None:
    raw = b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
    read, written = RequestHead(raw), RequestHead.written("POST", "/a?b", raw, 3)
    assert {name: getattr(written, name) for name in RequestHead.__slots__} == {
        name: getattr(read, name) for name in RequestHead.__slots__
    }
