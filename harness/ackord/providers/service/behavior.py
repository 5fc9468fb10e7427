"""What a provider answers to what it has seen before: the parts of its conduct in which real providers differ and that a contract may promise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...core.payment_state import PaymentState
from ...core.promises import OtherPayloadAnswer, Promises, SamePayloadAnswer

__all__ = ["ProviderBehavior"]


@dataclass(frozen=True, slots=True)
class ProviderBehavior:
    """The defaults are the reference provider's. A flaw overrides manners: it is what a provider does, these are what it says it does."""

    on_same_payload: SamePayloadAnswer = SamePayloadAnswer.REPLAY_CURRENT
    on_other_payload: OtherPayloadAnswer = OtherPayloadAnswer.REJECT
    caches_transient_errors: bool = False
    key_retention_ns: int | None = None
    """After so long a number is as good as new; ``None``: never."""
    scoped_by_account: bool = True
    """Whether a number that one account used means nothing to another; else it stands for the same order, whoever says it."""
    returns: bool = True
    """Whether the beneficiary's bank may send a payment back that succeeded."""

    @classmethod
    def promised(cls, promises: Promises, *, states_returns: bool = True) -> ProviderBehavior:
        """Those of a provider that does what its contract says, and no better. ``states_returns``: whether its ledger, if any, has a word for money that came back."""
        returning = (PaymentState.SUCCEEDED, PaymentState.RETURNED)
        return cls(
            promises.on_same_payload,
            promises.on_other_payload,
            promises.caches_transient_errors,
            promises.key_retention_ns,
            promises.key_scoped_by_account,
            states_returns and any((edge.source, edge.target) == returning for edge in promises.later_edges),
        )

    @property
    def one_order_a_number(self) -> bool:
        """Whether an order number (of an account, where accounts are told apart) stands for one order for ever, so that the database itself can hold it unique."""
        return (
            self.on_same_payload is not SamePayloadAnswer.NEW_MOVEMENT
            and self.on_other_payload is not OtherPayloadAnswer.NEW_MOVEMENT
            and self.key_retention_ns is None
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ProviderBehavior:
        """The inverse of ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        on_same_payload, on_other_payload = (
            SamePayloadAnswer(data["on_same_payload"]),
            OtherPayloadAnswer(data["on_other_payload"]),
        )
        return cls(**{**data, "on_same_payload": on_same_payload, "on_other_payload": on_other_payload})
