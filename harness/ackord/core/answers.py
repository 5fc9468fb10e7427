"""What an order's answers say of its status, gathered in one pass: the ground that the status guarantees share.

One pass, because five guarantees ask about the same answers and a run has hundreds of thousands of them. Only completed answers are here: an
indeterminate exchange says nothing. A state of rank 0 or less (NOT_FOUND, UNKNOWN) is not a state here; not-found answers have a list of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .operation import Observation, OperationKind
from .payment_state import NO_MONEY, RANK, TERMINAL, PaymentState

if TYPE_CHECKING:
    from .history import Exchange

__all__ = ["Answers"]

_RANK_AND_MARKS = tuple(
    (RANK[state], (1 if state in TERMINAL else 0) | (2 if state in NO_MONEY else 0)) for state in PaymentState
)
"""Per state: its rank, and whether it is terminal (1) and says that no money moves (2)."""


class Answers:
    """The owner's answers that carry knowledge of the order, by the instant in which their requests began."""

    __slots__ = (
        "first_seen_ns",
        "first_state_ns",
        "first_terminal_ns",
        "missing",
        "monotone",
        "no_money",
        "read_begins",
        "refusals",
        "state_begins",
        "states",
        "terminals",
    )

    def __init__(self, exchanges: list[Exchange], fingerprint: str) -> None:
        self.states: list[Exchange] = []
        """Queries that showed the order, and acknowledgements of the original payload, with a state of rank 1 or more."""
        self.state_begins: list[int] = []
        self.read_begins: list[int] = []
        """When each query that was answered STATUS or NOT_FOUND began."""
        self.missing: list[Exchange] = []
        """Queries that were answered NOT_FOUND."""
        self.refusals: list[Exchange] = []
        """Submits and resubmits of the original payload that were answered REJECTED."""
        self.first_seen_ns: int | None = None
        """When the first query that showed the order was complete."""
        self.first_state_ns: int | None = None
        """When the first of ``states`` was complete."""
        self.first_terminal_ns: int | None = None
        """When the first terminal state was complete."""
        self.monotone = True
        """Ranks never fall in the order of begins: then no regression is possible, whatever overlaps."""
        self.terminals: set[PaymentState] = set()
        self.no_money = False
        """Some state says that no money moves."""
        self._gather(exchanges, fingerprint)

    def _gather(self, exchanges: list[Exchange], fingerprint: str) -> None:
        # A tight loop on purpose: fields by position, everything in locals. It runs once for every exchange of a run.
        status, ack, not_found, rejected = (
            Observation.STATUS,
            Observation.ACK,
            Observation.NOT_FOUND,
            Observation.REJECTED,
        )
        query, cancel = OperationKind.QUERY, OperationKind.CANCEL
        states, state_begins, read_begins, table = self.states, self.state_begins, self.read_begins, _RANK_AND_MARKS
        never = 1 << 63
        seen_ns = state_ns = terminal_ns = never
        top = 0
        for x in exchanges:
            observation = x[8]
            if observation is status or observation is ack:
                kind = x[2]
                state = x[9]
                rank, marks = table[state]
                if kind is query:
                    read_begins.append(x[6])
                    if rank < 1:
                        continue
                    complete_ns: int = x[7]  # type: ignore[assignment]
                    if complete_ns < seen_ns:
                        seen_ns = complete_ns
                elif rank < 1 or x[13] != fingerprint or kind is cancel:
                    continue
                else:
                    complete_ns = x[7]  # type: ignore[assignment]
                states.append(x)
                state_begins.append(x[6])
                if complete_ns < state_ns:
                    state_ns = complete_ns
                if rank < top:
                    self.monotone = False
                else:
                    top = rank
                if marks:
                    self.terminals.add(state)
                    if complete_ns < terminal_ns:
                        terminal_ns = complete_ns
                    if marks & 2:
                        self.no_money = True
            elif observation is not_found:
                if x[2] is query:
                    read_begins.append(x[6])
                    self.missing.append(x)
            elif observation is rejected and x[2] is not query and x[2] is not cancel and x[13] == fingerprint:
                self.refusals.append(x)
        self.first_seen_ns = seen_ns if seen_ns != never else None
        self.first_state_ns = state_ns if state_ns != never else None
        self.first_terminal_ns = terminal_ns if terminal_ns != never else None
