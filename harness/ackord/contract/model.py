"""The contract of a provider: what its API looks like, and what it promises.

Every field's description is its documentation: the field reference (contracts/README.md) and the JSON Schema for editors are generated from here.
Room to grow without breaking a file: a request's encoding, an account's scheme, a condition and an extraction are each a mapping with
one key that names the way, so another way is another key.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, Strict, Tag, model_validator

from ..core.operation import Observation
from ..core.payment_state import LaterEdge, PaymentState
from ..core.promises import NotFound, OtherBody, Promises, SameBody
from .auth import Auth
from .fields import Count, Duration, Flag, JsonPath, Name, Part, field_problem
from .hooks import Hook
from .operations import Ledger, Query, Submit

__all__ = [
    "Account",
    "Contract",
    "KnownState",
    "LaterEdgePromise",
    "Limits",
    "NotFoundTolerated",
    "OrderNumber",
    "PromisesPart",
]

KnownState = Literal["RECEIVED", "PROCESSING", "SUCCEEDED", "FAILED", "CANCELLED", "DECLINED", "RETURNED", "UNKNOWN"]
_Terminal = Literal["SUCCEEDED", "FAILED", "CANCELLED", "DECLINED", "RETURNED"]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address such as https://api.example.com")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("expected an address without user, query or fragment")
    return url.rstrip("/")


class OrderNumber(Part):
    """What the merchant's own order numbers look like, so that the harness can make valid ones."""

    alphabet: str = Field(
        default="0-9A-Za-z",
        min_length=1,
        description="Characters it may hold; `a-z` is a range, a hyphen at the end stands for itself.",
    )
    length: tuple[Count, Count] = Field(default=(16, 32), description="Fewest and most characters.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        low, high = self.length
        if low > high or high > 256:
            raise field_problem(
                "length", "the first number is the fewest and the second the most characters, at most 256"
            )
        if len(set(self.characters())) ** high < 10**12:
            raise field_problem("alphabet", "there are too few numbers of this form for a run to never use one twice")
        return self

    def characters(self) -> str:
        """The alphabet written out: ``a-c_`` as ``abc_``."""
        return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), self.alphabet)


class Account(Part):
    """One of the merchant's accounts at the provider."""

    auth: Auth | None = Field(default=None, description="How its requests are signed; left out: not at all.")
    id: str | None = Field(
        default=None,
        description="Its identifier at the provider, as in the ledger and `${account.id}`; by default its name here.",
    )


class NotFoundTolerated(Part):
    """Not found may be said for a while."""

    tolerated_for: Duration = Field(description="How long after the acknowledgement.")


_NotFoundPromise = Annotated[
    Annotated[Literal["forbidden", "inconclusive"], Tag("word")] | Annotated[NotFoundTolerated, Tag("tolerated")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "tolerated"),
]


class LaterEdgePromise(Part):
    """A legal way out of a terminal state."""

    source: _Terminal = Field(alias="from", description="The state that is left.")
    target: _Terminal = Field(alias="to", description="The state that is entered.")
    within: Duration | None = Field(
        default=None, description="How long after the first sight of `from`; left out: for ever."
    )


class PromisesPart(Part):
    """What the provider promises. Defaults are the strict set; declare less where the provider's documentation says less."""

    not_found: _NotFoundPromise = Field(
        default="forbidden",
        description='What "not found" may mean for an acknowledged order: `forbidden` (never said), `{tolerated_for: 30s}`, or `inconclusive` (may be said at any time, proves nothing).',
    )
    lands_within: Duration | None = Field(
        default=None, description="From the acknowledgement until the order is visible for good."
    )
    settles_within: Duration | None = Field(
        default=None, description="From the end of all faults until an acknowledged order is in a terminal state."
    )
    later_edges: list[LaterEdgePromise] = Field(default=[], description="Legal ways out of a terminal state.")
    same_body: SameBody = Field(
        default=SameBody.REPLAY_CURRENT, description="What a resubmission with the same number and payload answers."
    )
    other_body: OtherBody = Field(
        default=OtherBody.REJECT, description="What a resubmission with the same number, but another payload, answers."
    )
    caches_transient_errors: Flag = Field(
        default=False, description="A transient error is the number's answer from then on."
    )
    key_retention: Duration | None = Field(default=None, description="How long a number is remembered; null: for ever.")
    key_scoped_by_account: Flag = Field(
        default=True, description="Another account's use of the same number is another order."
    )


