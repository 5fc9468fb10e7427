"""Take requests to the service in the words of an API adapter, and call merchants in the same words.

No web framework is used: it would route, decode or refuse requests that a contract describes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from ...contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ...contract.emulate.callback_sender import OutgoingCallback
from ...contract.emulate.domain_requests import (
    ClockRequest,
    InvalidRequest,
    LedgerRequest,
    OrderActionRequest,
    ProviderRequest,
    QueryRequest,
    RefundRequest,
    StatementRequest,
    SubmitRequest,
)
from ...contract.emulate.domain_responses import (
    OrderResponse,
    PrerequisiteMet,
    ProviderOrder,
    ProviderResponse,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ...contract.emulate.key_rules import as_shown, order_as_shown
from ...core.recent_dict import MOST_REMEMBERED, RecentDict
from ...errors import UsageError
from ..postgres.connection_pool import UNREACHABLE_ERRORS
from ..service.payment_service import PaymentService
from .api_adapter import ApiAdapter
from .callback_deliveries import CallbackDeliveries, require_loopback

__all__ = ["Emulator", "TimestampNonceSource"]

_AGAIN = (ResponseReason.ACCEPTED_AGAIN, ResponseReason.REPLAYED)


class TimestampNonceSource:
    """Give a new timestamp and nonce each time it is called."""

    def __init__(self, unix_s: Callable[[], int], origin: str) -> None:
        """``origin``: letters and digits that no other node, and no other life of this one, has."""
        self._unix_s = unix_s
        self._origin = origin
        self._count = 0

    def __call__(self) -> TimestampNonce:
        self._count += 1
        return TimestampNonce(self._unix_s(), f"{self._origin}x{self._count:x}")


class Emulator:
    """Serve one node over HTTP."""

    MOST_NAMED: ClassVar = MOST_REMEMBERED
    """Orders whose own callback address is remembered; about older ones the usual address is called."""

    def __init__(
        self,
        front: ApiAdapter,
        service: PaymentService,
        moments: Callable[[], TimestampNonce],
        deliveries: CallbackDeliveries,
        callbacks: str = "",
        *,
        calls_again: bool = False,
    ) -> None:
        """``callbacks``: where merchants are called that named no address, below their account's name; empty: not at
        all. ``calls_again``: the end of an order is called back anew for each resubmission. Raises ``UsageError`` for
        another machine's address.
        """
        self._front = front
        self._service = service
        self._moments = moments
        self._deliveries = deliveries
        self._callbacks = require_loopback(callbacks) if callbacks else ""
        self._calls_again = calls_again
        self._named: RecentDict[tuple[str, str], str] = RecentDict(self.MOST_NAMED)
        """Callback addresses that came with orders, by account and order number. A restart forgets them."""
        service.announced = self._announce

    # What is asked.

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request, whatever it is."""
        asked = self._front.understand(request, self._moments())
        refusal = _refused_address(asked)
        try:
            reply = refusal or await self._reply(asked, request.body)
        except UNREACHABLE_ERRORS:
            reply = PaymentService.UNAVAILABLE
        reply = as_shown(reply)
        answer = self._front.answer(asked, reply, request, self._moments())
        if isinstance(asked, QueryRequest) and refusal is None:
            order_no = reply.order.order_no if isinstance(reply, OrderResponse) else asked.order_no or asked.provider_id
            self._call(asked.account, order_no, asked.callback_url, self._front.later(asked, reply))
        return answer

    async def _reply(self, asked: ProviderRequest, body: bytes) -> ProviderResponse:
        service = self._service
        if isinstance(asked, SubmitRequest):
            if asked.callback_url and asked.callback_url != self._usual(asked.account):
                self._named[asked.account, asked.submission.order_no] = asked.callback_url
            if asked.trigger:
                service.sandbox.pulled[asked.account, asked.submission.order_no] = asked.trigger
            reply = await service.submit(asked.account, asked.submission, body)
            if self._calls_again and isinstance(reply, OrderResponse) and reply.telling in _AGAIN:
                await self._announce_again(asked)
            return reply
        if isinstance(asked, QueryRequest):
            if asked.order_no:
                return await service.query(asked.account, asked.order_no)
            return await service.query_by_id(asked.account, asked.provider_id)
        if isinstance(asked, OrderActionRequest):
            # The service's method has the operation's name.
            action: Callable[[str, str, str], Awaitable[ProviderResponse]] = getattr(service, asked.kind)
            return await action(asked.account, asked.order_no, asked.provider_id)
        if isinstance(asked, RefundRequest):
            return await service.refund(*asked)
        if isinstance(asked, LedgerRequest):
            account = None if asked.of_all else asked.account
            of_order = (asked.order_no, asked.provider_id)
            return await service.movements(account, asked.after, asked.limit, asked.skip, of_order)
        if isinstance(asked, StatementRequest):
            period = (asked.from_s, asked.to_s)
            return await service.statement(asked.account, *period, asked.after, asked.limit, asked.skip)
        if isinstance(asked, ClockRequest):
            until = asked.until_unix_s
            service.sandbox.advance(
                asked.advance_s if until is None else until - service.node.wall.unix_s(), relative=until is None
            )
            return PrerequisiteMet("sandbox_clock")
        return asked.refusal if isinstance(asked, InvalidRequest) else PrerequisiteMet(asked.name)

    # Whom to call.

    def _announce(self, order: ProviderOrder) -> None:
        self._call(order.account, order.order_no, "", self._front.announce(order_as_shown(order)))

    async def _announce_again(self, asked: SubmitRequest) -> None:
        """Call about the end of an order that was sent again. One that has not ended is called about when it has."""
        current = await self._service.query(asked.account, asked.submission.order_no)
        if isinstance(current, OrderResponse) and current.order.ended:
            self._announce(current.order)

    def _usual(self, account: str) -> str:
        return f"{self._callbacks}/{account}" if self._callbacks else ""

    def _call(self, account: str, order_no: str, callback_url: str, calls: list[OutgoingCallback]) -> None:
        address = callback_url or self._named.get((account, order_no)) or self._usual(account)
        if address:
            self._deliveries.send(f"{account}/{order_no}", address, calls)


def _refused_address(asked: ProviderRequest) -> Refusal | None:
    """Of a request that names an address to be called at which is not on this machine."""
    try:
        if isinstance(asked, SubmitRequest | QueryRequest) and asked.callback_url:
            require_loopback(asked.callback_url)
    except UsageError as error:
        return Refusal(RefusalKind.INVALID_REQUEST, str(error).partition("\n")[0])
    return None
