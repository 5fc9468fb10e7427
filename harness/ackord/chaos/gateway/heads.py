"""Heads of HTTP/1.1 messages: checked, understood as far as framing needs it, and as they are to be forwarded (RFC 9112).

Strict where leniency allows request smuggling: line ends are CRLF, no folded lines, one Content-Length or one
``Transfer-Encoding: chunked``, never both. What is hop-by-hop (RFC 9110, 7.6.1) and the harness's own ``ackord-*`` headers are left
out of the forwarded head. An upgrade is never offered on to the provider.

Header lines repeat from message to message, so each distinct line is checked once and remembered.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from .chunks import Garbled

__all__ = ["AnswerHead", "RequestHead"]

RECORDED_HEADERS = frozenset(
    b"age cache-control content-encoding content-length content-type date deprecation etag idempotency-key "
    b"idempotent-replayed idempotency-replayed link location request-id retry-after server transfer-encoding "
    b"www-authenticate x-correlation-id x-idempotent-replayed x-ratelimit-limit x-ratelimit-remaining "
    b"x-ratelimit-reset x-request-id".split()
)
"""Headers of an answer that a record keeps. Others may carry secrets (cookies, tokens)."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TEXT = rb"[\t\x20-\x7e\x80-\xff]*"
_LINE = re.compile(rb"(" + _TOKEN + rb"):[ \t]*(" + _TEXT + rb")")
_REQUEST = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])")
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})( " + _TEXT + rb")?")
_DIGITS = re.compile(rb"[0-9]{1,18}")
_LINES_REMEMBERED = 8192
_LONGEST_REMEMBERED_BYTES = 512


class _Kind(IntEnum):
    """What a header line means to the framing."""

    PLAIN = 0
    HOST = 1
    LENGTH = 2
    TRANSFER = 3
    CONNECTION = 4
    EXPECT = 5
    HOP = 6
    """Concerns one connection only; never forwarded."""
    OURS = 7
    """``ackord-*``: for the gateway, never forwarded."""


_KINDS = {
    b"host": _Kind.HOST,
    b"content-length": _Kind.LENGTH,
    b"transfer-encoding": _Kind.TRANSFER,
    b"connection": _Kind.CONNECTION,
    b"expect": _Kind.EXPECT,
    b"keep-alive": _Kind.HOP,
    b"proxy-connection": _Kind.HOP,
    b"proxy-authorization": _Kind.HOP,
    b"te": _Kind.HOP,
    b"upgrade": _Kind.HOP,
}


class Line(NamedTuple):
    """One header line, checked."""

    kind: int
    name: bytes
    """In lower case."""
    value: bytes
    raw: bytes
    recorded: tuple[str, str] | None
    """Name and value for a record, if the header may be recorded."""


_known: dict[bytes, Line] = {}


def _learn(raw: bytes) -> Line:
    match = _LINE.fullmatch(raw)
    if match is None:
        raise Garbled("a header line is malformed")
    name, value = match[1].lower(), match[2].rstrip(b" \t")
    kind = _Kind.OURS if name.startswith(b"ackord-") else _KINDS.get(name, _Kind.PLAIN)
    recorded = (name.decode(), value.decode("latin-1")) if name in RECORDED_HEADERS else None
    line = Line(int(kind), name, value, raw, recorded)
    if len(raw) <= _LONGEST_REMEMBERED_BYTES:
        if len(_known) >= _LINES_REMEMBERED:
            _known.clear()
        _known[raw] = line
    return line


