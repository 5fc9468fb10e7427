"""Indexes what an order's answers say of its status, in one pass, for the guarantees about statuses.

One pass, because all guarantees ask about the same answers and a run has hundreds of thousands of them. But for
``submits``, only completed answers are here: an indeterminate exchange says nothing. A state of rank 0 or less
(NOT_FOUND, UNKNOWN) is not a state here; not-found answers have a list of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from .exchange import Exchange
from .operation import Observation, OperationKind, acknowledges, knows
from .payment_state import NO_MONEY, RANK, TERMINAL, PaymentState

__all__ = ["StatusIndex"]


class StatusIndex:
    """The owner's answers about the order, sorted by the begin of their requests."""

    __slots__ = (
        "acked_ns",
        "acks",
        "altered",
        "attempts",
        "doubted",
        "first_seen_ns",
        "first_state_ns",
        "first_terminal_ns",
        "known",
        "known_ns",
        "missing",
        "monotone",
        "no_money",
        "own",
        "read_begins",
        "refusals",
        "state_begins",
        "states",
        "submits",
        "terminals",
        "working",
    )

    def __init__(self, exchanges: list[Exchange], fingerprint: str) -> None:
        self.submits: list[Exchange] = []
        """Submits and resubmits, of any payload, answered or not, copies included."""
        self.attempts: list[Exchange] = self.submits
        """Those of the merchant whose answers count: no copies, and no originals that met a copy of theirs."""
        self.own: list[Exchange] = []
        """Attempts of the original payload that got an answer."""
        self.doubted = False
        """Whether one of these was neither acknowledged nor answered with a status."""
        self.altered = False
        """Whether the merchant sent another payload, too."""
        self.acks: list[Exchange] = []
        """Acknowledgements of the original payload, by the instant in which they were complete."""
        self.states: list[Exchange] = []
        """Queries that showed the order, answers to cancels that did, and acknowledgements of its payload, with a state
        of rank 1 or more."""
        self.state_begins: list[int] = []
        self.read_begins: list[int] = []
        """When each query that was answered STATUS or NOT_FOUND began."""
        self.missing: list[Exchange] = []
        """Queries that were answered NOT_FOUND."""
        self.refusals: list[Exchange] = []
        """Submits and resubmits of the original payload that were answered REJECTED."""
        self.working: list[Exchange] = []
        """Queries that were answered IN_PROGRESS."""
        self.terminals: set[PaymentState] = set()
        claims: list[Exchange] = []
        copies: list[Exchange] = []
        self.monotone = self._gather(exchanges, fingerprint, claims, copies)
        """Whether ranks never decrease in the order of begins. If so, no regression is possible."""
        self.no_money = not self.terminals.isdisjoint(NO_MONEY)
        """Whether some state says that no money moves."""
        if copies:
            claims = self._leave_out_replays(copies, claims)
        if len(self.acks) > 1:
            self.acks.sort(key=_completed)
        self.acked_ns = self.acks[0].complete_ns if self.acks else None
        """The instant of the first acknowledgement."""
        self.known = self.acks[0] if self.acks else None
        """The first answer that is the provider's word that it has the order: it was acknowledged, or called
        DUPLICATE or IN_PROGRESS."""
        self.known_ns = self.acked_ns
        """The instant of that answer."""
        for claim in sorted(claims, key=_completed):
            if self.known_ns is not None and _completed(claim) >= self.known_ns:
                break
            if self._binds(claim, fingerprint):
                self.known, self.known_ns = claim, claim.complete_ns
                break
        query = OperationKind.QUERY
        self.first_seen_ns = _earliest(self.states, lambda x: x.kind is query) if self.read_begins else None
        """When the first query that showed the order was complete."""
        self.first_state_ns = _earliest(self.states)
        """When the first of ``states`` was complete."""
        self.first_terminal_ns = _earliest(self.states, lambda x: x.state in TERMINAL) if self.terminals else None
        """When the first terminal state was complete."""

    def _gather(
        self, exchanges: list[Exchange], fingerprint: str, claims: list[Exchange], copies: list[Exchange]
    ) -> bool:
        # It runs once for every exchange of a run, so it reads fields by position and keeps all in local variables.
        query, submit, resubmit = OperationKind.QUERY, OperationKind.SUBMIT, OperationKind.RESUBMIT
        status, not_found = Observation.STATUS, Observation.NOT_FOUND
        cancel, shows = OperationKind.CANCEL, (status, Observation.ACK)
        in_progress = Observation.IN_PROGRESS
        add_state, add_begin, add_read = self.states.append, self.state_begins.append, self.read_begins.append
        last: PaymentState | None = None
        monotone, last_rank = True, 0
        for x in exchanges:
            kind = x[2]
            if x[1]:
                if kind is submit or kind is resubmit:
                    self.submits.append(x)
                    copies.append(x)
                continue
            if kind is query:
                observation = x[8]
                if observation is status:
                    add_read(begin_ns := x[6])
                else:
                    if observation is not_found:
                        add_read(x[6])
                        self.missing.append(x)
                    elif observation is in_progress:
                        self.working.append(x)
                        claims.append(x)
                    continue
            elif kind is submit or kind is resubmit:
                if not self._add_submit(x, fingerprint, claims):
                    continue
                begin_ns = x[6]
            elif kind is cancel and x[8] in shows:
                begin_ns = x[6]
            else:
                continue
            state = x[9]
            if state is not last:
                rank = RANK[state]
                if rank < 1:
                    continue
                monotone = monotone and rank >= last_rank
                if state in TERMINAL:
                    self.terminals.add(state)
                last, last_rank = state, rank
            add_state(x)
            add_begin(begin_ns)
        return monotone

    def _add_submit(self, x: Exchange, fingerprint: str, claims: list[Exchange]) -> bool:
        """Add a submit that is no copy. Return whether its answer may carry a state of the order."""
        self.submits.append(x)
        if x[13] != fingerprint:
            self.altered = True
            return False
        if x[7] is not None:
            self.own.append(x)
        kind, observation = x[2], x[8]
        if acknowledges(kind, observation):
            self.acks.append(x)
            return True
        if observation is Observation.STATUS:
            return True
        self.doubted = True
        if observation is Observation.REJECTED:
            self.refusals.append(x)
        elif knows(kind, observation):
            claims.append(x)
        return False

    def _leave_out_replays(self, copies: list[Exchange], claims: list[Exchange]) -> list[Exchange]:
        """Leave out the answers that may be about a copy instead of the original; return the ``claims`` that stay."""
        sent_ns: dict[int, int] = {}
        for copy in copies:
            sent_ns.setdefault(copy.op, copy.begin_ns)
        accepted = (Observation.ACK, Observation.STATUS)

        def counts(x: Exchange) -> bool:
            if x.copy:
                return False
            met = x.op in sent_ns and (x.complete_ns is None or sent_ns[x.op] <= x.complete_ns)
            return not met or x.observation in accepted

        self.attempts = [x for x in self.submits if counts(x)]
        self.own = [x for x in self.own if counts(x)]
        self.refusals = [x for x in self.refusals if counts(x)]
        return [x for x in claims if counts(x)]

    def _binds(self, claim: Exchange, fingerprint: str) -> bool:
        """Return whether DUPLICATE or IN_PROGRESS proves that the provider has the order from then on.

        IN_PROGRESS speaks of an attempt that still has to succeed. It proves nothing if an attempt that was in flight
        may have failed, or if the payload was refused for good later.
        """
        if claim.observation is Observation.DUPLICATE:
            return True
        decided = (Observation.ACK, Observation.STATUS, Observation.DUPLICATE, Observation.IN_PROGRESS)
        for x in self.submits:
            if x is claim or x.fingerprint != fingerprint or x.observation in decided:
                continue
            if x.complete_ns is None:
                failed = x.begin_ns <= _completed(claim)
            elif x.observation is Observation.REJECTED:
                failed = x.complete_ns >= claim.begin_ns
            else:
                failed = x.begin_ns <= _completed(claim) and x.complete_ns >= claim.begin_ns
            if failed:
                return False
        return True


def _completed(x: Exchange) -> int:
    return x.complete_ns or 0


def _earliest(xs: list[Exchange], counts: Callable[[Exchange], bool] | None = None) -> int | None:
    """Return when the first matching exchange was complete. Exchanges are sorted by begin, so the search can stop
    early.
    """
    earliest: int | None = None
    for x in xs:
        if earliest is not None and x[6] >= earliest:
            break
        if counts is None or counts(x):
            complete_ns = x[7]
            if complete_ns is not None and (earliest is None or complete_ns < earliest):
                earliest = complete_ns
    return earliest
