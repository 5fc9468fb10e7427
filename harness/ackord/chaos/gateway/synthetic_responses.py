"""Writes the answers that a fault gives in the provider's stead as messages of HTTP/1.1. No sockets."""

from __future__ import annotations

from http import HTTPStatus

from ..faults.edge_actions import SyntheticResponse, response_of

__all__ = ["IN_PROGRESS", "NOT_FOUND", "wire_bytes"]

NOT_FOUND = response_of(404, {"code": "ORDER_NOT_FOUND"})
"""How an edge that knows no contract says that there is no such order."""
IN_PROGRESS = response_of(409, {"code": "IN_PROGRESS"})
"""How it says that an earlier request for the order is still being worked on."""


def wire_bytes(answer: SyntheticResponse, *, head_only: bool, close: bool) -> bytes:
    """The answer as a message of HTTP/1.1; ``close`` announces that the connection ends with it."""
    status, headers, body = answer
    lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
    lines += [f"{'-'.join(part.capitalize() for part in name.split('-'))}: {value}" for name, value in headers]
    if status in (204, 304):
        body = b""
    else:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return head if head_only else head + body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
