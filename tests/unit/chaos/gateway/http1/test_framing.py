"""Framing: what the gateway takes for a message, whatever way its bytes are split; see ``test_properties`` and
``test_rfc`` too.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.gateway.http1.framing import request_message_reader, response_message_reader

from ..playbook import KEEP, Refused, answers, one_by_one, requests, split

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nhost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;q=1\r\nde\r\n0\r\nT: 1\r\n\r\n"
)
SMUGGLED = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


def test_messages_that_follow_one_another_are_told_apart() -> None:
    assert [(m[0], m[1], m[4]) for m in requests(GET + POST + CHUNKED + GET)] == [
        ("GET", "/a", b""),
        ("POST", "/b", b"hello"),
        ("PUT", "/c", b"abcde"),
        ("GET", "/a", b""),
    ]


def test_a_chunked_body_is_passed_on_as_it_was_on_the_wire() -> None:
    (message,) = requests(CHUNKED)
    assert message[2] + message[3] == CHUNKED
    assert message[4] == b"abcde"


def test_only_so_much_of_a_body_is_kept() -> None:
    body = b"z" * (KEEP + 1)
    (message,) = requests(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert message[3] == body
    assert message[4:] == (body[:KEEP], True)
    (message,) = requests(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % KEEP + body[:KEEP])
    assert message[4:] == (body[:KEEP], False)


def test_our_own_and_hop_by_hop_headers_are_not_forwarded() -> None:
    raw = (
        b"GET /a HTTP/1.1\r\nHost: x\r\nAckord-Op: 7\r\nackord-key: query/1/1\r\nConnection: keep-alive, X-Hop\r\n"
        b"Keep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nX-Hop: 1\r\nX-Kept: 2\r\nExpect: 100-continue\r\n\r\n"
    )
    reader = request_message_reader(KEEP)
    reader.feed(raw)
    assert reader.head is not None
    assert reader.head.forward == b"GET /a HTTP/1.1\r\nHost: x\r\nX-Kept: 2\r\n\r\n"
    assert reader.head.ackord_headers == {"ackord-op": "7", "ackord-key": "query/1/1"}
    assert reader.head.expects_continue
    assert reader.head.keep_alive


def test_an_empty_line_before_a_request_is_ignored() -> None:
    assert requests(b"\r\n" + GET) == requests(GET)


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(b"204 No Content", "GET", b""), (b"304 Not Modified", "GET", b""), (b"200 OK", "HEAD", b"")],
)
def test_answers_without_a_body_end_with_their_head(status: bytes, method: str, body: bytes) -> None:
    raw = b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n"
    (message,) = answers(raw, method=method)
    assert message[2] == body


def test_the_same_head_answers_get_and_head_differently() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    assert len(answers(raw, method="HEAD")) == 1
    assert answers(raw, method="GET") == []
    assert len(answers(raw + b"ok", method="GET")) == 1


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    raw = b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nall of it"
    assert answers(raw) == []
    (message,) = answers(raw, end=True)
    assert message[2] == b"all of it"


def test_an_answer_that_is_cut_short_does_not_end_with_the_connection() -> None:
    assert answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", end=True) == []
    assert answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", end=True) == []


def test_whether_a_connection_may_be_used_again() -> None:
    def kept(raw: bytes) -> bool:
        reader = response_message_reader(KEEP, lambda: "GET")
        reader.feed(raw)
        assert reader.head is not None
        return reader.head.keep_alive

    assert kept(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert not kept(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n")
    assert not kept(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert kept(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
    assert not kept(b"HTTP/1.1 200 OK\r\n\r\n")


def test_an_answer_speaks_the_gateway_s_version_of_the_protocol() -> None:
    (message,) = answers(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
    assert message[1] == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>\r\n\r\n",
        b"HTTP/1.1 099 x\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_that_is_none_is_garbled(raw: bytes) -> None:
    assert answers(raw)[-1] == Refused()


conversations = st.lists(
    st.sampled_from([GET, POST, CHUNKED, SMUGGLED, b"\r\n", b"\n", b"garbage \r\n\r\n", b"0\r\n\r\n"]), max_size=5
).map(b"".join)
cuts = st.lists(st.integers(0, 10_000), max_size=12)
answer_streams = st.lists(
    st.sampled_from(
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\nto the end",
            b"HTTP/1.1 204 \r\n\r\n",
            b"nonsense\r\n\r\n",
        ]
    ),
    max_size=5,
).map(b"".join)


@calm
@given(conversations, cuts)
def test_any_split_of_the_bytes_gives_the_same_requests(raw: bytes, where: list[int]) -> None:
    assert requests(*split(raw, where)) == requests(raw) == requests(*one_by_one(raw))


@calm
@given(answer_streams, cuts)
def test_any_split_of_the_bytes_gives_the_same_answers(raw: bytes, where: list[int]) -> None:
    whole = answers(raw, end=True)
    assert answers(*split(raw, where), end=True) == whole
    assert answers(*one_by_one(raw), end=True) == whole


mutations = st.tuples(conversations, st.integers(0, 500), st.binary(min_size=1, max_size=4)).map(
    lambda x: x[0][: x[1]] + x[2] + x[0][x[1] :]
)


@calm
@given(st.one_of(st.binary(max_size=300), mutations), cuts)
def test_no_bytes_raise_anything_but_garbled(raw: bytes, where: list[int]) -> None:
    pieces = split(raw, where)
    assert requests(*pieces) == requests(raw)
    assert answers(*pieces, end=True) == answers(raw, end=True)
