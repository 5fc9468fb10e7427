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

    def _goes_wrong(self, order_no: str) -> bool:
        return self.node.seed.hits(_SHARE, "goes-wrong", order_no)


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
        return BankOutcome.PAID if self._goes_wrong(order.order_no) else await super().instruct(order, attempt)

    def comes_back(self, order: ProviderOrder) -> bool:
        return super().comes_back(order) and not self._goes_wrong(order.order_no)


@variant("refused-and-paid")
class RefusedAndPaid(_ForSome):
    async def submit(self, account: str, submission: ReceivedOrder, body: bytes = b"") -> ProviderResponse:
        reply = await super().submit(account, submission, body)
        if isinstance(reply, OrderResponse) and self._goes_wrong(submission.order_no):
            return Refusal(RefusalKind.REJECTED, "The payee failed a check.")
        return reply


@variant("failed-and-paid")
class FailedAndPaid(_ForSome):
    async def conclude(self, order: ProviderOrder, outcome: BankOutcome) -> None:
        if outcome is BankOutcome.PAID and self._goes_wrong(order.order_no):
            await self.advance(order, "FAILED")
        else:
            await super().conclude(order, outcome)


@variant("paid-under-cut-number")
class PaidUnderCutNumber(PaymentService):
    async def instruct(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        return await super().instruct(order._replace(order_no=order.order_no[:-1]), attempt)


@variant("another-id-shown")
class AnotherIdShown(PaymentService):
    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        order = await super().find(account, order_no)
        return None if order is None else order._replace(provider_id=f"tr_{order.provider_id[3:]}")


@variant("id-by-node")
class IdByNode(PaymentService):
    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        order = await super().find(account, order_no)
        return None if order is None else order._replace(provider_id=f"{order.provider_id}-{self.node.name.lower()}")


@variant("amount-shown-wrong")
class AmountShownWrong(PaymentService):
    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        order = await super().find(account, order_no)
        return None if order is None else order._replace(amount=order.amount // 10)
