"""A front that speaks in plain words, so that a test shows what the emulator does and nothing of any contract."""

from __future__ import annotations

import json
from typing import Any

from ackord.contract.base.wire import Moment, WireAnswer, WireRequest
from ackord.contract.emulate.calling import Call
from ackord.contract.emulate.meanings import Order, Page, Refusal, RefusalKind, Reply, Submission, Told
from ackord.contract.emulate.questions import Asked, Cancel, Ledger, Misunderstood, Prepare, Query, Submit
from ackord.contract.spec.auth import Auth, provider_side
from ackord.contract.spec.callbacks import CallbackReply

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


def call(name: str, **reply: Any) -> Call:
    return Call(WireRequest("POST", f"/{name}", (), b"x"), provider_side(CALLBACKS), CallbackReply(**reply))


def ask(what: str, **values: Any) -> WireRequest:
    return WireRequest("POST", f"/{what}", (), json.dumps(values).encode())


class PlainFront:
    """The path says what is asked and the body is its values; an answer's body is what kind of reply it is, and of which order."""

    def __init__(self, *, deferred: bool = False) -> None:
        self.deferred = deferred
        self.moments: list[Moment] = []

    def understand(self, request: WireRequest, at: Moment | None = None) -> Asked:
        values = json.loads(request.body or b"{}")
        if request.target == "/submit":
            url = values.pop("callback_url", "")
            order = {"order_no": "N-00000001", "amount": 100, "currency": "EUR", "payee": "payee", **values}
            return Submit("main", Submission(**order), url)
        kinds = {"/query": Query, "/cancel": Cancel, "/ledger": Ledger, "/prepare": Prepare}
        if request.target in kinds:
            asked: Asked = kinds[request.target](**{"account": "main", **values})
            return asked
        return Misunderstood(Refusal(RefusalKind.INVALID_REQUEST, request.target))

    def answer(self, asked: Asked, reply: Reply, request: WireRequest, moment: Moment) -> WireAnswer:
        self.moments.append(moment)
        if isinstance(reply, Told):
            words = [reply.telling, reply.order.provider_id]
        elif isinstance(reply, Refusal):
            words = [reply.kind, reply.message]
        elif isinstance(reply, Page):
            words = [m.order_no for m in reply.movements]
        else:
            words = [type(reply).__name__]
        return WireAnswer(200, {"content-type": "application/json"}, json.dumps(words).encode())

    def announce(self, order: Order) -> list[Call]:
        return [call(order.status)]

    def later(self, asked: Asked, reply: Reply) -> list[Call]:
        return [call("later")] if self.deferred else []