class _Head:
    """What the header lines of a message say, apart from its first line."""

    __slots__ = ("chunked", "expects", "hosts", "length", "lines", "options", "ours")

    def __init__(self, raw_lines: list[bytes]) -> None:
        self.lines: list[Line] = []
        """What is to be forwarded."""
        self.ours: dict[str, str] | None = None
        self.length: int | None = None
        self.chunked = False
        self.expects = False
        self.hosts = 0
        self.options: set[bytes] | None = None
        """Connection options, in lower case."""
        lines = self.lines
        for raw in raw_lines:
            line = _known.get(raw) or _learn(raw)
            if line.kind == 0:
                lines.append(line)
            else:
                self._special(line)
        if self.options is not None:
            self._drop_nominated(self.options)

    def _special(self, line: Line) -> None:
        kind = line.kind
        if kind == _Kind.HOST:
            self.hosts += 1
        elif kind == _Kind.OURS:
            if self.ours is None:
                self.ours = {}
            self.ours[line.name.decode()] = line.value.decode("latin-1")
            return
        elif kind == _Kind.LENGTH:
            if self.length is not None or _DIGITS.fullmatch(line.value) is None:
                raise Garbled("Content-Length is given twice or is no number")
            self.length = int(line.value)
        elif kind == _Kind.TRANSFER:
            if self.chunked or line.value.lower() != b"chunked":
                raise Garbled("a Transfer-Encoding other than one 'chunked'")
            self.chunked = True
        elif kind == _Kind.CONNECTION:
            options = {option.strip().lower() for option in line.value.split(b",")}
            self.options = options if self.options is None else self.options | options
            return
        elif kind == _Kind.EXPECT:
            self.expects = True
            return
        else:
            return
        self.lines.append(line)

    def _drop_nominated(self, options: set[bytes]) -> None:
        if options & {b"host", b"content-length", b"transfer-encoding"}:
            raise Garbled("Connection names a header that frames or routes the message")
        self.lines = [line for line in self.lines if line.name not in options]

    def frame(self) -> None:
        """Raise ``Garbled`` if the message says in two ways where it ends."""
        if self.chunked and self.length is not None:
            raise Garbled("both Content-Length and Transfer-Encoding")


class RequestHead:
    """A request's head, checked, and as it is to be forwarded."""

    __slots__ = ("body_bytes", "chunked", "expects_continue", "forward", "keep_alive", "method", "ours", "target")

    def __init__(self, raw: bytes) -> None:
        """``raw`` ends with the empty line. Raises ``Garbled``."""
        first, *rest = raw[:-4].split(b"\r\n")
        match = _REQUEST.fullmatch(first)
        if match is None:
            raise Garbled("the request line is malformed")
        head = _Head(rest)
        head.frame()
        modern = match[3] == b"1"
        if head.hosts > 1 or (modern and not head.hosts):
            raise Garbled("one Host header is needed")
        if head.chunked and not modern:
            raise Garbled("Transfer-Encoding in HTTP/1.0")
        self.method = match[1].decode()
        self.target = match[2].decode("latin-1")
        self.ours = head.ours
        self.chunked = head.chunked
        self.body_bytes: int | None = None if head.chunked else head.length or 0
        self.expects_continue = head.expects and modern
        self.keep_alive = modern and (head.options is None or b"close" not in head.options)
        # HTTP/1.0 stays HTTP/1.0, so that the provider does not answer in chunks to a client that knows none.
        self.forward = b"\r\n".join([first, *[line.raw for line in head.lines], b"", b""])


class AnswerHead:
    """An answer's head, checked, and as it is to be forwarded."""

    __slots__ = ("_first", "_lines", "body_bytes", "chunked", "keep_alive", "status")

    def __init__(self, raw: bytes, method: str) -> None:
        """``method`` is the request's: an answer to HEAD has no body whatever it says. Raises ``Garbled``."""
        first, *rest = raw[:-4].split(b"\r\n")
        match = _STATUS.fullmatch(first)
        if match is None:
            raise Garbled("the status line is malformed")
        head = _Head(rest)
        head.frame()
        modern = match[1] == b"1"
        status = self.status = int(match[2])
        if status == 101:
            raise Garbled("the protocol was switched, which nobody asked for")
        options = head.options or ()
        self.chunked = False
        self.body_bytes: int | None
        """Bytes of body; ``None``: told by its chunks, or by the end of the connection."""
        if status < 200 or status in (204, 304) or method == "HEAD":
            self.body_bytes = 0
        else:
            self.chunked = head.chunked
            self.body_bytes = None if head.chunked else head.length
        self.keep_alive = b"close" not in options and (modern or b"keep-alive" in options) and not self.until_close
        self._first = first if modern else b"HTTP/1.1" + first[8:]
        self._lines = head.lines

    @property
    def until_close(self) -> bool:
        """Whether the body ends where the connection ends."""
        return self.body_bytes is None and not self.chunked

    def forward(self, *, close: bool) -> bytes:
        """The head for the merchant; ``close`` announces that the connection ends with this answer."""
        lines = [self._first, *[line.raw for line in self._lines]]
        if close:
            lines.append(b"Connection: close")
        return b"\r\n".join([*lines, b"", b""])

    def recorded(self) -> dict[str, str]:
        """Headers for a record."""
        return dict([line.recorded for line in self._lines if line.recorded])
