"""Frames HTTP/1.1 messages: bytes in, heads and body bytes out, without sockets (RFC 9112).

The gateway must forward a message byte for byte, and must know where it ends. httptools reports no offsets and cannot
frame the answer to a HEAD, so framing is done here, and httptools is the oracle of its tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from .chunked import ChunkScanner, ProtocolError
from .head import RequestHead, ResponseHead, read_request_head

__all__ = [
    "MessageReader",
    "ProtocolError",
    "RequestHead",
    "ResponseHead",
    "request_message_reader",
    "response_message_reader",
]

HEAD_LIMIT_BYTES = 65_536

_EMPTY_LINES = re.compile(rb"(?:\r\n)*")
_NEVER_IN_A_HEAD = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TARGET_TOO_LONG = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^\r\n ]*\Z")
_TLS_RECORD = b"\x16\x03"


H = TypeVar("H", RequestHead, ResponseHead)


def _look_for_what_is_never_there(data: bytes, begin: int, end: int) -> None:
    """Raises ``ProtocolError`` if a part of a head holds a control character or a line that does not end with CR LF."""
    if _NEVER_IN_A_HEAD.search(data, begin, end) is not None:
        if data.startswith(_TLS_RECORD):
            raise ProtocolError("this looks like TLS, and plain HTTP is spoken here")
        raise ProtocolError("a line does not end with CR LF, or the head holds a control character")


class MessageReader(Generic[H]):
    """Reads messages one after the other from a stream of bytes.

    ``feed`` returns the body's bytes as they were on the wire (with chunk framing, so that they can be forwarded).
    ``content`` is the body itself, up to ``keep_bytes``. After a complete message nothing more is read until
    ``next_message``.
    """

    def __init__(self, parse: Callable[[bytes], H], keep_bytes: int, *, after_empty_lines: bool = False) -> None:
        """``after_empty_lines``: ignore empty lines before a message, as a server ought to (RFC 9112, 2.2)."""
        self._parse: Callable[[bytes], H] = parse
        self._after_empty_lines = after_empty_lines
        self.keep_bytes = keep_bytes
        self._rest = b""
        self._latest: H | None = None
        """The last head that ``feed_whole`` accepted: most connections repeat it."""
        self._latest_raw = b""
        self.next_message()

    def next_message(self) -> None:
        """Forget the present message; bytes that came after it are kept."""
        self.head: H | None = None
        self.complete = False
        self.content = b""
        self.truncated = False
        self._looked_through = 0
        """Number of waiting bytes that are known to hold no end of a head."""
        self._left: int | None = 0
        self._scanner: ChunkScanner | None = None

    @property
    def waiting_bytes(self) -> int:
        """Bytes that arrived and are not read yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> bytes:
        """Take in ``data``; return what of it is body of the present message. Raises ``ProtocolError``."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        if self.complete:
            self._rest = data
            return b""
        at = 0
        if self.head is None:
            if self._after_empty_lines and data.startswith(b"\r\n"):
                data = _EMPTY_LINES.sub(b"", data, count=1)
            at = self._read_head(data)
            if not at:
                return b""
            if self._left == len(data) - at <= self.keep_bytes:  # a whole message and no more, as most are
                self._left = 0
                self.complete = True
                self.content = data[at:]
                return self.content
        if self._scanner is not None:
            end = self._scanner.scan(data, at, self._keep)
            self.complete = self._scanner.done
        elif self._left is None:
            end = len(data)
            self._keep(data[at:])
        else:
            end = min(len(data), at + self._left)
            self._left -= end - at
            self._keep(data[at:end])
            self.complete = not self._left
        if end < len(data):
            self._rest = data[end:]
        return data[at:end]

    def feed_whole(self, data: bytes, remembered: Mapping[bytes, H]) -> bool:
        """Accept ``data`` if it is exactly one whole message whose plain head is in ``remembered``.

        Otherwise return False and consume nothing.
        """
        if self.head is not None or self._rest:
            return False
        head, raw = self._latest, self._latest_raw
        if head is None or not data.startswith(raw):
            raw = data[: data.find(b"\r\n\r\n") + 4]
            head = remembered.get(raw)
            if head is None or not head.plain:
                return False
            self._latest, self._latest_raw = head, raw
        begin = len(raw)
        if not head.body_bytes == len(data) - begin <= self.keep_bytes:
            return False
        self.head = head
        self.complete = True
        self.content = data[begin:]
        return True

    def _read_head(self, data: bytes) -> int:
        """Return where the body begins; 0 if the head is not complete."""
        begin = max(0, self._looked_through - 3)
        end = data.find(b"\r\n\r\n", begin)
        if end < 0 or end > HEAD_LIMIT_BYTES:
            _look_for_what_is_never_there(data, begin, HEAD_LIMIT_BYTES)
            if end >= 0 or len(data) > HEAD_LIMIT_BYTES + 3:  # three of the four bytes that end a head
                if _TARGET_TOO_LONG.match(data[:HEAD_LIMIT_BYTES]):
                    raise ProtocolError("the target is too long", 414)
                raise ProtocolError(f"the head is larger than {HEAD_LIMIT_BYTES} bytes", 431)
            self._rest = data
            self._looked_through = len(data)
            return 0
        try:
            head = self.head = self._parse(data[: end + 4])
        except ProtocolError as problem:
            if problem.status != 400:  # had the head come in pieces, this would have been found first
                _look_for_what_is_never_there(data, 0, end + 4)
            raise
        self._left = head.body_bytes
        self._scanner = ChunkScanner() if head.chunked else None
        return end + 4

    def _keep(self, content: bytes) -> None:
        room = self.keep_bytes - len(self.content)
        if len(content) > room:
            self.truncated = True
            content = content[:room]
        if content:
            self.content += content

    def end(self) -> bool:
        """The stream ended; return whether the present message is complete now."""
        if self.head is not None and self._left is None and self._scanner is None:
            self.complete = True
        return self.complete


def request_message_reader(
    keep_bytes: int, parse: Callable[[bytes], RequestHead] = read_request_head
) -> MessageReader[RequestHead]:
    """Make a reader of requests; of a body ``keep_bytes`` are kept as ``content``."""
    return MessageReader(parse, keep_bytes, after_empty_lines=True)


def response_message_reader(
    keep_bytes: int, method: Callable[[], str], parse: Callable[..., ResponseHead] = ResponseHead
) -> MessageReader[ResponseHead]:
    """Make a reader of responses; ``method()`` is the request's, and called when a response's head is complete."""
    return MessageReader(lambda raw: parse(raw, to_head=method() == "HEAD"), keep_bytes)
