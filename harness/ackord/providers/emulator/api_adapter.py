"""What an emulator must be able to do with the words of an API: everything else is the service's."""

from __future__ import annotations

from typing import Protocol

from ...contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ...contract.emulate.callback_sender import OutgoingCallback
from ...contract.emulate.domain_requests import ProviderRequest
from ...contract.emulate.domain_responses import ProviderOrder, ProviderResponse

__all__ = ["ApiAdapter"]


class ApiAdapter(Protocol):
    """One API's way to be asked, to answer and to call. Nothing here waits, and nothing that a merchant sends makes it raise."""

    def understand(self, request: HttpRequest, at: TimestampNonce | None = None) -> ProviderRequest:
        """What a request that came ``at`` asks for."""
        ...

    def answer(
        self, asked: ProviderRequest, reply: ProviderResponse, request: HttpRequest, moment: TimestampNonce
    ) -> HttpResponse:
        """How the reply is told."""
        ...

    def announce(self, order: ProviderOrder) -> list[OutgoingCallback]:
        """What the merchant is called with when an order's status has changed."""
        ...

    def later(self, asked: ProviderRequest, reply: ProviderResponse) -> list[OutgoingCallback]:
        """What the merchant is called with in the end when the answer told nothing but that the question was taken."""
        ...
