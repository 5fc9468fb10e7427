"""Heads of HTTP/1.1 messages: checked, understood as far as framing needs it, and as they are to be forwarded (RFC 9112).

Strict where leniency allows request smuggling: line ends are CRLF, no folded lines, one Content-Length or one
``Transfer-Encoding: chunked``, never both. What is hop-by-hop (RFC 9110, 7.6.1) and the harness's own ``ackord-*`` headers are left
out of the forwarded head. An upgrade is never offered on to the provider.

Header lines repeat from message to message, so each distinct line is checked once and remembered.
"""

from __future__ import annotations

import json
import re
from enum import IntEnum
from typing import NamedTuple

from .chunks import Garbled

__all__ = ["AnswerHead", "RequestHead", "answer_head"]

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
_ANSWERS_REMEMBERED = 1024
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
    options: frozenset[bytes]
    """Of a Connection line: its options, in lower case."""
    recorded: tuple[str, str] | None
    """Name and value for a record, if the header may be recorded."""


_known: dict[bytes, Line] = {}


def _learn(raw: bytes) -> Line:
    match = _LINE.fullmatch(raw)
    if match is None:
        raise Garbled("a header line is malformed")
    name, value = match[1].lower(), match[2].rstrip(b" \t")
    kind = int(_KINDS.get(name, _Kind.PLAIN))
    options = (
        frozenset(option.strip().lower() for option in value.split(b",")) if name == b"connection" else frozenset()
    )
    recorded = (name.decode(), value.decode("latin-1")) if name in RECORDED_HEADERS else None
    line = Line(kind, name, value, options, recorded)
    if len(raw) <= _LONGEST_REMEMBERED_BYTES:
        if len(_known) >= _LINES_REMEMBERED:
            _known.clear()
        _known[raw] = line
    return line


class _Fields:
    """What the header lines of a message say, apart from its first line."""

    __slots__ = ("chunked", "expects", "forward", "hosts", "length", "options", "ours")

    def __init__(self, raw_lines: list[bytes]) -> None:
        """Raises ``Garbled``, also if the lines say in two ways where the message ends."""
        self.forward: list[bytes] = []
        """The lines that are to be forwarded."""
        self.ours: dict[str, str] | None = None
        self.length: int | None = None
        self.chunked = False
        self.expects = False
        self.hosts = 0
        self.options: frozenset[bytes] = frozenset()
        """Connection options."""
        for raw in raw_lines:
            line = _known.get(raw)
            if line is None:
                if raw[:7].lower() == b"ackord-":
                    self._take_ours(raw)
                    continue
                line = _learn(raw)
            if line.kind == 0 or self._take(line):
                self.forward.append(raw)
        if self.chunked and self.length is not None:
            raise Garbled("both Content-Length and Transfer-Encoding")
        if self.options:
            self._drop_nominated()

    def _take_ours(self, raw: bytes) -> None:
        name, _, value = raw.partition(b":")
        if self.ours is None:
            self.ours = {}
        self.ours[name.decode("latin-1").lower()] = value.strip().decode("latin-1")

    def _take(self, line: Line) -> bool:
        """Understand a line that is not plain; return whether it is to be forwarded."""
        kind = line.kind
        if kind == _Kind.HOST:
            self.hosts += 1
        elif kind == _Kind.LENGTH:
            if self.length is not None or _DIGITS.fullmatch(line.value) is None:
                raise Garbled("Content-Length is given twice or is no number")
            self.length = int(line.value)
        elif kind == _Kind.TRANSFER:
            if self.chunked or line.value.lower() != b"chunked":
                raise Garbled("a Transfer-Encoding other than one 'chunked'")
            self.chunked = True
        else:
            self.options |= line.options
            self.expects = self.expects or kind == _Kind.EXPECT
            return False
        return True

    def _drop_nominated(self) -> None:
        """Leave out the headers that Connection names as its own."""
        if self.options & {b"host", b"content-length", b"transfer-encoding"}:
            raise Garbled("Connection names a header that frames or routes the message")
        if not self.options <= {b"close", b"keep-alive"}:
            self.forward = [raw for raw in self.forward if _learn(raw).name not in self.options]


