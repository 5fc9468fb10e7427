"""Define what the emulator needs from the API that it speaks; all else is the service's."""

from __future__ import annotations

from typing import Protocol

from ...contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ...contract.emulate.callback_sender import OutgoingCallback
from ...contract.emulate.domain_requests import ProviderRequest
from ...contract.emulate.domain_responses import ProviderOrder, ProviderResponse

__all__ = ["ApiAdapter"]


class ApiAdapter(Protocol):
    """Read requests and write responses and callbacks of one API.

    Nothing here waits, and nothing that a merchant sends makes it raise.
    """

    def understand(self, request: HttpRequest, at: TimestampNonce | None = None) -> ProviderRequest:
        """Return what a request that came ``at`` asks for."""
        ...

    def answer(
        self, asked: ProviderRequest, reply: ProviderResponse, request: HttpRequest, timestamp_nonce: TimestampNonce
    ) -> HttpResponse:
        """Return the HTTP response for a reply."""
        ...

    def announce(self, order: ProviderOrder) -> list[OutgoingCallback]:
        """Return the calls to the merchant after an order's status changed."""
        ...

    def later(self, asked: ProviderRequest, reply: ProviderResponse) -> list[OutgoingCallback]:
        """Return the calls that carry the answer when the response only said that the request was taken."""
        ...
