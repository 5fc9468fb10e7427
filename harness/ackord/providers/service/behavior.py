"""Define the answers in which correct providers differ and which a contract may promise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...core.key_promises import NO_KEY_PROMISES, EquivalentBytes, KeyPromises
from ...core.payment_state import PaymentState
from ...core.promises import OtherPayloadAnswer, Promises, SamePayloadAnswer
from ...core.sandbox_trigger import TriggerPromise

__all__ = ["ProviderBehavior"]


@dataclass(frozen=True, slots=True)
class ProviderBehavior:
    """Describe what a provider promises; the defaults are the reference provider's. A flaw overrides this behavior."""

    on_same_payload: SamePayloadAnswer = SamePayloadAnswer.REPLAY_CURRENT
    on_other_payload: OtherPayloadAnswer = OtherPayloadAnswer.REJECT
    caches_transient_errors: bool = False
    key_retention_ns: int | None = None
    """After so long a number is as good as new; ``None``: never."""
    bytes_count: bool = False
    """Whether the same values in other bytes are another payload."""
    keys: KeyPromises = NO_KEY_PROMISES
    """Which forms of keys are taken."""
    triggers: tuple[TriggerPromise, ...] = ()
    """What the sandbox does on request."""
    scoped_by_account: bool = True
    """Whether a number means nothing to other accounts; else it stands for the same order, whoever uses it."""
    on_same_refund: SamePayloadAnswer = SamePayloadAnswer.REPLAY_CURRENT
    returns: bool = True
    """Whether the beneficiary's bank may send a payment back that succeeded."""

    @classmethod
    def promised(cls, promises: Promises) -> ProviderBehavior:
        """Return the behavior of a provider that keeps its contract's promises and does no better."""
        returning = (PaymentState.SUCCEEDED, PaymentState.RETURNED)
        return cls(
            promises.on_same_payload,
            promises.on_other_payload,
            promises.caches_transient_errors,
            promises.key_retention_ns,
            promises.keys.equivalent_bytes is EquivalentBytes.OTHER_PAYLOAD,
            promises.keys,
            promises.triggers,
            promises.key_scoped_by_account,
            promises.on_same_refund,
            promises.ledger_shows_returns
            and any((edge.source, edge.target) == returning for edge in promises.later_edges),
        )

    @property
    def one_order_a_number(self) -> bool:
        """Whether an order number stands for one order for ever, so that the database can hold it unique.

        The number is an account's where accounts are told apart.
        """
        return (
            self.on_same_payload is not SamePayloadAnswer.NEW_MOVEMENT
            and self.on_other_payload is not OtherPayloadAnswer.NEW_MOVEMENT
            and self.key_retention_ns is None
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "triggers": [trigger.to_json() for trigger in self.triggers]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ProviderBehavior:
        """Invert ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        on_same_payload, on_other_payload = (
            SamePayloadAnswer(data["on_same_payload"]),
            OtherPayloadAnswer(data["on_other_payload"]),
        )
        on_same_refund = SamePayloadAnswer(data["on_same_refund"])
        keys = KeyPromises.from_json(data["keys"])
        triggers = tuple(TriggerPromise.from_json(trigger) for trigger in data["triggers"])
        return cls(
            **{
                **data,
                "keys": keys,
                "triggers": triggers,
                "on_same_payload": on_same_payload,
                "on_other_payload": on_other_payload,
                "on_same_refund": on_same_refund,
            }
        )
