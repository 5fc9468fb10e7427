"""What a judge says: findings of one order, the verdict of one guarantee, the verdict of a run.

The worst result wins. ``VIOLATED`` outranks ``ERROR``: a violation seen once is a proof, whatever else broke; ``ERROR`` (a judge that
crashed) outranks everything that could be taken for a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

__all__ = ["Finding", "GuaranteeVerdict", "Result", "Verdict", "exit_code", "worst"]


class Result(StrEnum):
    NOT_APPLICABLE = "NOT_APPLICABLE"
    HELD = "HELD"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"
    UNSAFE = "UNSAFE"
    VIOLATED = "VIOLATED"


_SEVERITY = {result: i for i, result in enumerate(Result)}


def worst(results: Iterable[Result]) -> Result:
    """The worst of them; of none, ``INCONCLUSIVE``: nothing ran."""
    return max(results, key=_SEVERITY.__getitem__, default=Result.INCONCLUSIVE)


def exit_code(results: Iterable[Result]) -> int:
    """0 all held · 1 violated or unsafe · 3 inconclusive or nothing ran · 4 a judge crashed."""
    match worst(results):
        case Result.HELD:
            return 0
        case Result.VIOLATED | Result.UNSAFE:
            return 1
        case Result.ERROR:
            return 4
        case _:
            return 3


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
    """How long after the fact that it denies (the acknowledgement, the earlier answer) the offending read began."""
    evidence: tuple[tuple[int, int], ...]
    """``(op, copy)`` of the exchanges that prove it, the offending one last."""
    movements: tuple[str, ...] = ()
    """Ledger movements that prove it."""
    safe_policies: tuple[str, ...] = ()
    """For UNSAFE: merchant policies that are safe with this provider all the same."""


@dataclass(frozen=True, slots=True)
class GuaranteeVerdict:
    """One guarantee over one run."""

    guarantee: str
    result: Result
    exposures: int
    """Occasions on which it could have been broken."""
    orders: int
    """Orders with at least one exposure."""
    violations: int = 0
    """Orders that broke it."""
    findings: tuple[Finding, ...] = ()
    """The first of them, worst first, at most ``judge.FINDINGS_KEPT``."""
    reason: str = ""
    """Why it is INCONCLUSIVE, NOT_APPLICABLE or ERROR."""


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
        """The worst of those that apply; ``INCONCLUSIVE`` at best if the journal was cut off."""
        results = [g.result for g in self.guarantees if g.result is not Result.NOT_APPLICABLE]
        return worst(results if self.complete else [*results, Result.INCONCLUSIVE])

    def of(self, guarantee: str) -> GuaranteeVerdict:
        """One guarantee's verdict. Raises ``KeyError`` for a name that was not judged."""
        for g in self.guarantees:
            if g.guarantee == guarantee:
                return g
        raise KeyError(guarantee)
