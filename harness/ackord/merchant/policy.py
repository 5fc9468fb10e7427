"""Defines the settings of a merchant's policy: what it makes of answers that do not say how a payment ended.

The words are those in which payment teams discuss them: a buffer in which "not found" is ignored, polling on a timer,
an order of statuses in which a lower one never overwrites a higher one, and a command instead of a query, which means
to submit the same order number again.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from ..contract.base.field_types import Duration, Flag, Name, StrictModel, field_problem
from ..errors import UsageError
from .polling import AnyPolling, FixedPolling

__all__ = ["MerchantPolicy", "OnDoubt", "OnNotFound"]

OnNotFound = Literal["fail", "ignore", "resubmit", "query-other-node", "ask-a-person"]
OnDoubt = Literal["fail", "query", "resubmit-same", "resubmit-new"]


class MerchantPolicy(StrictModel):
    """How a merchant treats one intent. Every field has the default of a careful merchant."""

    name: Name = Field(description="The policy's name.")
    description: str = Field(default="", description="What it is, in a sentence.")
    source: str = Field(default="", description="Where it is documented.")
    on_not_found: OnNotFound = Field(
        default="resubmit",
        description='What "order not found" means after the buffer: `fail` (the order failed), `ignore` (ask again '
        "later), `resubmit` (send the same order number again), `query-other-node` (ask another node, then go on "
        "asking), `ask-a-person`.",
    )
    buffer: Duration | Literal["landing-window"] = Field(
        default=Duration("0s"),
        description='How long after the last submit was answered or given up "order not found" is ignored; '
        "`landing-window`: as long as a measured run recommends.",
    )
    poll: AnyPolling = Field(default=FixedPolling(every=Duration("1s")), description="When it asks.")
    timeout: Duration = Field(default=Duration("10s"), description="How long it waits for an answer.")
    give_up_after: Duration = Field(
        default=Duration("1h"), description="How long after the first submit it stops and asks a person."
    )
    merge: Literal["last", "order"] = Field(
        default="order",
        description="Which status it believes: the `last` answer, or the highest in the `order` of payment states, "
        "which a lower one never overwrites.",
    )
    on_timeout: OnDoubt = Field(
        default="resubmit-same",
        description="After a submit without an answer: `fail`, `query`, `resubmit-same` (the same order number), "
        "`resubmit-new` (another order number: a second payment, if the first one arrived).",
    )
    on_error: OnDoubt = Field(
        default="resubmit-same",
        description="After a submit that was answered by an error which decides nothing, or by something unreadable.",
    )
    on_duplicate: Literal["fail", "pointer"] = Field(
        default="pointer",
        description="What it makes of a refusal of a number that it sent before (duplicate, in progress, a plain "
        "4xx): a failure, or a pointer to the original, which it asks for.",
    )
    callbacks: Literal["ignore", "trust", "verify"] = Field(
        default="verify",
        description="What it does with callbacks: nothing; it believes any; or it checks the signature and asks.",
    )
    verifies_answers: Flag = Field(
        default=True, description="Whether it treats an answer whose signature is wrong as no answer."
    )
    pays_again: Annotated[int, Strict(), Field(ge=0, le=8)] = Field(
        default=1,
        description="How many more order numbers it spends on an intent whose order it reads as failed: the payee is "
        "still owed the money.",
    )
    honours_retry_after: Flag = Field(default=True, description="Whether it waits as long as `Retry-After` says.")

    @model_validator(mode="after")
    def _makes_progress(self) -> Self:
        if not self.timeout.ns:
            raise field_problem("timeout", "0 leaves no time for an answer", expected="more than 0, such as 10s")
        if not self.give_up_after.ns:
            raise field_problem("give_up_after", "0 leaves no time for an answer", expected="more than 0, such as 1h")
        if isinstance(self.buffer, Duration) and self.buffer.ns >= self.give_up_after.ns:
            problem = f"{self.buffer} is no shorter than give_up_after ({self.give_up_after})"
            raise field_problem("buffer", problem, expected="a shorter buffer")
        return self

    @property
    def buffer_ns(self) -> int:
        """The buffer in nanoseconds. Raises ``ValueError`` for one that was not measured yet (see ``resolved``)."""
        if not isinstance(self.buffer, Duration):
            raise ValueError(f"the buffer of the policy {self.name} is the landing window, which was not measured")
        return self.buffer.ns

    def resolved(self, recommended_ms: int | None) -> MerchantPolicy:
        """Return the policy with a measured buffer, in milliseconds, in place of ``landing-window``.

        Raises ``UsageError`` if that is asked for and none is known.
        """
        if isinstance(self.buffer, Duration):
            return self
        if recommended_ms is None:
            raise UsageError(
                f"the policy {self.name} has the buffer landing-window, and no landing window was measured.\n"
                "  mend: --from RESULT.json of a run that recommends a buffer, or a buffer with a unit, such as 30s"
            )
        return self.model_copy(update={"buffer": Duration(f"{recommended_ms}ms")})
