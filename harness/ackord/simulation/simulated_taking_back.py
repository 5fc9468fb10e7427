"""Defines simulated providers that are wrong in taking orders back, or in giving money back."""

from __future__ import annotations

from ..contract.codec.codec import HttpResponse
from .simulated_answers import SimulatedRefund
from .simulated_provider import WRITE_NS, Respond, SimulatedProvider
from .simulated_standby import Key, StoredOrder

__all__ = [
    "SimulatedCancelledAndPaid",
    "SimulatedLateCancelAcknowledged",
    "SimulatedRefundLost",
    "SimulatedRefundOverAmount",
    "SimulatedRefundResubmittedTwice",
    "SimulatedRefundsAtOnceBothPass",
]


class SimulatedCancelledAndPaid(SimulatedProvider):
    """Writes CANCELLED, and stops nothing."""

    def taken_back(self, payout: StoredOrder) -> bool:
        open_before = self.payouts[payout.provider_id].status == "ACCEPTED"
        if open_before:
            self.clock.call_later(WRITE_NS, lambda: self.move(payout, "payout"))
        return super().taken_back(payout)


class SimulatedLateCancelAcknowledged(SimulatedProvider):
    def taken_back(self, payout: StoredOrder) -> bool:
        super().taken_back(payout)
        return True


class SimulatedRefundResubmittedTwice(SimulatedProvider):
    """Makes every refund that still fits, whatever its number."""

    def refunded(self, key: Key, wanted: SimulatedRefund) -> HttpResponse:
        if not wanted.provider_id or wanted.amount > self.left(wanted.provider_id):
            return super().refunded(key, wanted)
        return self.book_refund(key, wanted)


class SimulatedRefundOverAmount(SimulatedProvider):
    """Compares nothing with what was paid."""

    def left(self, provider_id: str) -> int:
        payout = self.payouts.get(provider_id)
        return 10**12 if payout is not None and payout.status == "PAID" else 0


class SimulatedRefundsAtOnceBothPass(SimulatedProvider):
    """Looks up what is left first, and stores the refund later."""

    def refund(self, key: Key, wanted: SimulatedRefund, respond: Respond) -> None:
        account, _ = key
        new = bool(wanted.provider_id) and (account, wanted.refund_no) not in self.refunds
        fits = new and wanted.amount <= self.left(wanted.provider_id)

        def stored() -> HttpResponse:
            passes = fits and (account, wanted.refund_no) not in self.refunds
            return self.book_refund(key, wanted) if passes else self.refunded(key, wanted)

        self.clock.call_later(WRITE_NS, lambda: respond(stored()))


class SimulatedRefundLost(SimulatedProvider):
    """Loses one refund in four on the way to the bank."""

    def give_back(self, refund: SimulatedRefund) -> None:
        if self.seed.bits("refund-lost", refund.refund_no) % 4:
            super().give_back(refund)
