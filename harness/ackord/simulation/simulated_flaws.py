"""Defines simulated providers that are wrong in one known way: at least one for each guarantee.

Each is the correct provider with one seam overridden. Their names, descriptions and the guarantees that must detect
them are in ``ackord.providers.flaws``, with those of the reference provider.
"""

from __future__ import annotations

from ..contract.codec.codec import HttpResponse
from ..core.clock import MS, VirtualClock
from ..core.seed import Seed
from ..errors import UnknownNameError
from .simulated_answers import order_body, problem_body
from .simulated_provider import (
    OPEN,
    WRITE_NS,
    Respond,
    SimulatedMovement,
    SimulatedProvider,
)
from .simulated_standby import Key, SimulatedSubmission, StoredOrder
from .simulated_statement_flaws import SIMULATED_STATEMENT_FLAWS
from .simulated_taking_back import (
    SimulatedCancelledAndPaid,
    SimulatedLateCancelAcknowledged,
    SimulatedRefundLost,
    SimulatedRefundOverAmount,
    SimulatedRefundResubmittedTwice,
    SimulatedRefundsAtOnceBothPass,
)

__all__ = ["SIMULATED_FLAWS", "simulated_provider"]

_NOT_FOUND_CACHED_NS = 80 * MS
_LANDING_NS = 1500 * MS


class SimulatedStandbyReads(SimulatedProvider):
    def find(self, key: Key) -> StoredOrder | None:
        return self.standby.get(key)


class SimulatedStandbyFirst(SimulatedProvider):
    """Visible at once, thanks to the primary; stale from the instant in which the standby has any copy."""

    def find(self, key: Key) -> StoredOrder | None:
        return self.standby.get(key) or self.primary(key)


class SimulatedAlternatingReads(SimulatedProvider):
    """Reads the primary and the standby in turn."""

    reads = 0

    def find(self, key: Key) -> StoredOrder | None:
        self.reads += 1
        return self.primary(key) if self.reads % 2 else self.standby.get(key)


class SimulatedSlowLanding(SimulatedProvider):
    """Makes an accepted order readable only after a delay, in every case."""

    def __init__(self, clock: VirtualClock, seed: Seed) -> None:
        super().__init__(clock, seed)
        self._lands_ns: dict[str, int] = {}

    def store(self, key: Key, account: str, submission: SimulatedSubmission) -> StoredOrder:
        payout = super().store(key, account, submission)
        self._lands_ns[payout.provider_id] = self.clock.now_ns() + _LANDING_NS
        return payout

    def find(self, key: Key) -> StoredOrder | None:
        found = super().find(key)
        return found if found is not None and self.clock.now_ns() >= self._lands_ns[found.provider_id] else None


class SimulatedUnknownIsProcessing(SimulatedProvider):
    def missing(self, key: Key) -> HttpResponse:
        account, order_no = key
        return order_body(
            StoredOrder("po_unknown", key, account, SimulatedSubmission(order_no, 0, "EUR", ""), "PROCESSING"), 200
        )


class SimulatedStandbyDedup(SimulatedProvider):
    def known(self, key: Key) -> StoredOrder | None:
        return self.standby.get(key)


class SimulatedCachedNotFound(SimulatedProvider):
    def __init__(self, clock: VirtualClock, seed: Seed) -> None:
        super().__init__(clock, seed)
        self._cached_until_ns: dict[Key, int] = {}

    def find(self, key: Key) -> StoredOrder | None:
        now_ns = self.clock.now_ns()
        if self._cached_until_ns.get(key, -1) >= now_ns:
            return None
        found = super().find(key)
        if found is None:
            self._cached_until_ns[key] = now_ns + _NOT_FOUND_CACHED_NS
        return found


class SimulatedTimeoutFailed(SimulatedProvider):
    def unknown_outcome(self, payout: StoredOrder) -> None:
        self.advance(payout.provider_id, "FAILED")


class SimulatedStuckAfterTimeout(SimulatedProvider):
    """Never inquires about an outcome that the bank did not report in time."""

    def __init__(self, clock: VirtualClock, seed: Seed) -> None:
        super().__init__(clock, seed)
        self._stuck: set[str] = set()

    def unknown_outcome(self, payout: StoredOrder) -> None:
        self._stuck.add(payout.provider_id)

    def advance(self, provider_id: str, status: str) -> None:
        if provider_id not in self._stuck:
            super().advance(provider_id, status)


class SimulatedUnlandedFailed(SimulatedStandbyReads):
    """Answers 200 with a failed order for what the standby lacks, and a proper 404 for what was never submitted."""

    def missing(self, key: Key) -> HttpResponse:
        payout = self.primary(key)
        return super().missing(key) if payout is None else order_body(payout._replace(status="FAILED"), 200)


