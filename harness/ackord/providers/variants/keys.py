"""Implement flaws of keys and of what tells payloads apart."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ...contract.emulate.domain_responses import ProviderOrder, ReceivedOrder
from ..service.node_identity import NodeIdentity
from ..service.payment_service import PaymentService
from .base import variant


class _OfOtherForms(PaymentService):
    only_live = "it shows by requests and keys of another form, which the order machine does not send"


@variant("bytes-compared")
class BytesCompared(_OfOtherForms):
    """Compare the bytes of requests; whatever differs is another payload."""

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node._replace(behavior=replace(node.behavior, bytes_count=True)))


@variant("key-truncated")
class KeyTruncated(_OfOtherForms):
    """Cut a key off at the width of its column, without a word."""

    WIDTH = 40

    def key_of(self, order_no: str) -> str:
        return order_no[: self.WIDTH]


@variant("key-case-folded")
class KeyCaseFolded(_OfOtherForms):
    def key_of(self, order_no: str) -> str:
        return order_no.lower()


@variant("empty-key-shared")
class EmptyKeyShared(_OfOtherForms):
    """Take the empty key for a key like any other."""

    def key_of(self, order_no: str) -> str:
        return order_no or "no-order-number"


@variant("second-payload-wins")
class SecondPayloadWins(PaymentService):
    """Keep what arrives for a number while its first order is being checked, and store what came last."""

    CHECKS_S = 0.008
    """What happens before an order is stored: limits, sanctions lists."""

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node)
        self._latest: dict[tuple[str, str], ReceivedOrder] = {}
        self._checks: dict[tuple[str, str], asyncio.Future[tuple[ProviderOrder, bool]]] = {}

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        key = (account, submission.order_no)
        self._latest[key] = submission
        if (under_way := self._checks.get(key)) is not None:
            order, _ = await asyncio.shield(under_way)
            return order, False
        self._checks[key] = under_way = asyncio.ensure_future(self._check_and_place(account, submission))
        try:
            return await asyncio.shield(under_way)
        finally:
            del self._checks[key], self._latest[key]

    async def _check_and_place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        await asyncio.sleep(self.CHECKS_S)
        return await super().place(account, self._latest[account, submission.order_no])
