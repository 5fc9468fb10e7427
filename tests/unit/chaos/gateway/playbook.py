"""Conversations as tests write them: bytes in any pieces go in, messages come out; and what two other parsers make of
the same bytes.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import h11
import httptools

from ackord.chaos.gateway.http1.framing import (
    MessageReader,
    ProtocolError,
    RequestHead,
    ResponseHead,
    request_message_reader,
    response_message_reader,
)

KEEP = 64
ALL = 1 << 20


class Asked(NamedTuple):
    """A request that a reader saw."""

    method: str
    target: str
    forward: bytes
    wire: bytes
    content: bytes
    truncated: bool

    @property
    def meaning(self) -> Meaning:
        return Meaning(self.method, self.forward.split(b" ", 2)[1], self.content)


class Told(NamedTuple):
    """An answer that a reader saw."""

    status: int
    forward: bytes
    wire: bytes
    content: bytes
    truncated: bool


class Refused(NamedTuple):
    """Where a reader gave up, and what a merchant is answered then."""

    status: int = 400


class Meaning(NamedTuple):
    """What a request says, however it is framed."""

    method: str
    target: bytes
    body: bytes


Seen = Asked | Told | Refused


def play(reader: MessageReader[Any], pieces: Sequence[bytes], *, end: bool = False) -> list[Seen]:
    """What a reader makes of a stream. Only ``ProtocolError`` may be raised by it."""
    seen: list[Seen] = []
    wire = b""
    try:
        for piece in [*pieces, b""]:
            wire += reader.feed(piece)
            while reader.complete:
                seen.append(_seen(reader, wire))
                reader.next_message()
                wire = reader.feed(b"")
    except ProtocolError as problem:
        return [*seen, Refused(problem.status)]
    if end and reader.end():
        seen.append(_seen(reader, wire))
    return seen


def _seen(reader: MessageReader[Any], wire: bytes) -> Seen:
    head = reader.head
    if isinstance(head, RequestHead):
        return Asked(head.method, head.target, head.forward, wire, reader.content, reader.truncated)
    assert isinstance(head, ResponseHead)
    return Told(head.status, head.forward, wire, reader.content, reader.truncated)


def requests(*pieces: bytes, keep: int = KEEP) -> list[Any]:
    return play(request_message_reader(keep), pieces)


def answers(*pieces: bytes, method: str = "GET", end: bool = False, keep: int = KEEP) -> list[Any]:
    return play(response_message_reader(keep, lambda: method), pieces, end=end)


def split(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """``data`` in pieces; any numbers will do."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def one_by_one(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def forwarded(seen: Sequence[Any]) -> bytes:
    """What goes on to the provider (or the merchant) of what was seen."""
    return b"".join(message.forward + message.wire for message in seen if not isinstance(message, Refused))


def meanings(seen: Sequence[Any]) -> list[Meaning]:
    return [message.meaning for message in seen if not isinstance(message, Refused)]


class _Llhttp:
    """Callbacks of httptools."""

    def __init__(self) -> None:
        self.seen: list[Meaning] = []
        self.parser = httptools.HttpRequestParser(self)
        self._url = self._body = b""

    def on_message_begin(self) -> None:
        self._url = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.seen.append(Meaning(self.parser.get_method().decode(), self._url, self._body))


def as_httptools_reads(raw: bytes) -> list[Meaning]:
    """The requests that httptools (llhttp) sees before it refuses to go on."""
    reader = _Llhttp()
    with contextlib.suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        reader.parser.feed_data(raw)
    return reader.seen


def as_h11_reads(raw: bytes) -> list[Meaning]:
    """The requests that h11 sees before it refuses to go on."""
    seen: list[Meaning] = []
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(raw)
    method, target, body = "", b"", b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                method, target, body = event.method.decode(), event.target, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                seen.append(Meaning(method, target, body))
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                connection.start_next_cycle()
            else:
                return seen
    except (h11.RemoteProtocolError, h11.LocalProtocolError):
        return seen


def as_a_careless_server_reads(raw: bytes, *, last: bool, chunks_first: bool) -> list[Meaning]:
    """The requests that a server sees which takes everything for good: any line end, any white space, and of two
    lengths one.

    ``last``: of several lengths the last, otherwise the first. ``chunks_first``: chunks rather than a length, otherwise
    the length.
    """
    seen: list[Meaning] = []
    while match := re.search(rb"\r?\n\r?\n", raw := raw.lstrip(b"\r\n")):
        first, *lines = re.split(rb"\r\n|\n|\r", raw[: match.start()])
        raw = raw[match.end() :]
        fields = [
            (name.strip().lower(), value.strip().lower()) for name, _, value in (x.partition(b":") for x in lines)
        ]
        lengths = [
            int(digits[0])
            for name, value in fields
            if name == b"content-length" and (digits := re.search(rb"\d+", value))
        ]
        chunked = any(name == b"transfer-encoding" and b"chunked" in value for name, value in fields)
        if chunked and (chunks_first or not lengths):
            body, raw = _careless_chunks(raw)
        else:
            size = lengths[-1 if last else 0] if lengths else 0
            body, raw = raw[:size], raw[size:]
        method, target, *_ = [*first.split(), b"", b""]
        seen.append(Meaning(method.decode("latin-1"), target, body))
    return seen


def _careless_chunks(raw: bytes) -> tuple[bytes, bytes]:
    body = b""
    while raw:
        line, _, raw = raw.partition(b"\n")
        digits = re.match(rb"[\s+]*(?:0x)?([0-9a-fA-F]+)", line)
        size = int(digits[1], 16) % (1 << 32) if digits else 0
        if not size:
            break
        body += raw[:size]
        raw = raw[size:].partition(b"\n")[2]
    while raw:
        line, _, raw = raw.partition(b"\n")
        if not line.strip():
            break
    return body, raw


def as_h11_is_told(raw: bytes, method: str) -> list[tuple[int, bytes]]:
    """The answers to one request, interim ones included, that h11 sees until the connection ends."""
    seen: list[tuple[int, bytes]] = []
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    connection.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(raw)
    connection.receive_data(b"")
    status, body = 0, b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.InformationalResponse):
                seen.append((event.status_code, b""))
            elif isinstance(event, h11.Response):
                status, body = event.status_code, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return [*seen, (status, body)]
            else:
                return seen
    except h11.RemoteProtocolError:
        return seen
