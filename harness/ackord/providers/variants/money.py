"""Implement flaws of the money itself: what the bank is told, and what queries show of it."""

from __future__ import annotations

from ...contract.emulate.domain_responses import (
    OrderResponse,
    ProviderOrder,
    ProviderResponse,
    ReceivedOrder,
    Refusal,
    RefusalKind,
)
from ..service.bank_channel import BankOutcome
from ..service.payment_service import PaymentService
from .base import variant

__all__: list[str] = []

_SHARE = 0.25


class _ForSome(PaymentService):
    """Go wrong for a share of the orders, the same ones for the same seed."""

    def _goes_wrong(self, order: ProviderOrder | ReceivedOrder) -> bool:
        return self.node.seed.hits(_SHARE, "goes-wrong", self.channel.subject(order))


@variant("paid-tenfold")
class PaidTenfold(PaymentService):
    async def instruct(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        return await super().instruct(order._replace(amount=order.amount * 10), attempt)


@variant("fee-taken-from-payout")
class FeeTakenFromPayout(PaymentService):
    async def instruct(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        return await super().instruct(order._replace(amount=order.amount - max(1, order.amount // 100)), attempt)


@variant("paid-by-another-account")
class PaidByAnotherAccount(PaymentService):
    async def instruct(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        payer = "main" if order.account == "other" else "other"
        return await super().instruct(order._replace(account=payer), attempt)


@variant("succeeded-unpaid")
class SucceededUnpaid(_ForSome):
    async def instruct(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        return BankOutcome.PAID if self._goes_wrong(order) else await super().instruct(order, attempt)

    def comes_back(self, order: ProviderOrder) -> bool:
        return super().comes_back(order) and not self._goes_wrong(order)


@variant("refused-and-paid")
class RefusedAndPaid(_ForSome):
    async def submit(self, account: str, submission: ReceivedOrder, body: bytes = b"") -> ProviderResponse:
        reply = await super().submit(account, submission, body)
        if isinstance(reply, OrderResponse) and self._goes_wrong(submission):
            return Refusal(RefusalKind.REJECTED, "The payee failed a check.")
        return reply


@variant("failed-and-paid")
class FailedAndPaid(_ForSome):
    async def conclude(self, order: ProviderOrder, outcome: BankOutcome) -> None:
        if outcome is BankOutcome.PAID and self._goes_wrong(order):
            await self.advance(order, "FAILED")
        else:
            await super().conclude(order, outcome)


@variant("paid-under-cut-number")
class PaidUnderCutNumber(PaymentService):
    async def instruct(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        return await super().instruct(order._replace(order_no=order.order_no[:-1]), attempt)


class _OtherIdShown(PaymentService):
    """Answer queries with another identifier than the acknowledgement, also a query by the acknowledged one."""

    def other_id(self, provider_id: str) -> str:
        raise NotImplementedError

    async def query(self, account: str, order_no: str) -> ProviderResponse:
        return self._shown(await super().query(account, order_no))

    async def query_by_id(self, account: str, provider_id: str) -> ProviderResponse:
        return self._shown(await super().query_by_id(account, provider_id))

    def _shown(self, response: ProviderResponse) -> ProviderResponse:
        if not isinstance(response, OrderResponse):
            return response
        order = response.order
        return response._replace(order=order._replace(provider_id=self.other_id(order.provider_id)))


@variant("another-id-shown")
class AnotherIdShown(_OtherIdShown):
    def other_id(self, provider_id: str) -> str:
        return f"tr_{provider_id[3:]}"


@variant("id-by-node")
class IdByNode(_OtherIdShown):
    def other_id(self, provider_id: str) -> str:
        return f"{provider_id}-{self.node.name.lower()}"


@variant("amount-shown-wrong")
class AmountShownWrong(PaymentService):
    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        order = await super().find(account, order_no)
        return None if order is None else order._replace(amount=order.amount // 10)
