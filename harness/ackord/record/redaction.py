"""Selects what a journal keeps of an answer, by an allow-list: a list of what to hide always lacks one name.

Idempotency keys and order numbers are kept on purpose: without them no failure could be repeated. Requests, whose
headers hold credentials, are never journalled: the gateway's record of one is only used to verify its answer's
signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["BODY_BYTES", "HEADERS", "redacted_answer"]

BODY_BYTES = 16_384
"""The most bytes of a body that are kept."""

HEADERS = frozenset(
    {
        "allow", "cache-control", "content-encoding", "content-length", "content-type", "date", "idempotency-key",
        "idempotent-replayed", "location", "original-request", "request-id", "retry-after", "transient-error",
        "x-request-id", "x-should-retry",
    }
)  # fmt: skip


def redacted_answer(status: int, headers: Mapping[str, str], body: bytes | str, *, truncated: bool) -> dict[str, Any]:
    """Return the part of an answer that a journal keeps: ``{"status", "headers", "body", "truncated"}``. Header names
    are lower-case.
    """
    text = body if isinstance(body, str) else body[:BODY_BYTES].decode("utf-8", "replace")
    return {
        "status": status,
        "headers": {name: value for name, value in headers.items() if name in HEADERS},
        "body": text[:BODY_BYTES],
        "truncated": truncated or len(body) > BODY_BYTES,
    }
