"""Checks header lines of HTTP/1.1 messages, and reads what framing and routing need (RFC 9110, 5; RFC 9112, 5 and 6).

Header lines repeat from message to message, so each distinct line is checked once and kept in a table of the caller's.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from .chunked import ProtocolError

__all__ = [
    "HOST",
    "LONGEST_REMEMBERED_BYTES",
    "TEXT",
    "TOKEN",
    "CheckedLines",
    "HeaderFields",
    "name_of",
    "take_ackord_headers",
]

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
TEXT = rb"[\t\x20-\x7e\x80-\xff]*"
_LINE = re.compile(rb"(" + TOKEN + rb"):[ \t]*(" + TEXT + rb")")
_SPACED_NAME = re.compile(rb"(" + TOKEN + rb")[ \t]+:")
HOST = rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]*)(?::[0-9]*)?"
_HOST_VALUE = re.compile(HOST)
_DIGITS = re.compile(rb"[0-9]{1,18}")
_LINES_REMEMBERED = 8192
LONGEST_REMEMBERED_BYTES = 512


class FieldKind(IntEnum):
    """Meaning of a header line for framing."""

    PLAIN = 0
    HOST = 1
    LENGTH = 2
    TRANSFER = 3
    CONNECTION = 4
    EXPECT = 5
    HOP = 6
    """Concerns one connection only; never forwarded."""


_KINDS = {
    b"host": FieldKind.HOST,
    b"content-length": FieldKind.LENGTH,
    b"transfer-encoding": FieldKind.TRANSFER,
    b"connection": FieldKind.CONNECTION,
    b"expect": FieldKind.EXPECT,
    b"keep-alive": FieldKind.HOP,
    b"proxy-connection": FieldKind.HOP,
    b"proxy-authorization": FieldKind.HOP,
    b"te": FieldKind.HOP,
    b"upgrade": FieldKind.HOP,
}


class HeaderLine(NamedTuple):
    """Meaning of a checked header line for framing."""

    kind: int
    value: bytes = b""
    options: frozenset[bytes] = frozenset()
    """Of a Connection line: its options, in lower case."""


_PLAIN = HeaderLine(FieldKind.PLAIN)

CheckedLines = dict[bytes, HeaderLine]
"""Header lines that were checked before, and their meaning."""


def _check(raw: bytes, checked: CheckedLines) -> HeaderLine:
    """Raises ``ProtocolError`` for a line that is no header, and for a malformed Host or Content-Length."""
    match = _LINE.fullmatch(raw)
    if match is None:
        raise ProtocolError("a header line is malformed")
    kind = _KINDS.get(match[1].lower())
    line = _PLAIN if kind is None else _special(kind, match[2].rstrip(b" \t"))
    if len(raw) <= LONGEST_REMEMBERED_BYTES:
        if len(checked) >= _LINES_REMEMBERED:
            checked.clear()
        checked[raw] = line
    return line


def _special(kind: FieldKind, value: bytes) -> HeaderLine:
    if kind is FieldKind.HOST and _HOST_VALUE.fullmatch(value) is None:
        raise ProtocolError("Host is no host with a port")
    if kind is FieldKind.LENGTH and _DIGITS.fullmatch(value) is None:
        raise ProtocolError("Content-Length is no number")
    if kind is FieldKind.CONNECTION:
        return HeaderLine(kind, value, frozenset(option.strip().lower() for option in value.split(b",")))
    return HeaderLine(kind, value)


def name_of(raw: bytes) -> bytes:
    """The name of a checked header line, in lower case."""
    return raw.partition(b":")[0].lower()


def take_ackord_headers(raw: bytes, into: dict[str, str]) -> None:
    """Add the ``ackord-*`` header that the line ``raw`` is, its name in lower case. Raises ``ProtocolError``."""
    match = _LINE.fullmatch(raw)
    if match is None:
        raise ProtocolError("a header line is malformed")
    name = match[1].decode().lower()
    if name in into:
        raise ProtocolError(f"{name} is given twice")
    into[name] = match[2].strip().decode("latin-1")


class HeaderFields:
    """What the header lines of a message say, apart from its first line."""

    __slots__ = ("ackord_headers", "chunked", "codings", "expectations", "forward", "hosts", "length", "options")

    def __init__(self, raw_lines: list[bytes], checked: CheckedLines, *, mend: bool = False) -> None:
        """``mend``: remove white space before a colon, as in a response (RFC 9112, 5.1); a request with it is refused.

        Raises ``ProtocolError``, also if the lines state in two ways where the message ends.
        """
        self.forward: list[bytes] = []
        """The lines that are to be forwarded."""
        self.ackord_headers: dict[str, str] | None = None
        self.length: int | None = None
        self.codings: list[bytes] = []
        """Values of all Transfer-Encoding lines."""
        self.expectations: list[bytes] = []
        self.hosts: list[bytes] = []
        """The Host lines as they came."""
        self.options: frozenset[bytes] = frozenset()
        """Connection options."""
        for raw in raw_lines:
            line = checked.get(raw)
            if line is None:
                if raw[:7].lower() == b"ackord-":
                    if self.ackord_headers is None:
                        self.ackord_headers = {}
                    take_ackord_headers(raw, self.ackord_headers)
                    continue
                if mend and _SPACED_NAME.match(raw):
                    raw = _SPACED_NAME.sub(rb"\1:", raw, count=1)
                line = _check(raw, checked)
            if line is _PLAIN or self._take(line, raw):
                self.forward.append(raw)
        self.chunked = bool(self.codings)
        if self.codings:
            self._check_codings()
        if self.options:
            self._drop_nominated()

    def _take(self, line: HeaderLine, raw: bytes) -> bool:
        """Understand a line that is not plain; return whether it is to be forwarded."""
        kind = line.kind
        if kind == FieldKind.HOST:
            self.hosts.append(raw)
        elif kind == FieldKind.LENGTH:
            if self.length is not None:
                raise ProtocolError("Content-Length is given twice")
            self.length = int(line.value)
        elif kind == FieldKind.TRANSFER:
            self.codings.append(line.value.lower())
        else:
            self.options |= line.options
            if kind == FieldKind.EXPECT:
                self.expectations += [member.strip() for member in line.value.lower().split(b",")]
            return False
        return True

    def _check_codings(self) -> None:
        """Check that chunked is the only Transfer-Encoding and Content-Length is absent (RFC 9112, 6.1 and 6.3).

        Raises ``ProtocolError``.
        """
        if self.length is not None:
            raise ProtocolError("both Content-Length and Transfer-Encoding")
        if self.codings == [b"chunked"]:
            return
        applied = [coding.strip() for coding in b",".join(self.codings).split(b",")]
        if applied[-1] == b"chunked" and applied.count(b"chunked") == 1 and b"" not in applied:
            raise ProtocolError("a transfer coding other than chunked is not understood", 501)
        raise ProtocolError("Transfer-Encoding does not end with one 'chunked'")

    def _drop_nominated(self) -> None:
        """Leave out the headers that Connection names as its own."""
        if self.options & {b"host", b"content-length", b"transfer-encoding"}:
            raise ProtocolError("Connection names a header that frames or routes the message")
        if not self.options <= {b"close", b"keep-alive"}:
            self.forward = [raw for raw in self.forward if name_of(raw) not in self.options]
