"""Selects what a journal keeps of an answer, by an allow-list: a list of what to hide always lacks one name.

Idempotency keys and order numbers are kept on purpose: without them no failure could be repeated. Requests, whose
headers hold credentials, are never journalled: the gateway's record of one is only used to verify its answer's
signature.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Any

from ..contract.base.http_messages import HttpResponse
from ..masking import longest_spelling, mask_bytes
from .field_redaction import redacted_fields

__all__ = ["BODY_BYTES", "HEADERS", "raw_answer", "redacted_answer"]

BODY_BYTES = 16_384
"""The most bytes of a body that are kept."""

HEADERS = frozenset(
    {
        "allow", "cache-control", "content-encoding", "content-length", "content-type", "date", "idempotency-key",
        "idempotent-replayed", "location", "original-request", "request-id", "retry-after", "transient-error",
        "x-request-id", "x-should-retry",
    }
)  # fmt: skip


def redacted_answer(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    truncated: bool,
    kept_headers: Collection[str] = HEADERS,
    fields: Collection[str] = (),
) -> dict[str, Any]:
    """Return the part of an answer that a journal keeps: ``{"status", "headers", "body", "truncated"}``.

    Header names are lower-case. A body that is not UTF-8 stands in ``body_base64`` too, so that it can be read again.
    ``fields``: names of fields in the body whose values are not kept.
    """
    cut = truncated or len(body) > BODY_BYTES
    kept = mask_bytes(redacted_fields(body[:BODY_BYTES], fields))
    if cut and (tail := longest_spelling()):  # a secret that the end cut in two is not recognised
        kept = kept[:-tail]
    answer: dict[str, Any] = {
        "status": status,
        "headers": {name: value for name, value in headers.items() if name in kept_headers},
        "body": "",
        "truncated": cut,
    }
    try:
        answer["body"] = kept.decode("utf-8")
    except UnicodeDecodeError:
        answer["body"] = kept.decode("utf-8", "replace")
        answer["body_base64"] = base64.b64encode(kept).decode()
    return answer


def raw_answer(kept: Mapping[str, Any]) -> HttpResponse:
    """The answer that ``redacted_answer`` kept. Raises ``KeyError`` or ``ValueError`` for anything else."""
    encoded = kept.get("body_base64")
    body = kept["body"].encode() if encoded is None else base64.b64decode(encoded, validate=True)
    return HttpResponse(kept["status"], kept["headers"], body, kept["truncated"])
