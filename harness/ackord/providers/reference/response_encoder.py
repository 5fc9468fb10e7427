"""Encode replies of the service as HTTP responses of the reference API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...contract.base.http_messages import HttpResponse
from ...contract.emulate.domain_responses import (
    MovementsResponse,
    OrderResponse,
    PrerequisiteMet,
    ProviderMovement,
    ProviderResponse,
    RefundResponse,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ..service.statement_book import StatementResponse

__all__ = ["ReferenceResponseEncoder", "problem_response", "statement_response"]


_CODES: dict[RefusalKind, tuple[int, str]] = {
    RefusalKind.NOT_FOUND: (404, "ORDER_NOT_FOUND"),
    RefusalKind.CONFLICT: (409, "ORDER_CONFLICT"),
    RefusalKind.DUPLICATE_POINTER: (400, "DUPLICATE_ORDER"),
    RefusalKind.DUPLICATE_PLAIN: (400, "DUPLICATE_ORDER"),
    RefusalKind.IN_PROGRESS: (409, "IN_PROGRESS"),
    RefusalKind.REJECTED: (400, "INVALID_REQUEST"),
    RefusalKind.BUSY: (503, "BUSY"),
    RefusalKind.UNAVAILABLE: (503, "UNAVAILABLE"),
    RefusalKind.NOTHING_TO_CANCEL: (404, "NOTHING_TO_CANCEL"),
    RefusalKind.TOO_LATE_TO_CANCEL: (409, "TOO_LATE_TO_CANCEL"),
    RefusalKind.NOT_REFUNDABLE: (400, "NOT_REFUNDABLE"),
    RefusalKind.INVALID_REQUEST: (422, "INVALID_REQUEST"),
    RefusalKind.UNAUTHORIZED: (401, "UNAUTHORIZED"),
    RefusalKind.FORBIDDEN: (403, "FORBIDDEN"),
}
_text = json.encoder.encode_basestring_ascii
_PLAIN = {"content-type": "application/json"}
_REPLAYED = {"idempotent-replayed": "true", "content-type": "application/json"}
_encode = json.JSONEncoder(separators=(",", ":")).encode
_REPEATED = frozenset({ResponseReason.ACCEPTED_AGAIN, ResponseReason.REPLAYED})
_ACCEPTING = frozenset({ResponseReason.ACCEPTED, ResponseReason.ACCEPTED_AGAIN})


class ReferenceResponseEncoder:
    """Write JSON as ``contracts/reference.yaml`` describes it; every refusal is ``{"code", "message"}``."""

    def render(self, reply: ProviderResponse) -> HttpResponse:
        if isinstance(reply, OrderResponse):
            return _told(reply)
        if isinstance(reply, RefundResponse):
            return _refunded(reply)
        if isinstance(reply, Refusal):
            status, code = _CODES[reply.kind]
            return problem_response(status, code, reply.message, **_given_away(reply))
        if isinstance(reply, MovementsResponse):
            return _answer(200, {"movements": [_moved(m) for m in reply.movements], "next": reply.next})
        if isinstance(reply, PrerequisiteMet):
            return _answer(200, {})
        return _answer(200, {**reply._asdict(), "balance": reply.returned - reply.paid_out})


def problem_response(status: int, code: str, message: str, **more: Any) -> HttpResponse:
    """Encode a refusal, also of a request without a meaning: an unknown path, a method that is not allowed."""
    return _answer(status, {"code": code, "message": message, **more})


def statement_response(page: StatementResponse) -> HttpResponse:
    """Encode one page of a statement; ``next`` is left out on the last."""
    lines = [
        {
            "line_id": f"ln_{line.id}",
            "order_no": line.order_no,
            "provider_id": line.provider_id,
            "amount": line.amount,
            "currency": line.currency,
            "kind": line.kind,
            "booked_at": line.at_s,
            **({"refund_no": line.refund_no} if line.refund_no else {}),
        }
        for line in page.lines
    ]
    more = {"next": page.next} if page.next else {}
    return _answer(200, {"lines": lines, **more, "totals": page.totals._asdict()})


def _moved(movement: ProviderMovement) -> dict[str, Any]:
    left_out = ("at_s", "currency", *(() if movement.refund_no else ("refund_no",)))
    return {name: value for name, value in movement._asdict().items() if name not in left_out}


def _told(told: OrderResponse) -> HttpResponse:
    provider_id, _, order_no, amount, currency, payee, status, _ = told.order
    # As the encoder writes it, in a third of the time: most of what a provider says are orders.
    body = (
        f'{{"provider_id":{_text(provider_id)},"order_no":{_text(order_no)},"status":{_text(status)},'
        f'"amount":{amount},"currency":{_text(currency)},"payee":{_text(payee)}}}'
    )
    headers = _REPLAYED if told.telling in _REPEATED else _PLAIN
    return HttpResponse(202 if told.telling in _ACCEPTING else 200, headers, body.encode())


def _refunded(told: RefundResponse) -> HttpResponse:
    refund = told.refund
    body = {
        "refund_id": refund.refund_id,
        "refund_no": refund.refund_no,
        "order_no": refund.order_no,
        "amount": refund.amount,
        "currency": refund.currency,
    }
    headers = _REPLAYED if told.again else _PLAIN
    return _answer(200 if told.again else 202, body, headers)


def _given_away(refusal: Refusal) -> dict[str, Any]:
    order = refusal.order
    if order is None:
        return {}
    if refusal.kind is RefusalKind.CONFLICT:
        return {"amount": order.amount, "payee": order.payee}
    return {"provider_id": order.provider_id}


def _answer(status: int, body: dict[str, Any], headers: Mapping[str, str] = _PLAIN) -> HttpResponse:
    return HttpResponse(status, headers, _encode(body).encode())
