"""Lets a variant decide how callbacks are signed: the correct provider signs each attempt anew, with its own key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from ...contract.base.http_messages import HttpRequest, TimestampNonce
from ...contract.emulate.callback_sender import OutgoingCallback
from ...contract.signing import ProviderSide

__all__ = ["OtherKeys", "SignsCallbacks"]

OtherKeys = Callable[[str], ProviderSide]
"""Gives the provider's side of an account with keys that are nobody's."""


@runtime_checkable
class SignsCallbacks(Protocol):
    """A variant that signs callbacks in its own way."""

    def signed_callback(self, call: OutgoingCallback, moment: TimestampNonce, others: OtherKeys) -> HttpRequest:
        """Return the request that is sent."""
        ...
