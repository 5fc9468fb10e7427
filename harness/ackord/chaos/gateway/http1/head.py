"""Parses and checks heads of HTTP/1.1 messages, reads what framing needs, and renders the forwarded heads (RFC 9112).

Strict where leniency allows request smuggling: line ends are CRLF, no folded lines, one Content-Length or one
``Transfer-Encoding: chunked``, never both, one Host. The forwarded head omits hop-by-hop headers (RFC 9110, 7.6.1) and
the harness's own ``ackord-*`` headers. A target in absolute form becomes the origin form with its own Host. An upgrade
is never offered to the provider.
"""

from __future__ import annotations

import re

from .chunked import ProtocolError
from .fields import HOST, TEXT, TOKEN, CheckedLines, HeaderFields, name_of

__all__ = ["RequestHead", "ResponseHead"]

_REQUEST = re.compile(rb"(" + TOKEN + rb") ([\x21\x22\x24-\x7e\x80-\xff]+) HTTP/([0-9])\.([0-9])")
_STATUS = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})( " + TEXT + rb")?")
_ABSOLUTE = re.compile(rb"(?i:https?)://(?=[^/?:])(" + HOST + rb")([/?].*)?")


class RequestHead:
    """A request's head, checked, and as it is to be forwarded."""

    __slots__ = (
        "ackord_headers",
        "body_bytes",
        "chunked",
        "expects_continue",
        "forward",
        "keep_alive",
        "method",
        "modern",
        "plain",
        "recorded",
        "target",
    )

    def __init__(self, raw: bytes, checked: CheckedLines | None = None) -> None:
        """``raw`` ends with the empty line; ``checked`` are header lines of earlier heads. Raises ``ProtocolError``."""
        first, *rest = raw[:-4].split(b"\r\n")
        match = _REQUEST.fullmatch(first)
        if match is None:
            raise ProtocolError("the request line is malformed")
        method, target, major, minor = match.groups()
        if major != b"1":
            raise ProtocolError("HTTP/1.1 is spoken here, and no other major version", 505)
        if method == b"CONNECT":
            raise ProtocolError("the gateway forwards requests, it makes no tunnels", 501)
        fields = HeaderFields(rest, {} if checked is None else checked)
        modern = minor != b"0"
        if len(fields.hosts) != 1 and (modern or fields.hosts):
            raise ProtocolError("one Host header is needed")
        if fields.chunked and not modern:
            raise ProtocolError("Transfer-Encoding in HTTP/1.0")
        if fields.expectations and modern and not {b"100-continue", b""}.issuperset(fields.expectations):
            raise ProtocolError("an expectation other than 100-continue cannot be met", 417)
        if target[:1] != b"/":
            target = self._origin_form(method, target, fields)
        self.method: str = method.decode()
        self.target: str = target.decode("latin-1")
        self.modern = modern
        """Whether the merchant speaks HTTP/1.1: it knows chunks and interim answers."""
        self.ackord_headers = fields.ackord_headers
        """The ``ackord-*`` headers, names in lower case; ``None``: there are none."""
        self.chunked = fields.chunked
        self.body_bytes: int | None = None if fields.chunked else fields.length or 0
        self.expects_continue = modern and b"100-continue" in fields.expectations
        self.keep_alive = modern and b"close" not in fields.options
        self.plain = self.keep_alive and method != b"HEAD"
        """Whether its answer says by itself where it ends, and the connection stays open."""
        if target is not match[2] or minor > b"1":
            # HTTP/1.0 stays HTTP/1.0, so that the provider does not answer in chunks to a client that knows none.
            first = b"%s %s HTTP/1.%d" % (method, target, modern)
        self.forward = b"\r\n".join([first, *fields.forward, b"", b""])
        self.recorded = ""
        """What a record has of it, in JSON; whoever records fills it in."""

    def named(self, ackord_headers: dict[str, str]) -> RequestHead:
        """The same head with the ``ackord-*`` headers ``ackord_headers``."""
        other = object.__new__(RequestHead)
        other.body_bytes = self.body_bytes
        other.chunked = self.chunked
        other.expects_continue = self.expects_continue
        other.forward = self.forward
        other.keep_alive = self.keep_alive
        other.method = self.method
        other.modern = self.modern
        other.ackord_headers = ackord_headers
        other.plain = self.plain
        other.recorded = self.recorded
        other.target = self.target
        return other

    @classmethod
    def written(cls, method: str, target: str, raw: bytes, body_bytes: int) -> RequestHead:
        """Return the head of a request that is written here as ``raw``, so that nothing of it needs to be checked.

        It has no header that is not forwarded, and a body of ``body_bytes``.
        """
        head = object.__new__(cls)
        head.method = method
        head.target = target
        head.forward = raw
        head.body_bytes = body_bytes
        head.chunked = head.expects_continue = False
        head.modern = head.keep_alive = True
        head.plain = method != "HEAD"
        head.ackord_headers = None
        head.recorded = ""
        return head

    @staticmethod
    def _origin_form(method: bytes, target: bytes, fields: HeaderFields) -> bytes:
        """Return the target in origin form (RFC 9112, 3.2). An absolute target brings its own Host (3.2.2)."""
        if target == b"*" and method == b"OPTIONS":
            return target
        match = _ABSOLUTE.fullmatch(target)
        if match is None:
            raise ProtocolError("the target is neither a path nor an http address")
        host = b"Host: " + match[1]
        if fields.hosts:
            fields.forward[fields.forward.index(fields.hosts[0])] = host
        else:
            fields.forward.insert(0, host)
        rest: bytes = match[2] or b""
        if not rest and method == b"OPTIONS":
            return b"*"
        return rest if rest[:1] == b"/" else b"/" + rest