class RequestHead:
    """A request's head, checked, and as it is to be forwarded."""

    __slots__ = ("body_bytes", "chunked", "expects_continue", "forward", "keep_alive", "method", "ours", "target")

    def __init__(self, raw: bytes) -> None:
        """``raw`` ends with the empty line. Raises ``Garbled``."""
        first, *rest = raw[:-4].split(b"\r\n")
        match = _REQUEST.fullmatch(first)
        if match is None:
            raise Garbled("the request line is malformed")
        method, target, minor = match.groups()
        if method == b"CONNECT":
            raise Garbled("the gateway forwards requests, it makes no tunnels", 501)
        fields = _Fields(rest)
        modern: bool = minor == b"1"
        if fields.hosts != 1 and (modern or fields.hosts):
            raise Garbled("one Host header is needed")
        if fields.chunked and not modern:
            raise Garbled("Transfer-Encoding in HTTP/1.0")
        self.method: str = method.decode()
        self.target: str = target.decode("latin-1")
        self.ours = fields.ours
        """The ``ackord-*`` headers, names in lower case; ``None``: there are none."""
        self.chunked = fields.chunked
        self.body_bytes: int | None = None if fields.chunked else fields.length or 0
        self.expects_continue = fields.expects and modern
        self.keep_alive = modern and b"close" not in fields.options
        # HTTP/1.0 stays HTTP/1.0, so that the provider does not answer in chunks to a client that knows none.
        self.forward = b"\r\n".join([first, *fields.forward, b"", b""])


class AnswerHead:
    """An answer's head, checked, and as it is to be forwarded."""

    __slots__ = (
        "body_bytes",
        "chunked",
        "forward",
        "forward_closing",
        "keep_alive",
        "packed",
        "recorded",
        "status",
        "until_close",
    )

    def __init__(self, raw: bytes, *, to_head: bool) -> None:
        """``to_head``: it answers a HEAD, so it has no body whatever it says. Raises ``Garbled``."""
        first, *rest = raw[:-4].split(b"\r\n")
        match = _STATUS.fullmatch(first)
        if match is None:
            raise Garbled("the status line is malformed")
        fields = _Fields(rest)
        modern = match[1] == b"1"
        self.status = status = int(match[2])
        if status == 101:
            raise Garbled("the protocol was switched, which nobody asked for")
        bare = status < 200 or status in (204, 304) or to_head
        self.chunked = fields.chunked and not bare
        self.body_bytes: int | None = 0 if bare else fields.length
        """Bytes of body; ``None``: told by its chunks, or by the end of the connection."""
        self.until_close = self.body_bytes is None and not self.chunked
        """Whether the body ends where the connection ends."""
        options = fields.options
        self.keep_alive = b"close" not in options and (modern or b"keep-alive" in options) and not self.until_close
        lines = [first if modern else b"HTTP/1.1" + first[8:], *fields.forward]
        self.forward = b"\r\n".join([*lines, b"", b""])
        self.forward_closing = b"\r\n".join([*lines, b"Connection: close", b"", b""])
        """The same, but it announces that the connection ends with this answer."""
        headers = dict([line.recorded for line in map(_learn, fields.forward) if line.recorded])
        self.packed = headers.get("content-encoding", "").strip().lower()
        self.recorded = json.dumps(headers, separators=(",", ":"))
        """Headers for a record: a JSON object."""


_answers: dict[tuple[bytes, bool], AnswerHead] = {}


def answer_head(raw: bytes, *, to_head: bool) -> AnswerHead:
    """The head that ``raw`` is: answers of one kind within one second differ in nothing, so heads are remembered whole."""
    key = (raw, to_head)
    head = _answers.get(key)
    if head is None:
        head = AnswerHead(raw, to_head=to_head)
        if len(raw) <= _LONGEST_REMEMBERED_BYTES * 4:
            if len(_answers) >= _ANSWERS_REMEMBERED:
                _answers.clear()
            _answers[key] = head
    return head
