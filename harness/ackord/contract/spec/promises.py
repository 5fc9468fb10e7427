"""Define a provider's promises, as a contract states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from ...core.payment_state import LaterEdge, PaymentState
from ...core.promises import NotFound, OtherPayloadAnswer, Promises, SamePayloadAnswer
from ...core.sandbox_trigger import TriggerPromise
from ...core.statement_promises import StatementPromises
from ..base.field_types import Duration, Flag, StrictModel
from .keys import KeysSpec

__all__ = ["LaterEdgePromise", "NotFoundTolerated", "PromisesSpec"]

_Terminal = Literal["SUCCEEDED", "FAILED", "CANCELLED", "DECLINED", "RETURNED"]
_Retention = Annotated[
    Annotated[Literal["unpublished"], Tag("word")]
    | Annotated[Duration, Tag("duration")]
    | Annotated[None, Tag("none")],
    Discriminator(lambda value: "none" if value is None else "word" if value == "unpublished" else "duration"),
]


class NotFoundTolerated(StrictModel):
    """Not found may be said for a while."""

    tolerated_for: Duration = Field(description="How long after the acknowledgement.")


_NotFoundPromise = Annotated[
    Annotated[Literal["forbidden", "inconclusive"], Tag("word")] | Annotated[NotFoundTolerated, Tag("tolerated")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "tolerated"),
]


class LaterEdgePromise(StrictModel):
    """A legal way out of a terminal state."""

    source: _Terminal = Field(alias="from", description="The state that is left.")
    target: _Terminal = Field(alias="to", description="The state that is entered.")
    within: Duration | None = Field(
        default=None, description="How long after the first sight of `from`; left out: for ever."
    )


class PromisesSpec(StrictModel):
    """What the provider promises.

    Defaults are the strict set; declare less where the provider's documentation says less.
    """

    renamed: ClassVar[Mapping[str, str]] = {"same_body": "on_same_payload", "other_body": "on_other_payload"}

    not_found: _NotFoundPromise = Field(
        default="forbidden",
        description='What "not found" may mean for an acknowledged order: `forbidden` (never said), `{tolerated_for: '
        "30s}`, or `inconclusive` (may be said at any time, proves nothing).",
    )
    lands_within: Duration | None = Field(
        default=None, description="From the acknowledgement until the order is visible for good."
    )
    settles_within: Duration | None = Field(
        default=None, description="From the end of all faults until an acknowledged order is in a terminal state."
    )
    posts_within: Duration | None = Field(
        default=None,
        description="From the first answer that shows an order SUCCEEDED (and the end of all faults) until its payout "
        "stands in the `ledger`; left out: as `settles_within`, and without that at once.",
    )
    calls_back_within: Duration | None = Field(
        default=None,
        description="From the first answer that shows an order's end (and the end of all faults) until a callback "
        "tells it, also if earlier attempts were refused. Left out: nobody promises that callbacks come.",
    )
    resubmission_calls_back_within: Duration | None = Field(
        default=None,
        description="From a resubmission that is only taken (and the order's end, and the end of all faults) until a "
        "callback tells the result of the original order. Left out: a resubmission's response is all its answer.",
    )
    later_edges: list[LaterEdgePromise] = Field(default=[], description="Legal ways out of a terminal state.")
    on_same_payload: SamePayloadAnswer = Field(
        default=SamePayloadAnswer.REPLAY_CURRENT,
        description="What a resubmission with the same number and payload answers.",
    )
    on_other_payload: OtherPayloadAnswer = Field(
        default=OtherPayloadAnswer.REJECT,
        description="What a resubmission with the same number, but another payload, answers.",
    )
    on_same_refund: SamePayloadAnswer = Field(
        default=SamePayloadAnswer.REPLAY_CURRENT,
        description="What a refund that is sent again with the same number and amount answers.",
    )
    caches_transient_errors: Flag = Field(
        default=False, description="A transient error is the number's answer from then on."
    )
    key_retention: _Retention = Field(
        default=None,
        description="How long a number is remembered; null: for ever; `unpublished`: nobody says.",
    )
    key_scope: list[Literal["account", "endpoint", "region"]] = Field(
        default=["account"],
        description="What separates numbers: the same number of another account (or at another endpoint, in another "
        "region) is another order.",
    )

    keys: KeysSpec = Field(
        default=KeysSpec(), description="Which keys are taken, and which bytes are the same payload."
    )

    @property
    def of_callbacks(self) -> list[str]:
        """Return the names of those that only a provider that calls back can keep."""
        names = ("calls_back_within", "resubmission_calls_back_within")
        return [name for name in names if getattr(self, name) is not None]

    def to_core(
        self,
        *,
        cancels: bool,
        refunds: bool,
        refund_kind: str,
        has_ledger: bool,
        ledger_shows_returns: bool,
        asks_by_number: bool,
        several_accounts: bool,
        triggers: tuple[TriggerPromise, ...],
        statement: StatementPromises | None,
        unknown: frozenset[str],
    ) -> Promises:
        """As the judge needs them; ``unknown`` are the names of those that the documentation leaves open."""
        if isinstance(self.not_found, NotFoundTolerated):
            not_found, tolerated_ns = NotFound.TOLERATED, self.not_found.tolerated_for.ns
        else:
            not_found, tolerated_ns = NotFound(self.not_found), 0
        return Promises(
            not_found=not_found,
            not_found_tolerated_ns=tolerated_ns,
            lands_within_ns=_ns(self.lands_within),
            settles_within_ns=_ns(self.settles_within),
            posts_within_ns=_ns(self.posts_within),
            calls_back_within_ns=_ns(self.calls_back_within),
            resubmission_calls_back_within_ns=_ns(self.resubmission_calls_back_within),
            later_edges=tuple(
                LaterEdge(PaymentState[e.source], PaymentState[e.target], _ns(e.within)) for e in self.later_edges
            ),
            on_same_payload=self.on_same_payload,
            on_other_payload=self.on_other_payload,
            caches_transient_errors=self.caches_transient_errors,
            key_retention_ns=self.key_retention.ns if isinstance(self.key_retention, Duration) else None,
            key_scoped_by_account="account" in self.key_scope,
            cancels=cancels,
            refunds=refunds,
            on_same_refund=self.on_same_refund,
            refund_kind=refund_kind,
            keys=self.keys.to_core(),
            has_ledger=has_ledger,
            ledger_shows_returns=ledger_shows_returns,
            asks_by_number=asks_by_number,
            several_accounts=several_accounts,
            triggers=triggers,
            statement=statement,
            unknown=unknown,
        )


def _ns(duration: Duration | None) -> int | None:
    return duration.ns if duration else None
