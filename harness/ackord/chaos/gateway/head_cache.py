"""Parses the heads of one proxy's messages once, with what its records keep of them; which headers is an allow-list."""

from __future__ import annotations

from collections.abc import Iterable

from ...contract.base.http_messages import combined_fields
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
_OURS = b"\r\nackord-"


def _recorded(head: bytes, kept: frozenset[bytes]) -> dict[str, str]:
    """The fields that a record keeps of a head's header lines; ``kept`` are names in lower case."""
    lines = (raw.partition(b":") for raw in head[:-4].split(b"\r\n")[1:])
    fields = ((name.lower(), value.strip(b" \t")) for name, _, value in lines)
    return combined_fields(field for field in fields if field[0] in kept or EVERY_HEADER in kept)


class HeadCache:
    """Parses the heads of one proxy's messages, and keeps them by their bytes: most messages repeat an earlier head."""

    __slots__ = ("_checked", "_kept_of_requests", "_kept_of_responses", "_responses_to_head", "requests", "responses")

    def __init__(self, request_headers: Iterable[str] = (), response_headers: Iterable[str] = ()) -> None:
        """Records keep these headers beside the usual ones; ``*``: all."""
        self._kept_of_requests = RECORDED_OF_REQUESTS | {name.lower().encode() for name in request_headers}
        self._kept_of_responses = RECORDED_OF_RESPONSES | {name.lower().encode() for name in response_headers}
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
        head.recorded = request_members(head.method, head.target, _recorded(head.forward, self._kept_of_requests))
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
            headers = _recorded(head.forward, self._kept_of_responses)
            head.packed = headers.get("content-encoding", "").strip().lower()
            head.recorded = response_members(head.status, headers)
            if len(raw) <= LONGEST_REMEMBERED_BYTES * 4:
                if len(remembered) >= _HEADS_REMEMBERED:
                    remembered.clear()
                remembered[raw] = head
        return head
