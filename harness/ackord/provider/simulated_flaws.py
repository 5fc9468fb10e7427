"""Simulated providers that are wrong in one known way: the simulation's own shelf, with the names of ``ackord.provider.flaws``.

Each is the correct provider with one seam overridden. ``CAUGHT_BY`` names the guarantee that the flaw breaks.
"""

from __future__ import annotations

from ..contract.codec import WireAnswer
from ..core.clock import MS, VirtualClock
from ..core.seed import Seed
from ..errors import UnknownNameError
from .simulated import WRITE_NS, Respond, SimulatedProvider, shown
from .simulated_standby import Key, Payout, Submission

__all__ = ["CAUGHT_BY", "SIMULATED_FLAWS", "simulated_provider"]

_NOT_FOUND_CACHED_NS = 80 * MS


class StandbyReads(SimulatedProvider):
    def find(self, key: Key) -> Payout | None:
        return self.standby.get(key)


class StandbyFirst(SimulatedProvider):
    """Visible at once, thanks to the primary; stale from the instant in which the standby has any copy."""

    def find(self, key: Key) -> Payout | None:
        return self.standby.get(key) or self.primary(key)


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


class AlteredLeaksFirst(SimulatedProvider):
    """The altered payload is taken for a repetition, and the first one's answer is given."""

    def conflicting(self, payout: Payout, submission: Submission) -> WireAnswer:
        return self.replayed(payout)


class ReexecuteTerminal(SimulatedProvider):
    """Numbers are only guarded while the order is open."""

    def replayed(self, payout: Payout) -> WireAnswer:
        if payout.status in ("ACCEPTED", "PROCESSING"):
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


class ErrorCached(SimulatedProvider):
    """The transient refusal is stored as the number's answer."""

    def turned_away(self, key: Key, submission: Submission) -> WireAnswer | None:
        return self.BUSY if key in self.was_busy else super().turned_away(key, submission)


SIMULATED_FLAWS: dict[str, type[SimulatedProvider]] = {
    "standby-reads": StandbyReads,
    "standby-first": StandbyFirst,
    "standby-dedup": StandbyDedup,
    "cached-not-found": CachedNotFound,
    "timeout-failed": TimeoutFailed,
    "unlanded-failed": UnlandedFailed,
    "new-provider-id": NewProviderId,
    "altered-accepted": AlteredAccepted,
    "altered-leaks-first": AlteredLeaksFirst,
    "reexecute-terminal": ReexecuteTerminal,
    "check-then-insert": CheckThenInsert,
    "late-success": LateSuccess,
    "key-unscoped": KeyUnscoped,
    "error-cached": ErrorCached,
}

CAUGHT_BY = {
    "standby-reads": "acknowledged-order-visible",
    "standby-first": "status-never-regresses",
    "standby-dedup": "resubmission-moves-money-once",
    "cached-not-found": "acknowledged-order-visible",
    "timeout-failed": "acknowledged-order-not-failed",
    "unlanded-failed": "acknowledged-order-not-failed",
    "new-provider-id": "resubmission-same-order",
    "altered-accepted": "conflicting-resubmission-refused",
    "altered-leaks-first": "conflicting-resubmission-refused",
    "reexecute-terminal": "resubmission-after-terminal",
    "check-then-insert": "concurrent-duplicates-collapse",
    "late-success": "terminal-status-final",
    "key-unscoped": "key-scope-respected",
    "error-cached": "errors-not-replayed",
}


def simulated_provider(clock: VirtualClock, seed: Seed, flaw: str = "") -> SimulatedProvider:
    """The correct provider, or the one with the ``flaw``. Raises ``UnknownNameError``."""
    if not flaw:
        return SimulatedProvider(clock, seed)
    if flaw not in SIMULATED_FLAWS:
        raise UnknownNameError("simulated flaw", flaw, SIMULATED_FLAWS)
    return SIMULATED_FLAWS[flaw](clock, seed)
