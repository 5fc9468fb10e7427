"""Parses the heads of one proxy's messages once, with what its records keep of them; which headers is an allow-list."""

from __future__ import annotations

from collections.abc import Iterable

from ...contract.base.http_messages import joined_fields
from .exchange_record import request_members, response_members
from .http1.fields import LONGEST_REMEMBERED_BYTES, CheckedLines, take_ackord_headers
from .http1.head import RequestHead, ResponseHead, read_request_head

__all__ = ["HeadCache"]

EVERY_HEADER = b"*"
"""Stands for any header in an allow-list."""
RECORDED_OF_REQUESTS = frozenset(b"accept content-digest content-type digest idempotency-key x-request-id".split())
"""Headers of a request that a record keeps. Others may hold secrets (keys, tokens, signatures)."""
RECORDED_OF_RESPONSES = frozenset(
    b"age cache-control content-encoding content-length content-type date deprecation etag idempotency-key "
    b"idempotent-replayed idempotency-replayed link location request-id retry-after server transfer-encoding "
    b"www-authenticate x-correlation-id x-idempotent-replayed x-ratelimit-limit x-ratelimit-remaining "
    b"x-ratelimit-reset x-request-id".split()
)
"""Headers of a response that a record keeps. Others may hold secrets (cookies, tokens)."""
_HEADS_REMEMBERED = 1024
_LINES_REMEMBERED = 8192
_OURS = b"\r\nackord-"


class _KeptFields:
    """The fields that a record keeps of heads. Header lines repeat, so each distinct one is read once."""

    __slots__ = ("_fields", "_kept")

    def __init__(self, kept: frozenset[bytes]) -> None:
        """``kept`` are names in lower case."""
        self._kept = kept
        self._fields: dict[bytes, tuple[str, str] | None] = {}

    def of(self, head: bytes) -> dict[str, str]:
        found = []
        fields = self._fields
        for line in head[:-4].split(b"\r\n")[1:]:
            field = fields[line] if line in fields else self._read(line)
            if field is not None:
                found.append(field)
        return joined_fields(found)

    def _read(self, line: bytes) -> tuple[str, str] | None:
        raw, _, value = line.partition(b":")
        name = raw.lower()
        field = None
        if name in self._kept or EVERY_HEADER in self._kept:
            field = name.decode("latin-1"), value.strip(b" \t").decode("latin-1")
        if len(line) <= LONGEST_REMEMBERED_BYTES:
            if len(self._fields) >= _LINES_REMEMBERED:
                self._fields.clear()
            self._fields[line] = field
        return field


class HeadCache:
    """Parses the heads of one proxy's messages, and keeps them by their bytes: most messages repeat an earlier head."""

    __slots__ = ("_checked", "_kept_of_requests", "_kept_of_responses", "_responses_to_head", "requests", "responses")

    def __init__(self, request_headers: Iterable[str] = (), response_headers: Iterable[str] = ()) -> None:
        """Records keep these headers beside the usual ones; ``*``: all."""
        self._kept_of_requests = _KeptFields(RECORDED_OF_REQUESTS | {name.lower().encode() for name in request_headers})
        self._kept_of_responses = _KeptFields(
            RECORDED_OF_RESPONSES | {name.lower().encode() for name in response_headers}
        )
        self._checked: CheckedLines = {}
        self.requests: dict[bytes, RequestHead] = {}
        self.responses: dict[bytes, ResponseHead] = {}
        """Responses to other requests than HEAD."""
        self._responses_to_head: dict[bytes, ResponseHead] = {}

    def request(self, raw: bytes) -> RequestHead:
        """The head that ``raw`` is, kept but for its ``ackord-*`` headers, which differ each time.

        Raises ``ProtocolError``.
        """
        head = self.requests.get(raw)
        if head is not None:
            return head
        lower = raw.lower()
        at = lower.find(_OURS)
        if at > 0:
            ours: dict[str, str] = {}
            begin, rest = 0, []
            while at > 0:
                end = lower.find(b"\r\n", at + 2)
                take_ackord_headers(raw[at + 2 : end], ours)
                rest.append(raw[begin:at])
                begin = end
                at = lower.find(_OURS, end)
            return self.request(b"".join([*rest, raw[begin:]])).named(ours)
        head = read_request_head(raw, self._checked)
        head.recorded = request_members(head.method, head.target, self._kept_of_requests.of(head.forward))
        if len(raw) <= LONGEST_REMEMBERED_BYTES * 4:
            if len(self.requests) >= _HEADS_REMEMBERED:
                self.requests.clear()
            self.requests[raw] = head
        return head

    def response(self, raw: bytes, *, to_head: bool) -> ResponseHead:
        """The head that ``raw`` is, kept whole: responses of one kind within a second differ in nothing.

        Raises ``ProtocolError``.
        """
        remembered = self._responses_to_head if to_head else self.responses
        head = remembered.get(raw)
        if head is None:
            head = ResponseHead(raw, self._checked, to_head=to_head)
            headers = self._kept_of_responses.of(head.forward)
            head.packed = headers.get("content-encoding", "").strip().lower()
            head.recorded = response_members(head.status, headers)
            if len(raw) <= LONGEST_REMEMBERED_BYTES * 4:
                if len(remembered) >= _HEADS_REMEMBERED:
                    remembered.clear()
                remembered[raw] = head
        return head
