"""Implement flaws of the callbacks to merchants: how they are signed, and when they are sent again."""

from __future__ import annotations

import json

from ...contract.base.http_messages import HttpRequest, TimestampNonce
from ...contract.emulate.callback_sender import OutgoingCallback
from ...contract.emulate.domain_responses import OrderResponse, ProviderOrder, ProviderResponse, ResponseReason
from ..service.callback_signing import OtherKeys
from ..service.node_identity import NodeIdentity
from ..service.payment_service import PaymentService
from .base import variant

_HOUR_S = 3600


class _CallsBack(PaymentService):
    only_live = "the simulated merchants are never called back"


@variant("callbacks-signed-by-another-key")
class CallbacksSignedByAnotherKey(_CallsBack):
    def signed_callback(self, call: OutgoingCallback, moment: TimestampNonce, others: OtherKeys) -> HttpRequest:
        return others(call.account).sign_callback(call.request, moment)


@variant("callbacks-written-anew")
class CallbacksWrittenAnew(_CallsBack):
    """Sign the body, and let the client that sends it write it once more."""

    def signed_callback(self, call: OutgoingCallback, moment: TimestampNonce, others: OtherKeys) -> HttpRequest:
        signed = call.signed(moment)
        try:
            body = json.dumps(json.loads(signed.body), indent=1).encode()
        except ValueError:
            body = signed.body + b"\n"
        return signed._replace(body=body)


@variant("callbacks-signed-as-the-last")
class CallbacksSignedAsTheLast(_CallsBack):
    """Sign in an object that all callbacks of a node share, and that is filled for the next one too early."""

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node)
        self._last: HttpRequest | None = None

    def signed_callback(self, call: OutgoingCallback, moment: TimestampNonce, others: OtherKeys) -> HttpRequest:
        signed = call.signed(moment)
        last, self._last = self._last or signed, signed
        return signed._replace(headers=last.headers)


@variant("callbacks-in-local-time")
class CallbacksInLocalTime(_CallsBack):
    def signed_callback(self, call: OutgoingCallback, moment: TimestampNonce, others: OtherKeys) -> HttpRequest:
        return call.signed(moment._replace(unix_s=moment.unix_s - _HOUR_S))


@variant("callbacks-sometimes-unsigned")
class CallbacksSometimesUnsigned(_CallsBack):
    """Send one callback in four by a path that does not sign."""

    def signed_callback(self, call: OutgoingCallback, moment: TimestampNonce, others: OtherKeys) -> HttpRequest:
        if self.node.seed.unit("unsigned callback", call.request.target, call.request.body.hex()) < 0.25:
            return call.request
        return call.signed(moment)


@variant("resubmission-never-called-back")
class ResubmissionNeverCalledBack(_CallsBack):
    """Answer a resubmission as a first submission is answered, and forget that something is to follow."""

    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        reply = await super().replayed(order)
        return reply._replace(telling=ResponseReason.ACCEPTED) if isinstance(reply, OrderResponse) else reply