class SimulatedNewProviderId(SimulatedProvider):
    def replayed(self, payout: StoredOrder) -> HttpResponse:
        return super().replayed(payout._replace(provider_id=f"{payout.provider_id}-{self.clock.now_ns()}"))


class SimulatedAlteredAccepted(SimulatedProvider):
    def conflicting(self, payout: StoredOrder, submission: SimulatedSubmission) -> HttpResponse:
        return order_body(self.store(payout.key, payout.account, submission), 202)


class SimulatedAlteredLeaks(SimulatedProvider):
    def conflicting(self, payout: StoredOrder, submission: SimulatedSubmission) -> HttpResponse:
        return problem_body(409, "ORDER_CONFLICT", amount=payout.submission.amount, payee=payout.submission.payee)


class SimulatedResubmitReadsFailed(SimulatedProvider):
    def replayed(self, payout: StoredOrder) -> HttpResponse:
        return problem_body(400, "INVALID_REQUEST")


class SimulatedReplayStatusFailed(SimulatedProvider):
    def replayed(self, payout: StoredOrder) -> HttpResponse:
        return super().replayed(payout._replace(status="FAILED") if payout.status in OPEN else payout)


class SimulatedReexecuteTerminal(SimulatedProvider):
    """Rejects a duplicate number only while the order is open."""

    def replayed(self, payout: StoredOrder) -> HttpResponse:
        if payout.status in OPEN:
            return super().replayed(payout)
        return order_body(self.store(payout.key, payout.account, payout.submission), 202)


class SimulatedCheckThenInsert(SimulatedProvider):
    """Looks up duplicates first and inserts later, without a unique key in between."""

    def accept(self, account: str, submission: SimulatedSubmission, respond: Respond) -> None:
        found = self.known(self.key(account, submission.order_no))
        self.clock.call_later(WRITE_NS, lambda: respond(self.submit(account, submission, found)))


class SimulatedLateSuccess(SimulatedProvider):
    """Writes the bank's second confirmation over any status."""

    def advance(self, provider_id: str, status: str) -> None:
        if status == "PAID":
            self.write(provider_id, status)
        else:
            super().advance(provider_id, status)


class SimulatedKeyUnscoped(SimulatedProvider):
    def key(self, account: str, order_no: str) -> Key:
        return "", order_no


class SimulatedTransientCached(SimulatedProvider):
    """Stores the transient refusal as the number's final answer."""

    def turned_away(self, key: Key, submission: SimulatedSubmission) -> HttpResponse | None:
        return self.BUSY if key in self.was_busy else super().turned_away(key, submission)


class _SimulatedForSome(SimulatedProvider):
    """Goes wrong for a quarter of the amounts."""

    def goes_wrong(self, submission: SimulatedSubmission) -> bool:
        return not self.seed.bits("goes-wrong", submission.amount) % 4


class SimulatedPaidTenfold(SimulatedProvider):
    def book(self, movement: SimulatedMovement) -> None:
        super().book(movement._replace(amount=movement.amount * 10))