class Limits(Part):
    """Budgets of every run against this provider; they are always on."""

    answer_bytes: Annotated[int, Strict(), Field(ge=1024, le=1 << 26)] = Field(
        default=1 << 20, description="An answer is read up to here, then cut."
    )
    timeout: Duration = Field(default=Duration("2s"), description="How long a client waits for an answer.")
    orders: Count = Field(default=20_000, description="Most orders of one run.")
    amount_minor: Count = Field(default=5_000, description="Largest amount of one order, in minor units.")


class Contract(Part):
    """A provider's contract."""

    provider: Name = Field(description="The provider's name: lower-case letters, digits and hyphens.")
    version: Literal[1] = Field(description="The version of this file's form: 1.")
    environment: Literal["sandbox", "production"] = Field(
        description="What stands behind the address. `production` is refused without an explicit flag."
    )
    base_url: Annotated[str, AfterValidator(_origin)] | None = Field(
        default=None, description="The provider's address; left out: the run's target gives it."
    )
    order_no: OrderNumber = Field(default=OrderNumber(), description="What the merchant's order numbers look like.")
    accounts: dict[Name, Account] = Field(
        min_length=1,
        description="The merchant's accounts. The first is the owner; a second one is needed to judge `key-scope-respected`.",
    )
    submit: Submit = Field(description="Submitting an order.")
    query: Query = Field(description="Asking for an order's status.")
    ledger: Ledger | None = Field(
        default=None,
        description="Reading movements of money; left out: `resubmission-moves-money-once` cannot be judged.",
    )
    states: dict[str, KnownState] = Field(
        min_length=1,
        description="The provider's status words and what they mean. A word that is not here is UNKNOWN, never FAILED.",
    )
    promises: PromisesPart = Field(default=PromisesPart(), description="What the provider promises.")
    volatile: list[JsonPath] = Field(
        default=[],
        description="Places in the submitted body that may differ between attempts and are not part of the payload's identity.",
    )
    limits: Limits = Field(default=Limits(), description="Budgets of every run.")
    hooks: dict[Name, Hook] = Field(
        default={},
        description="Disturbances of the provider's surroundings that a chaos profile may name (fault `hook`).",
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.ledger and self.ledger.account is not None and self.ledger.account not in self.accounts:
            raise field_problem(
                "ledger",
                f'the account "{self.ledger.account}" is not one of the accounts',
                expected=f"one of {', '.join(self.accounts)}",
            )
        if self.promises.same_body is SameBody.REJECT_WITH_POINTER and not any(
            rule.observation is Observation.DUPLICATE for rule in self.submit.answers
        ):
            raise field_problem(
                "promises", "same_body is reject_with_pointer, but no answer to submit is read as DUPLICATE"
            )
        return self

    @property
    def owner(self) -> str:
        """The account that pays."""
        return next(iter(self.accounts))

    @property
    def other_account(self) -> str | None:
        """A second merchant account, for what must not be shared between accounts; ``None`` if there is none."""
        operator = self.ledger.account if self.ledger else None
        return next((name for name in self.accounts if name not in (self.owner, operator)), None)

    def to_promises(self) -> Promises:
        """The promises as the judge needs them."""
        p = self.promises
        if isinstance(p.not_found, NotFoundTolerated):
            not_found, tolerated_ns = NotFound.TOLERATED, p.not_found.tolerated_for.ns
        else:
            not_found, tolerated_ns = NotFound(p.not_found), 0
        return Promises(
            not_found=not_found,
            not_found_tolerated_ns=tolerated_ns,
            lands_within_ns=_ns(p.lands_within),
            settles_within_ns=_ns(p.settles_within),
            later_edges=tuple(
                LaterEdge(PaymentState[e.source], PaymentState[e.target], _ns(e.within)) for e in p.later_edges
            ),
            same_body=p.same_body,
            other_body=p.other_body,
            caches_transient_errors=p.caches_transient_errors,
            key_retention_ns=_ns(p.key_retention),
            key_scoped_by_account=p.key_scoped_by_account,
            has_ledger=self.ledger is not None,
        )


def _ns(duration: Duration | None) -> int | None:
    return duration.ns if duration else None
