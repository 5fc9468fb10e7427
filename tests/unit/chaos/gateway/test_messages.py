"""Framing: what the gateway takes for a message, whatever way its bytes are split; httptools is the oracle."""

from __future__ import annotations

import itertools
from typing import Any

import httptools
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.gateway.messages import (
    HEAD_LIMIT_BYTES,
    AnswerHead,
    Garbled,
    MessageReader,
    RequestHead,
    answer_reader,
    request_reader,
)

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

KEEP = 64


def play(reader: MessageReader[Any], pieces: list[bytes], *, end: bool = False) -> list[tuple[Any, ...]]:
    """What a reader makes of a stream: one entry a message, and ``garbled`` where it gives up."""
    seen: list[tuple[Any, ...]] = []
    wire = b""
    try:
        for piece in [*pieces, b""]:
            wire += reader.feed(piece)
            while reader.complete:
                seen.append(message_of(reader, wire))
                reader.next_message()
                wire = reader.feed(b"")
    except Garbled:
        return [*seen, ("garbled",)]
    if end and reader.end():
        seen.append(message_of(reader, wire))
    return seen


def message_of(reader: MessageReader[Any], wire: bytes) -> tuple[Any, ...]:
    head = reader.head
    if isinstance(head, RequestHead):
        return (head.method, head.target, head.forward, wire, reader.content, reader.truncated)
    assert isinstance(head, AnswerHead)
    return (head.status, head.forward, wire, reader.content, reader.truncated)


def requests(*pieces: bytes) -> list[tuple[Any, ...]]:
    return play(request_reader(KEEP), list(pieces))


def answers(*pieces: bytes, method: str = "GET", end: bool = False) -> list[tuple[Any, ...]]:
    return play(answer_reader(KEEP, lambda: method), list(pieces), end=end)


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
    reader = request_reader(KEEP)
    reader.feed(raw)
    assert reader.head is not None
    assert reader.head.forward == b"GET /a HTTP/1.1\r\nHost: x\r\nX-Kept: 2\r\n\r\n"
    assert reader.head.ours == {"ackord-op": "7", "ackord-key": "query/1/1"}
    assert reader.head.expects_continue
    assert reader.head.keep_alive


@pytest.mark.parametrize(
    "raw",
    [
        SMUGGLED,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: content-length\r\nContent-Length: 3\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n: no name\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        b"GET /\r\nHost: x\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nnot a trailer\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * HEAD_LIMIT_BYTES + b"\r\n\r\n",
        b"a" * (HEAD_LIMIT_BYTES + 10),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_not_forwarded(raw: bytes) -> None:
    """RFC 9112, 2.2, 5.1, 5.2, 6.1, 6.3, 7.1."""
    assert requests(raw) == [("garbled",)]


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
        reader = answer_reader(KEEP, lambda: "GET")
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
    assert answers(raw)[-1] == ("garbled",)


def test_a_record_keeps_only_headers_that_carry_no_secrets() -> None:
    reader = answer_reader(KEEP, lambda: "GET")
    reader.feed(b'HTTP/1.1 200 OK\r\nSet-Cookie: secret\r\nDATE: to"day\r\nContent-Length: 0\r\n\r\n')
    assert reader.head is not None
    assert reader.head.recorded == '{"date":"to\\"day","content-length":"0"}'


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


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
    assert requests(*split(raw, where)) == requests(raw) == requests(*[raw[i : i + 1] for i in range(len(raw))])


@calm
@given(answer_streams, cuts)
def test_any_split_of_the_bytes_gives_the_same_answers(raw: bytes, where: list[int]) -> None:
    whole = answers(raw, end=True)
    assert answers(*split(raw, where), end=True) == whole
    assert answers(*[raw[i : i + 1] for i in range(len(raw))], end=True) == whole


mutations = st.tuples(conversations, st.integers(0, 500), st.binary(min_size=1, max_size=4)).map(
    lambda x: x[0][: x[1]] + x[2] + x[0][x[1] :]
)


@calm
@given(st.one_of(st.binary(max_size=300), mutations), cuts)
def test_no_bytes_raise_anything_but_garbled(raw: bytes, where: list[int]) -> None:
    pieces = split(raw, where)
    assert requests(*pieces) == requests(raw)
    assert answers(*pieces, end=True) == answers(raw, end=True)


class Oracle:
    """What httptools makes of the same bytes."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, bytes]] = []
        self._url = self._body = b""

    def on_message_begin(self) -> None:
        self._url = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.seen.append((self.parser.get_method().decode(), self._url.decode("latin-1"), self._body))

    def read(self, raw: bytes) -> list[tuple[str, str, bytes]]:
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(raw)
        return self.seen


names = st.sampled_from(["Host", "Content-Type", "X-A", "Accept", "Idempotency-Key"])
values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)


@st.composite
def well_formed(draw: st.DrawFn) -> bytes:
    lines = [f"{draw(st.sampled_from(['GET', 'POST', 'PUT']))} /{draw(st.sampled_from(['', 'a', 'a?b=c']))} HTTP/1.1"]
    lines.append("Host: x")
    lines += [f"{name}: {draw(values)}" for name in draw(st.lists(names.filter(lambda n: n != "Host"), max_size=3))]
    body = draw(st.binary(max_size=40))
    if draw(st.booleans()):
        lines.append("Transfer-Encoding: chunked")
        size = draw(st.integers(1, 10))
        parts = [body[i : i + size] for i in range(0, len(body), size)]
        wire = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts]) + b"0\r\n\r\n"
    else:
        lines.append(f"Content-Length: {len(body)}")
        wire = body
    return "\r\n".join([*lines, "", ""]).encode() + wire


@calm
@given(st.lists(well_formed(), min_size=1, max_size=3).map(b"".join))
def test_what_is_forwarded_means_the_same_to_another_parser(raw: bytes) -> None:
    """Nothing that passes the gateway can be read differently behind it."""
    messages = requests(raw)
    assert messages[-1] != ("garbled",)
    forwarded = b"".join(m[2] + m[3] for m in messages)
    assert [(m[0], m[1], m[4]) for m in messages] == [(m, u, b[:KEEP]) for m, u, b in Oracle().read(forwarded)]
    assert [(m, u) for m, u, _ in Oracle().read(raw)] == [(m[0], m[1]) for m in messages]
