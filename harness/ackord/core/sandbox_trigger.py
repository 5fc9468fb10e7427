"""Defines what a sandbox promises to do when an order pulls one of its triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .operation import Observation
from .payment_state import TERMINAL, PaymentState

__all__ = ["TRIGGER", "TriggerPromise", "trigger_named"]

TRIGGER = "trigger:"
"""What begins the variation (``Begin.variation``) of an order's submits that pull a trigger; its name follows."""


@dataclass(frozen=True, slots=True)
class TriggerPromise:
    """One trigger of a sandbox: what pulls it, and what becomes of the order."""

    name: str
    amount_minor: int | None = None
    payee: str | None = None
    by_headers: bool = False
    answers: Observation | None = None
    """What the first submit is read as; ``None``: as of any order that is taken, or nobody says."""
    passes: tuple[PaymentState, ...] = ()
    """States that the order shows before it ends."""
    leads_to: PaymentState | None = None
    """The state that it ends in, or stays in; ``None``: nobody says."""
    within_ns: int | None = None
    """Longest time from the acknowledgement until it is there; ``None``: until the run has settled."""

    @property
    def stays_open(self) -> bool:
        """Whether the order never ends, as the sandbox means it."""
        if self.leads_to is None:
            return self.answers is not None
        return self.leads_to not in TERMINAL

    def pulled_by(self, amount_minor: int, payee: str) -> bool:
        """Whether an order's amount and payee pull it. A trigger that headers pull is told by those alone."""
        return not self.by_headers and self.amount_minor in (None, amount_minor) and self.payee in (None, payee)

    def to_json(self) -> dict[str, Any]:
        """Return the fields that say something."""
        data: dict[str, Any] = {"name": self.name}
        for field in ("amount_minor", "payee", "answers", "within_ns"):
            if (value := getattr(self, field)) is not None:
                data[field] = value
        if self.by_headers:
            data["by_headers"] = True
        if self.passes:
            data["passes"] = [state.name for state in self.passes]
        if self.leads_to is not None:
            data["leads_to"] = self.leads_to.name
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TriggerPromise:
        """The inverse of ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        read = dict(data)
        if "answers" in read:
            read["answers"] = Observation(read["answers"])
        if "leads_to" in read:
            read["leads_to"] = PaymentState[read["leads_to"]]
        read["passes"] = tuple(PaymentState[state] for state in read.get("passes", ()))
        return cls(**read)


def trigger_named(triggers: tuple[TriggerPromise, ...], variation: str) -> TriggerPromise | None:
    """Return the trigger that a request's variation names; ``None`` for any other variation."""
    if not variation.startswith(TRIGGER):
        return None
    name = variation.removeprefix(TRIGGER)
    return next((trigger for trigger in triggers if trigger.name == name), None)
