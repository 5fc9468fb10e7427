"""A front that speaks in plain words, so that a test shows what the emulator does and nothing of any contract."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.emulate.callback_sender import OutgoingCallback
from ackord.contract.emulate.domain_requests import (
    InvalidRequest,
    LedgerRequest,
    OrderActionRequest,
    PrerequisiteRequest,
    ProviderRequest,
    QueryRequest,
    SubmitRequest,
)
from ackord.contract.emulate.domain_responses import (
    MovementsResponse,
    OrderResponse,
    ProviderOrder,
    ProviderResponse,
    ReceivedOrder,
    Refusal,
    RefusalKind,
)
from ackord.contract.spec.auth import Auth, provider_side
from ackord.contract.spec.callbacks import CallbackReply
from ackord.core.operation import OperationKind

__all__ = ["PlainFront", "ask", "call"]

CALLBACKS = Auth.model_validate(
    {
        "hmac": {
            "secret": "s",
            "callback": {"string": "${timestamp}.${body}", "headers": {"x-sign": "${timestamp}:${signature}"}},
        }
    }
)
"""A signature that says when it was made."""


def call(name: str, **reply: Any) -> OutgoingCallback:
    return OutgoingCallback(HttpRequest("POST", f"/{name}", (), b"x"), provider_side(CALLBACKS), CallbackReply(**reply))


def ask(what: str, **values: Any) -> HttpRequest:
    return HttpRequest("POST", f"/{what}", (), json.dumps(values).encode())


class PlainFront:
    """The path says what is asked and the body is its values; an answer's body is what kind of reply it is, and of
    which order.
    """

    def __init__(self, *, deferred: bool = False) -> None:
        self.deferred = deferred
        self.moments: list[TimestampNonce] = []

    def understand(self, request: HttpRequest, at: TimestampNonce | None = None) -> ProviderRequest:
        values = json.loads(request.body or b"{}")
        if request.target == "/submit":
            url = values.pop("callback_url", "")
            order = {"order_no": "N-00000001", "amount": 100, "currency": "EUR", "payee": "payee", **values}
            return SubmitRequest("main", ReceivedOrder(**order), url)
        kinds = {
            "/query": QueryRequest,
            "/cancel": partial(OrderActionRequest, kind=OperationKind.CANCEL),
            "/ledger": LedgerRequest,
            "/prepare": PrerequisiteRequest,
        }
        if request.target in kinds:
            asked: ProviderRequest = kinds[request.target](**{"account": "main", **values})
            return asked
        return InvalidRequest(Refusal(RefusalKind.INVALID_REQUEST, request.target))

    def answer(
        self, asked: ProviderRequest, reply: ProviderResponse, request: HttpRequest, timestamp_nonce: TimestampNonce
    ) -> HttpResponse:
        self.moments.append(timestamp_nonce)
        if isinstance(reply, OrderResponse):
            words = [reply.telling, reply.order.provider_id]
        elif isinstance(reply, Refusal):
            words = [reply.kind, reply.message]
        elif isinstance(reply, MovementsResponse):
            words = [m.order_no for m in reply.movements]
        else:
            words = [type(reply).__name__]
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps(words).encode())

    def announce(self, order: ProviderOrder) -> list[OutgoingCallback]:
        return [call(order.status)]

    def later(self, asked: ProviderRequest, reply: ProviderResponse) -> list[OutgoingCallback]:
        return [call("later")] if self.deferred else []
