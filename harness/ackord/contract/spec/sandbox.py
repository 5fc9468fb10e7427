"""Define what a contract says about the provider's sandbox: the values that make it do something, and its clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from ...core.amount_range import AmountRange
from ...core.operation import Observation
from ...core.payment_state import PaymentState
from ...core.sandbox_trigger import TriggerPromise
from ..base.field_types import Count, Duration, HeaderName, StrictModel, field_problem
from .operations import KnownState
from .requests import RequestSpec

__all__ = ["SandboxClock", "SandboxTrigger", "trigger_promises", "without_triggers"]


class SandboxTrigger(StrictModel):
    """A value that makes the sandbox do something. The profile `sandbox-triggers` pulls each one, and holds what
    follows to what is declared here; no other order of a run has such an amount.
    """

    about: str = Field(min_length=1, description="What it does, in a sentence.")
    amount_minor: Count | None = Field(default=None, description="The amount that pulls it.")
    payee: str | None = Field(default=None, description="The payee that pulls it.")
    headers: dict[HeaderName, str] = Field(default={}, description="Headers that pull it, each a fixed text.")
    answers: Literal["ACK", "REJECTED", "RETRYABLE", "IN_PROGRESS"] | None = Field(
        default=None,
        description="What the first submit is read as: `REJECTED` for an order that is refused at once, `RETRYABLE` "
        "for an error such as 429. Without `leads_to` it is every submit's answer. Left out: the order is taken.",
    )
    passes: list[KnownState] = Field(
        default=[], description="States that the order shows before its end, such as SUCCEEDED before a late FAILED."
    )
    leads_to: KnownState | None = Field(
        default=None, description="The state that the order ends in, or, as PROCESSING, stays in."
    )
    within: Duration | None = Field(
        default=None, description="How long that takes at most; left out: until the run has settled."
    )

    @model_validator(mode="after")
    def _pulled(self) -> Self:
        if self.amount_minor is None and self.payee is None and not self.headers:
            raise field_problem("about", "nothing pulls it", expected="amount_minor, payee or headers")
        if self.passes and self.leads_to is None:
            raise field_problem("passes", "it passes states and leads nowhere", expected="leads_to")
        if self.answers == "REJECTED" and self.leads_to not in (None, "FAILED", "DECLINED", "CANCELLED"):
            raise field_problem("leads_to", f"an order that is refused does not become {self.leads_to}")
        return self

    def to_core(self, name: str) -> TriggerPromise:
        """As the judge needs it."""
        return TriggerPromise(
            name, self.amount_minor, self.payee, bool(self.headers),
            None if self.answers is None else Observation(self.answers),
            tuple(PaymentState[state] for state in self.passes),
            None if self.leads_to is None else PaymentState[self.leads_to],
            None if self.within is None else self.within.ns,
        )  # fmt: skip


class SandboxClock(StrictModel):
    """A call that moves the sandbox's clock on, as a test clock: what comes with time is seen in seconds."""

    about: str = Field(min_length=1, description="What it moves, in a sentence.")
    advance: RequestSpec = Field(
        description="The request that moves it, as the first account. It says by how much (`${clock.advance_s}`, in "
        "seconds) or until when (`${clock.unix}`). Any answer but 2xx is a failure."
    )

    @model_validator(mode="after")
    def _says_how_far(self) -> Self:
        if not (self.advance.speaks_of("clock.advance_s") or self.advance.speaks_of("clock.unix")):
            raise field_problem(
                "advance", "it does not say how far", expected="${clock.advance_s} or ${clock.unix} in it"
            )
        return self


def trigger_promises(triggers: Mapping[str, SandboxTrigger]) -> tuple[TriggerPromise, ...]:
    """Return a contract's triggers as the judge needs them."""
    return tuple(trigger.to_core(name) for name, trigger in triggers.items())


def without_triggers(amounts: AmountRange, triggers: Mapping[str, SandboxTrigger]) -> AmountRange:
    """Return the amounts of ordinary orders, which pull no trigger."""
    pulls = frozenset(t.amount_minor for t in triggers.values() if t.amount_minor is not None)
    return amounts.avoiding(pulls)