class ResponseHead:
    """An answer's head, checked, and as it is to be forwarded."""

    __slots__ = (
        "body_bytes",
        "chunked",
        "forward",
        "forward_closing",
        "keep_alive",
        "packed",
        "plain",
        "recorded",
        "status",
        "until_close",
    )

    def __init__(self, raw: bytes, checked: CheckedLines | None = None, *, to_head: bool) -> None:
        """``to_head``: it answers a HEAD, so it has no body whatever it says. Raises ``ProtocolError``."""
        first, *rest = raw[:-4].split(b"\r\n")
        match = _STATUS.fullmatch(first)
        if match is None:
            raise ProtocolError("the status line is malformed")
        fields = HeaderFields(rest, {} if checked is None else checked, mend=True)
        modern = match[1] != b"0"
        self.status = status = int(match[2])
        if status == 101:
            raise ProtocolError("the protocol was switched, which nobody asked for")
        if fields.chunked and not modern:
            raise ProtocolError("Transfer-Encoding in HTTP/1.0")
        if status < 200 or status == 204:  # such an answer must not speak of a body (RFC 9110, 8.6; RFC 9112, 6.1)
            framing = (b"content-length", b"transfer-encoding")
            fields.forward = [line for line in fields.forward if name_of(line) not in framing]
        bare = status < 200 or status in (204, 304) or to_head
        self.chunked = fields.chunked and not bare
        self.body_bytes: int | None = 0 if bare else fields.length
        """Bytes of body; ``None``: told by its chunks, or by the end of the connection."""
        self.until_close = self.body_bytes is None and not self.chunked
        """Whether the body ends where the connection ends."""
        options = fields.options
        self.keep_alive = b"close" not in options and (modern or b"keep-alive" in options) and not self.until_close
        self.plain = self.keep_alive and status >= 200 and not self.chunked
        """Whether it is an answer of a known length after which the connection stays open."""
        lines = [first if match[1] == b"1" else b"HTTP/1.1" + first[8:], *fields.forward]
        self.forward = b"\r\n".join([*lines, b"", b""])
        self.forward_closing = b"\r\n".join([*lines, b"Connection: close", b"", b""])
        """The same, but it announces that the connection ends with this answer."""
        self.packed = ""
        """Its Content-Encoding, and what a record has of it, in JSON; whoever records fills them in."""
        self.recorded = ""
