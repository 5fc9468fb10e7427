"""A callback on its way out: signed anew each time it is sent, and taken by nothing but the reply that the contract names."""

from __future__ import annotations

from typing import NamedTuple

from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..signing import ProviderSide
from ..spec.callbacks import CallbackReply

__all__ = ["OutgoingCallback"]


class OutgoingCallback(NamedTuple):
    """What the merchant is to be called with, until it is taken."""

    request: HttpRequest
    """Not signed; its target is below the merchant's address."""
    provider: ProviderSide
    reply: CallbackReply

    def signed(self, moment: TimestampNonce) -> HttpRequest:
        """What is sent at ``moment``. A signature says when it was made, and merchants refuse an old one."""
        return self.provider.sign_callback(self.request, moment)

    def taken(self, answer: HttpResponse) -> bool:
        """Whether the merchant answered as the contract says: with this status and, where one is named, with this body to the byte."""
        if answer.truncated or answer.status != self.reply.status:
            return False
        return not self.reply.body or answer.body == self.reply.body.encode()
