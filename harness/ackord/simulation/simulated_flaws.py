"""Simulated providers that are wrong in one known way: at least one for each guarantee.

Each is the correct provider with one seam overridden. Their names, stories and the guarantees that must catch them stand in
``ackord.providers.flaws``, where the reference provider's are.
"""

from __future__ import annotations

from ..contract.codec.codec import WireAnswer
from ..core.clock import MS, VirtualClock
from ..core.seed import Seed
from ..errors import UnknownNameError
from .simulated import OPEN, WRITE_NS, Respond, SimulatedProvider, problem, shown
from .simulated_standby import Key, Payout, Submission

__all__ = ["SIMULATED_FLAWS", "simulated_provider"]

_NOT_FOUND_CACHED_NS = 80 * MS
_LANDING_NS = 1500 * MS


class StandbyReads(SimulatedProvider):
    def find(self, key: Key) -> Payout | None:
        return self.standby.get(key)


class StandbyFirst(SimulatedProvider):
    """Visible at once, thanks to the primary; stale from the instant in which the standby has any copy."""

    def find(self, key: Key) -> Payout | None:
        return self.standby.get(key) or self.primary(key)


class AlternatingReads(SimulatedProvider):
    """Primary and standby are read in turn."""

    reads = 0

    def find(self, key: Key) -> Payout | None:
        self.reads += 1
        return self.primary(key) if self.reads % 2 else self.standby.get(key)


class SlowLanding(SimulatedProvider):
    """What was accepted is readable only later, whatever happens."""

    def __init__(self, clock: VirtualClock, seed: Seed) -> None:
        super().__init__(clock, seed)
        self._lands_ns: dict[str, int] = {}

    def store(self, key: Key, account: str, submission: Submission) -> Payout:
        payout = super().store(key, account, submission)
        self._lands_ns[payout.provider_id] = self.clock.now_ns() + _LANDING_NS
        return payout

    def find(self, key: Key) -> Payout | None:
        found = super().find(key)
        return found if found is not None and self.clock.now_ns() >= self._lands_ns[found.provider_id] else None


class UnknownIsProcessing(SimulatedProvider):
    def missing(self, key: Key) -> WireAnswer:
        account, order_no = key
        return shown(Payout("po_unknown", key, account, Submission(order_no, 0, "EUR", ""), "PROCESSING"), 200)


class StandbyDedup(SimulatedProvider):
    def known(self, key: Key) -> Payout | None:
        return self.standby.get(key)


class CachedNotFound(SimulatedProvider):
    def __init__(self, clock: VirtualClock, seed: Seed) -> None:
        super().__init__(clock, seed)
        self._cached_until_ns: dict[Key, int] = {}

    def find(self, key: Key) -> Payout | None:
        now_ns = self.clock.now_ns()
        if self._cached_until_ns.get(key, -1) >= now_ns:
            return None
        found = super().find(key)
        if found is None:
            self._cached_until_ns[key] = now_ns + _NOT_FOUND_CACHED_NS
        return found


class TimeoutFailed(SimulatedProvider):
    def unknown_outcome(self, payout: Payout) -> None:
        self.advance(payout.provider_id, "FAILED")


class StuckAfterTimeout(SimulatedProvider):
    """An outcome that the bank did not tell in time is never asked for."""

    def __init__(self, clock: VirtualClock, seed: Seed) -> None:
        super().__init__(clock, seed)
        self._stuck: set[str] = set()

    def unknown_outcome(self, payout: Payout) -> None:
        self._stuck.add(payout.provider_id)

    def advance(self, provider_id: str, status: str) -> None:
        if provider_id not in self._stuck:
            super().advance(provider_id, status)


class UnlandedFailed(StandbyReads):
    """What the standby does not have yet is answered 200 with a failure in the body; what was never submitted, cleanly."""

    def missing(self, key: Key) -> WireAnswer:
        payout = self.primary(key)
        return super().missing(key) if payout is None else shown(payout._replace(status="FAILED"), 200)


