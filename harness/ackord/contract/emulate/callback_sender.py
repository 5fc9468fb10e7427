"""Signs a callback anew for each attempt, and decides by the contract whether the merchant's reply accepts it."""

from __future__ import annotations

from typing import NamedTuple

from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..signing import ProviderSide
from ..spec.callbacks import CallbackReply

__all__ = ["OutgoingCallback"]


class OutgoingCallback(NamedTuple):
    """A callback to the merchant that has not been accepted yet."""

    request: HttpRequest
    """The unsigned request; its target is below the merchant's base URL."""
    provider: ProviderSide
    reply: CallbackReply
    account: str = ""
    """Whose order it is about."""

    def signed(self, timestamp_nonce: TimestampNonce) -> HttpRequest:
        """Return the request signed at ``timestamp_nonce``, because merchants refuse an old signature."""
        return self.provider.sign_callback(self.request, timestamp_nonce)

    def taken(self, answer: HttpResponse) -> bool:
        """Return whether the merchant's reply has the contract's status and, where one is declared,
        exactly its body.
        """
        if answer.truncated or answer.status != self.reply.status:
            return False
        return not self.reply.body or answer.body == self.reply.body.encode()
