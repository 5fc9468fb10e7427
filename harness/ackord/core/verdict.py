"""Defines the results of judging: a finding about one order, the verdict of one guarantee, the verdict of a run.

The worst result wins. ``VIOLATED`` outranks ``ERROR``, because one observed violation is a proof whatever else broke.
``ERROR`` (a judge crashed) outranks every result that could be taken for a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "ENVIRONMENT_FAILED",
    "INTERRUPTED",
    "Doubt",
    "Finding",
    "GuaranteeVerdict",
    "MissingEvidence",
    "Result",
    "Verdict",
    "exit_code",
    "worst",
]

ENVIRONMENT_FAILED = 4
"""Exit code of a run whose surroundings failed; what was judged until then is kept."""
INTERRUPTED = 130
"""Exit code of a run that the user ended; what was judged until then is kept."""


class Result(StrEnum):
    NOT_APPLICABLE = "NOT_APPLICABLE"
    HELD = "HELD"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"
    UNSAFE = "UNSAFE"
    VIOLATED = "VIOLATED"


_SEVERITY = {result: i for i, result in enumerate(Result)}


def worst(results: Iterable[Result]) -> Result:
    """Return the worst result; ``INCONCLUSIVE`` if there is none."""
    return max(results, key=_SEVERITY.__getitem__, default=Result.INCONCLUSIVE)


def exit_code(results: Iterable[Result]) -> int:
    """Return the exit code: 0 all held · 1 violated or unsafe · 3 inconclusive or nothing ran · 4 a judge crashed."""
    match worst(results):
        case Result.HELD:
            return 0
        case Result.VIOLATED | Result.UNSAFE:
            return 1
        case Result.ERROR:
            return 4
        case _:
            return 3


class MissingEvidence(StrEnum):
    """What an INCONCLUSIVE guarantee lacks. ``report/missing_evidence.py`` says what gives it."""

    FAULT_EFFECT = "fault-effect"
    """The faults that it rests on had no proven effect."""
    EXPOSURE = "exposure"
    """Nothing happened on which it could have been broken."""
    ANSWERED_REQUESTS = "answered-requests"
    """Too many requests got no answer, and no fault took it."""
    USABLE_ANSWERS = "usable-answers"
    """Too many answers could not be read, or refused to tell of an order."""
    ACCEPTED_ORDERS = "accepted-orders"
    """The provider accepted too few of the orders."""
    WHOLE_LEDGER = "whole-ledger"
    """The ledger was never read to its end."""
    LEDGER_MOVEMENTS = "ledger-movements"
    """The ledger shows no movement of any order."""
    WHOLE_STATEMENT = "whole-statement"
    """Readings of the statement did not come to its end."""
    WHOLE_RUN = "whole-run"
    """The record ends before the run does."""
    MERCHANT_ORDERS = "merchant-orders"
    """The merchant submitted no order that the contract can read."""
    MERCHANT_TIME = "merchant-time"
    """The merchant's command was ended while every payment was open."""
    MERCHANT_OUTCOMES = "merchant-outcomes"
    """Nobody knows what the merchant takes its payments for."""
    PAYMENT_ENDS = "payment-ends"
    """The provider does not tell how the merchant's payments ended."""


class Doubt(NamedTuple):
    """Why a guarantee is INCONCLUSIVE: what it lacks, and the reason in words."""

    missing: MissingEvidence
    reason: str


class Finding(NamedTuple):
    """One order broke one guarantee."""

    guarantee: str
    order: str
    account: str
    result: Result
    """``VIOLATED`` or ``UNSAFE``."""
    summary: str
    """One sentence, in words that a payment engineer understands."""
    at_ns: int
    """The instant of the answer that broke it."""
    staleness_ns: int | None
    """Time from the fact that the offending read denies (the acknowledgement, the earlier answer) to the begin of that
    read.
    """
    evidence: tuple[tuple[int, int], ...]
    """``(op, copy)`` of the exchanges that prove it, the offending one last."""
    movements: tuple[str, ...] = ()
    """Ledger movements that prove it."""
    safe_policies: tuple[str, ...] = ()
    """For UNSAFE: merchant policies that are safe with this provider nevertheless."""
    follows_from: str = ""
    """The guarantee whose finding about the same order is the cause of this one; empty if this one stands for itself.
    """


@dataclass(frozen=True, slots=True)
class GuaranteeVerdict:
    """One guarantee over one run."""

    guarantee: str
    result: Result
    exposures: int
    """Occasions on which the guarantee could have been broken."""
    orders: int
    """Orders with at least one exposure."""
    violations: int = 0
    """Orders that broke it."""
    findings: tuple[Finding, ...] = ()
    """The first of them, worst first, at most ``tally.FINDINGS_KEPT``."""
    reason: str = ""
    """Why it is INCONCLUSIVE, NOT_APPLICABLE or ERROR."""
    follows_from: str = ""
    """The guarantee whose findings are the causes of all findings here; empty if an order broke this one for itself.

    The result does not depend on it: a broken clause is broken, whatever broke it.
    """
    missing: MissingEvidence | None = None
    """What an INCONCLUSIVE one lacks; ``None`` for every other result."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All guarantees over one run."""

    contract: str
    profile: str
    seed: int
    guarantees: tuple[GuaranteeVerdict, ...]
    complete: bool = True
    """False: the journal was cut off."""
    notes: tuple[str, ...] = field(default=())

    @property
    def result(self) -> Result:
        """Return the worst applicable result; ``INCONCLUSIVE`` or worse if the journal was cut off."""
        results = [g.result for g in self.guarantees if g.result is not Result.NOT_APPLICABLE]
        return worst(results if self.complete else [*results, Result.INCONCLUSIVE])

    def of(self, guarantee: str) -> GuaranteeVerdict:
        """Return one guarantee's verdict. Raises ``KeyError`` if that guarantee was not judged."""
        for g in self.guarantees:
            if g.guarantee == guarantee:
                return g
        raise KeyError(guarantee)
