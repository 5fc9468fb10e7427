"""Defines a contract's promises as plain data: the part of a contract that the judge needs, stored in every journal's
header.

The defaults are the strict set. A contract may promise less. The judge then distinguishes *VIOLATED* (the provider
breaks its own promise, or one that no contract can waive: money moved twice) from *UNSAFE* (it keeps a promise that
lets a naive merchant pay twice).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from .key_promises import NO_KEY_PROMISES, KeyPromises
from .payment_state import LaterEdge, PaymentState
from .sandbox_trigger import TriggerPromise
from .statement_promises import StatementPromises

__all__ = ["NotFound", "OtherPayloadAnswer", "Promises", "SamePayloadAnswer"]


class NotFound(StrEnum):
    """Meaning of "order not found" for an order that was acknowledged."""

    FORBIDDEN = "forbidden"
    TOLERATED = "tolerated"
    """NOT_FOUND is allowed for ``not_found_tolerated_ns`` after the acknowledgement, and not later."""
    INCONCLUSIVE = "inconclusive"
    """NOT_FOUND is allowed at any time and proves nothing."""


class SamePayloadAnswer(StrEnum):
    """Answer to a resubmission with the same number and the same payload."""

    REPLAY_ORIGINAL = "replay_original"
    REPLAY_CURRENT = "replay_current"
    REJECT_WITH_POINTER = "reject_with_pointer"
    REJECT_PLAIN = "reject_plain"
    NEW_MOVEMENT = "new_movement"
    """The provider has no idempotency at all."""


class OtherPayloadAnswer(StrEnum):
    """Answer to a resubmission with the same number and another payload."""

    REJECT = "reject"
    REPLAY_ORIGINAL = "replay_original"
    NEW_MOVEMENT = "new_movement"
    """The payload is part of the order's identity."""


_JOURNAL_NAMES = {"on_same_payload": "same_body", "on_other_payload": "other_body"}
"""Fields that have another name in a journal's header, so that journals of version 1 stay readable."""
_ABOUT_TAKING_BACK = ("cancels", "refunds", "on_same_refund", "refund_kind")
"""Fields that stand in a journal's header only where they say something, as they did not always exist."""
_FIELD_NAMES = {journal: field for field, journal in _JOURNAL_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Promises:
    """One contract's promises. Durations are in nanoseconds; ``None`` means that nothing is promised."""

    not_found: NotFound = NotFound.FORBIDDEN
    not_found_tolerated_ns: int = 0
    lands_within_ns: int | None = None
    """Longest time from the acknowledgement until the order is permanently visible."""
    settles_within_ns: int | None = None
    """Longest time from the healing of all faults until an acknowledged order is in a terminal state."""
    posts_within_ns: int | None = None
    """Longest time from the first answer that shows an order SUCCEEDED, and from the healing of all faults, until its
    payout stands in the ledger; ``None``: as ``settles_within_ns``.
    """
    calls_back_within_ns: int | None = None
    """Longest time from the first answer that shows an order's end, and from the healing of all faults, until a
    callback tells it.
    """
    resubmission_calls_back_within_ns: int | None = None
    """Longest time from a resubmission that was only taken, from the order's end, and from the healing of all faults,
    until a callback tells the order's result; ``None``: a resubmission is answered by its response alone.
    """
    later_edges: tuple[LaterEdge, ...] = ()
    on_same_payload: SamePayloadAnswer = SamePayloadAnswer.REPLAY_CURRENT
    on_other_payload: OtherPayloadAnswer = OtherPayloadAnswer.REJECT
    caches_transient_errors: bool = False
    """A transient error is declared to be the key's answer from then on (Stripe v1 does this for 500)."""
    key_retention_ns: int | None = None
    """How long a number is remembered; ``None``: for ever."""
    key_scoped_by_account: bool = True
    cancels: bool = False
    """Orders can be cancelled."""
    refunds: bool = False
    """Orders can be refunded."""
    on_same_refund: SamePayloadAnswer = SamePayloadAnswer.REPLAY_CURRENT
    """Answer to a refund that is sent again with the same number and amount."""
    refund_kind: str = ""
    """The kind of movement by which the ledger shows a refund, ``refund`` or ``return``; empty: it shows none."""
    has_ledger: bool = True
    """Movements of money can be read, so *one movement* can be judged."""
    ledger_shows_returns: bool = True
    """The ledger has a kind for money that came back; otherwise a payout that is returned may vanish from it."""
    asks_by_number: bool = True
    """Orders can be queried by the merchant's own number, so an order that was never submitted can be queried."""
    keys: KeyPromises = NO_KEY_PROMISES
    """About the keys themselves, and about what tells payloads apart."""
    triggers: tuple[TriggerPromise, ...] = ()
    """What the sandbox does on request."""
    statement: StatementPromises | None = None
    """About statements; ``None``: there are none."""
    signs_callbacks: bool | None = None
    """Whether callbacks are signed; ``None``: the contract has none."""
    several_accounts: bool = True
    """A second account exists, to which the owner's numbers must mean nothing."""
    unknown: frozenset[str] = frozenset()
    """Names of promises that the documentation leaves open. A provider that breaks only these is UNSAFE, not VIOLATED.
    """

    def to_json(self) -> dict[str, Any]:
        data = {_JOURNAL_NAMES.get(name, name): value for name, value in asdict(self).items()}
        for name in _ABOUT_TAKING_BACK:
            if data[name] == getattr(_DEFAULTS, name):
                del data[name]
        data["unknown"] = sorted(_JOURNAL_NAMES.get(name, name) for name in self.unknown)
        del data["triggers"], data["statement"]
        if self.statement is not None:
            data["statement"] = self.statement.to_json()
        if self.triggers:
            data["triggers"] = [trigger.to_json() for trigger in self.triggers]
        if self.keys == NO_KEY_PROMISES:
            del data["keys"]  # nothing is promised, as in every journal of before
        data["later_edges"] = [[e.source.name, e.target.name, e.within_ns] for e in self.later_edges]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Promises:
        """The inverse of ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        data = {_FIELD_NAMES.get(name, name): value for name, value in data.items()}
        return cls(
            **{
                **data,
                "unknown": frozenset(_FIELD_NAMES.get(name, name) for name in data.get("unknown", ())),
                "not_found": NotFound(data["not_found"]),
                "keys": KeyPromises.from_json(data.get("keys", {})),
                "statement": StatementPromises.from_json(data["statement"]) if "statement" in data else None,
                "triggers": tuple(TriggerPromise.from_json(trigger) for trigger in data.get("triggers", ())),
                "on_same_payload": SamePayloadAnswer(data["on_same_payload"]),
                "on_other_payload": OtherPayloadAnswer(data["on_other_payload"]),
                "on_same_refund": SamePayloadAnswer(data.get("on_same_refund", SamePayloadAnswer.REPLAY_CURRENT)),
                "later_edges": tuple(LaterEdge(PaymentState[s], PaymentState[t], w) for s, t, w in data["later_edges"]),
            }
        )


_DEFAULTS = Promises()
