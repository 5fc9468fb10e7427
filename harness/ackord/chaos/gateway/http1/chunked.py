"""Finds the end of a chunked body (RFC 9112, 7.1) without decoding the chunks separately."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["ChunkScanner", "ProtocolError"]

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_TRAILER_LINE = re.compile(rb"(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t\x20-\x7e\x80-\xff]*)?\r\n")
_NO_TRAILERS = frozenset({b"content-length", b"transfer-encoding", b"host", b"connection", b"trailer"})
"""Headers that frame or route a message, which trailers must not contain (RFC 9110, 6.5.1)."""
_LINE_LIMIT_BYTES = 4096
_TRAILERS_LIMIT_BYTES = 16_384


class ProtocolError(Exception):
    """The peer's bytes are not an HTTP/1.1 message, or are one that is refused."""

    def __init__(self, problem: str, status: int = 400) -> None:
        """``status`` is the status of the answer to a merchant (RFC 9110, 15.5 and 15.6)."""
        super().__init__(problem)
        self.status = status


class ChunkScanner:
    """Follows the chunks of one body."""

    __slots__ = ("_left", "_line", "_trailer_bytes", "done")

    def __init__(self) -> None:
        self._line = b""
        self._left = -1
        """Bytes left of the present chunk, its CR LF included; -1: a size line is next; -2: trailers."""
        self._trailer_bytes = 0
        self.done = False

    def scan(self, data: bytes, at: int, keep: Callable[[bytes], None]) -> int:
        """Read ``data`` from ``at`` and pass content to ``keep``. Return where reading stopped.

        Raises ``ProtocolError``.
        """
        end = len(data)
        while at < end and not self.done:
            if self._left > 0:
                at = self._chunk(data, at, keep)
                continue
            newline = data.find(b"\n", at)
            stop = newline + 1 if newline >= 0 else end
            line = self._line + data[at:stop]
            if len(line) > _LINE_LIMIT_BYTES:
                raise ProtocolError("a line of the chunked body is too long")
            at = stop
            if newline < 0:
                self._line = line
            else:
                self._line = b""
                self._take_line(line)
        return at

    def _chunk(self, data: bytes, at: int, keep: Callable[[bytes], None]) -> int:
        """Read what has arrived of the current chunk; return where reading stopped."""
        content = min(self._left - 2, len(data) - at)
        if content > 0:
            keep(data[at : at + content])
            self._left -= content
            at += content
        while self._left in (1, 2) and at < len(data):
            if data[at] != (0x0D if self._left == 2 else 0x0A):
                raise ProtocolError("a chunk is longer than it said")
            self._left -= 1
            at += 1
        if self._left == 0:
            self._left = -1
        return at

    def _take_line(self, line: bytes) -> None:
        if self._left == -2:
            self._trailer_bytes += len(line)
            match = _TRAILER_LINE.fullmatch(line)
            if match is None or self._trailer_bytes > _TRAILERS_LIMIT_BYTES:
                raise ProtocolError("the trailers are malformed or too large")
            name = (match[1] or b"").lower()
            if name in _NO_TRAILERS or name.startswith(b"ackord-"):
                raise ProtocolError(f"the header {name.decode()} among the trailers")
            self.done = line == b"\r\n"
            return
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise ProtocolError("a chunk has no size")
        size = int(match[1], 16)
        self._left = size + 2 if size else -2