class SimulatedFeeTakenFromPayout(SimulatedProvider):
    def book(self, movement: SimulatedMovement) -> None:
        super().book(movement._replace(amount=movement.amount - max(1, movement.amount // 100)))


class SimulatedPaidByAnotherAccount(SimulatedProvider):
    def book(self, movement: SimulatedMovement) -> None:
        super().book(movement._replace(account="main" if movement.account == "other" else "other"))


class SimulatedSucceededUnpaid(_SimulatedForSome):
    def move(self, payout: StoredOrder, kind: str) -> None:
        if not self.goes_wrong(payout.submission):
            super().move(payout, kind)


class SimulatedRefusedAndPaid(_SimulatedForSome):
    def submit(self, account: str, submission: SimulatedSubmission, found: StoredOrder | None) -> HttpResponse:
        answer = super().submit(account, submission, found)
        return problem_body(400, "INVALID_REQUEST") if self.goes_wrong(submission) and answer.status < 300 else answer


class SimulatedFailedAndPaid(_SimulatedForSome):
    def advance(self, provider_id: str, status: str) -> None:
        wrong = status == "PAID" and self.goes_wrong(self.payouts[provider_id].submission)
        super().advance(provider_id, "FAILED" if wrong else status)


class SimulatedPaidUnderCutNumber(SimulatedProvider):
    def book(self, movement: SimulatedMovement) -> None:
        super().book(movement._replace(order_no=movement.order_no[:-1]))


class SimulatedAnotherIdShown(SimulatedProvider):
    def find(self, key: Key) -> StoredOrder | None:
        found = super().find(key)
        return None if found is None else found._replace(provider_id=found.provider_id.replace("po_", "tr_"))


class SimulatedIdByNode(SimulatedProvider):
    """Shows the identifier of the node that answers; two nodes answer in turn."""

    reads = 0

    def find(self, key: Key) -> StoredOrder | None:
        found = super().find(key)
        self.reads += 1
        return None if found is None else found._replace(provider_id=f"{found.provider_id}-{'ab'[self.reads % 2]}")


class SimulatedAmountShownWrong(SimulatedProvider):
    def find(self, key: Key) -> StoredOrder | None:
        found = super().find(key)
        if found is None:
            return None
        return found._replace(submission=found.submission._replace(amount=found.submission.amount // 10))


class SimulatedNumberBurnt(SimulatedProvider):
    """Takes a number whose first delivery met the transient refusal for one that has failed."""

    BURNT = problem_body(400, "ALREADY_FAILED")

    def turned_away(self, key: Key, submission: SimulatedSubmission) -> HttpResponse | None:
        return self.BURNT if key in self.was_busy else super().turned_away(key, submission)


class SimulatedNumberLocked(SimulatedProvider):
    """Never releases the lock of a number whose first delivery met the transient refusal."""

    LOCKED = problem_body(409, "IN_PROGRESS")

    def turned_away(self, key: Key, submission: SimulatedSubmission) -> HttpResponse | None:
        return self.LOCKED if key in self.was_busy else super().turned_away(key, submission)


SIMULATED_FLAWS: dict[str, type[SimulatedProvider]] = {
    "standby-reads": SimulatedStandbyReads,
    "standby-first": SimulatedStandbyFirst,
    "alternating-reads": SimulatedAlternatingReads,
    "unlanded-failed": SimulatedUnlandedFailed,
    "cached-not-found": SimulatedCachedNotFound,
    "key-unscoped": SimulatedKeyUnscoped,
    "unknown-is-processing": SimulatedUnknownIsProcessing,
    "slow-landing": SimulatedSlowLanding,
    "standby-dedup": SimulatedStandbyDedup,
    "check-then-insert": SimulatedCheckThenInsert,
    "new-provider-id": SimulatedNewProviderId,
    "altered-accepted": SimulatedAlteredAccepted,
    "altered-leaks": SimulatedAlteredLeaks,
    "resubmit-reads-failed": SimulatedResubmitReadsFailed,
    "replay-status-failed": SimulatedReplayStatusFailed,
    "reexecute-terminal": SimulatedReexecuteTerminal,
    "transient-cached": SimulatedTransientCached,
    "number-burnt": SimulatedNumberBurnt,
    "number-locked": SimulatedNumberLocked,
    "timeout-failed": SimulatedTimeoutFailed,
    "stuck-after-timeout": SimulatedStuckAfterTimeout,
    "late-success": SimulatedLateSuccess,
    "paid-tenfold": SimulatedPaidTenfold,
    "fee-taken-from-payout": SimulatedFeeTakenFromPayout,
    "id-by-node": SimulatedIdByNode,
    "paid-by-another-account": SimulatedPaidByAnotherAccount,
    "succeeded-unpaid": SimulatedSucceededUnpaid,
    "refused-and-paid": SimulatedRefusedAndPaid,
    "failed-and-paid": SimulatedFailedAndPaid,
    "paid-under-cut-number": SimulatedPaidUnderCutNumber,
    "another-id-shown": SimulatedAnotherIdShown,
    "amount-shown-wrong": SimulatedAmountShownWrong,
    "cancelled-and-paid": SimulatedCancelledAndPaid,
    "late-cancel-acknowledged": SimulatedLateCancelAcknowledged,
    "refund-resubmitted-twice": SimulatedRefundResubmittedTwice,
    "refund-over-amount": SimulatedRefundOverAmount,
    "refunds-at-once-both-pass": SimulatedRefundsAtOnceBothPass,
    "refund-lost": SimulatedRefundLost,
    **SIMULATED_STATEMENT_FLAWS,
}


def simulated_provider(clock: VirtualClock, seed: Seed, flaw: str = "") -> SimulatedProvider:
    """Return the correct provider, or the one with the ``flaw``. Raises ``UnknownNameError``."""
    if not flaw:
        return SimulatedProvider(clock, seed)
    if flaw not in SIMULATED_FLAWS:
        raise UnknownNameError("simulated flaw", flaw, SIMULATED_FLAWS)
    return SIMULATED_FLAWS[flaw](clock, seed)