class NewProviderId(SimulatedProvider):
    def replayed(self, payout: Payout) -> WireAnswer:
        return super().replayed(payout._replace(provider_id=f"{payout.provider_id}-{self.clock.now_ns()}"))


class AlteredAccepted(SimulatedProvider):
    def conflicting(self, payout: Payout, submission: Submission) -> WireAnswer:
        return shown(self.store(payout.key, payout.account, submission), 202)


class AlteredLeaks(SimulatedProvider):
    def conflicting(self, payout: Payout, submission: Submission) -> WireAnswer:
        return problem(409, "ORDER_CONFLICT", amount=payout.submission.amount, payee=payout.submission.payee)


class ResubmitReadsFailed(SimulatedProvider):
    def replayed(self, payout: Payout) -> WireAnswer:
        return problem(400, "INVALID_REQUEST")


class ReplayStatusFailed(SimulatedProvider):
    def replayed(self, payout: Payout) -> WireAnswer:
        return super().replayed(payout._replace(status="FAILED") if payout.status in OPEN else payout)


class ReexecuteTerminal(SimulatedProvider):
    """Numbers are only guarded while the order is open."""

    def replayed(self, payout: Payout) -> WireAnswer:
        if payout.status in OPEN:
            return super().replayed(payout)
        return shown(self.store(payout.key, payout.account, payout.submission), 202)


class CheckThenInsert(SimulatedProvider):
    """The look comes first and the insert later, and no unique key stands between them."""

    def accept(self, account: str, submission: Submission, respond: Respond) -> None:
        found = self.known(self.key(account, submission.order_no))
        self.clock.call_later(WRITE_NS, lambda: respond(self.submit(account, submission, found)))


class LateSuccess(SimulatedProvider):
    """The bank's second confirmation is written over whatever stands there."""

    def advance(self, provider_id: str, status: str) -> None:
        if status == "PAID":
            self.write(provider_id, status)
        else:
            super().advance(provider_id, status)


class KeyUnscoped(SimulatedProvider):
    def key(self, account: str, order_no: str) -> Key:
        return "", order_no


class TransientCached(SimulatedProvider):
    """The transient refusal is stored as the number's answer."""

    def turned_away(self, key: Key, submission: Submission) -> WireAnswer | None:
        return self.BUSY if key in self.was_busy else super().turned_away(key, submission)


SIMULATED_FLAWS: dict[str, type[SimulatedProvider]] = {
    "standby-reads": StandbyReads,
    "standby-first": StandbyFirst,
    "alternating-reads": AlternatingReads,
    "unlanded-failed": UnlandedFailed,
    "cached-not-found": CachedNotFound,
    "key-unscoped": KeyUnscoped,
    "unknown-is-processing": UnknownIsProcessing,
    "slow-landing": SlowLanding,
    "standby-dedup": StandbyDedup,
    "check-then-insert": CheckThenInsert,
    "new-provider-id": NewProviderId,
    "altered-accepted": AlteredAccepted,
    "altered-leaks": AlteredLeaks,
    "resubmit-reads-failed": ResubmitReadsFailed,
    "replay-status-failed": ReplayStatusFailed,
    "reexecute-terminal": ReexecuteTerminal,
    "transient-cached": TransientCached,
    "timeout-failed": TimeoutFailed,
    "stuck-after-timeout": StuckAfterTimeout,
    "late-success": LateSuccess,
}


def simulated_provider(clock: VirtualClock, seed: Seed, flaw: str = "") -> SimulatedProvider:
    """The correct provider, or the one with the ``flaw``. Raises ``UnknownNameError``."""
    if not flaw:
        return SimulatedProvider(clock, seed)
    if flaw not in SIMULATED_FLAWS:
        raise UnknownNameError("simulated flaw", flaw, SIMULATED_FLAWS)
    return SIMULATED_FLAWS[flaw](clock, seed)
