"""Counts the exposures of one guarantee and keeps its worst findings; the tallies of a run's parts add up to the run's.

An order's rank puts it into the sequence of the run, so that the sum does not depend on the sequence of the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ..core.history import History
from ..core.reasons import Rank, Reasons
from ..core.verdict import Doubt, Finding, GuaranteeVerdict, MissingEvidence, Result
from .base import severity

__all__ = ["FINDINGS_KEPT", "GuaranteeTally"]

FINDINGS_KEPT = 50
"""Findings kept for each guarantee, the worst first."""


class JudgedGuarantee(Protocol):
    """What counting needs of a guarantee, be it a provider's or a merchant's."""

    @property
    def id(self) -> str: ...

    @property
    def needs_ledger(self) -> bool: ...

    @property
    def needs_statement(self) -> bool: ...


G = TypeVar("G", bound=JudgedGuarantee)


@dataclass(slots=True)
class GuaranteeTally(Generic[G]):
    """Counts the exposures and findings of one guarantee."""

    guarantee: G
    expected: bool = False
    """Whether the profile claims to expose this guarantee."""
    exposures: int = 0
    orders: int = 0
    broken: dict[Result, int] = field(default_factory=dict)
    findings: list[tuple[Rank, Finding]] = field(default_factory=list)
    """With the ranks of their orders."""
    causes: Reasons = field(default_factory=Reasons)
    """Orders whose findings follow from another guarantee's, by that guarantee."""
    error: tuple[Rank, str] | None = None
    """The first order on which the judge crashed, and how."""

    def add(self, exposures: int, found: Sequence[Finding], rank: Rank = (0, 0)) -> None:
        """Add one order's judgement. Without ranks, orders are in the sequence in which they are added."""
        if exposures:
            self.exposures += exposures
            self.orders += 1
        if found:
            self._add_findings(found, rank)

    def crashed(self, order: str, error: Exception, rank: Rank = (0, 0)) -> None:
        """Record that the judge crashed on an order; the other orders are still judged."""
        if self.error is None or rank < self.error[0]:
            self.error = rank, f"the judge crashed on order {order}: {type(error).__name__}: {error}"

    def merge(self, other: GuaranteeTally[G]) -> None:
        """Add the tally of other orders of the run."""
        self.exposures += other.exposures
        self.orders += other.orders
        for result, orders in other.broken.items():
            self.broken[result] = self.broken.get(result, 0) + orders
        self.findings += other.findings
        self.trim()
        self.causes.merge(other.causes)
        if other.error is not None and (self.error is None or other.error[0] < self.error[0]):
            self.error = other.error

    def _add_findings(self, found: Sequence[Finding], rank: Rank) -> None:
        result = Result.VIOLATED if any(f.result is Result.VIOLATED for f in found) else Result.UNSAFE
        self.broken[result] = self.broken.get(result, 0) + 1
        if all(f.follows_from for f in found):
            self.causes.add(found[0].follows_from, (rank, 0))
        self.findings.extend((rank, f) for f in found)
        if len(self.findings) > 4 * FINDINGS_KEPT:
            self.trim()

    def trim(self) -> None:
        """Keep the worst findings, of equals those of the first orders."""
        self.findings.sort(key=_worst_first)
        del self.findings[FINDINGS_KEPT:]

    def verdict(self, history: History, doubt: Doubt | None = None) -> GuaranteeVerdict:
        """Return the verdict from the counts and from the facts in ``history``. ``doubt``: why it cannot be HELD."""
        self.trim()
        result, reason, missing = self._result(history, doubt)
        violations = sum(self.broken.values())
        caused = bool(violations) and self.causes.total == violations
        return GuaranteeVerdict(
            self.guarantee.id,
            result,
            self.exposures,
            self.orders,
            violations,
            tuple(f for _, f in self.findings),
            reason,
            self.causes.commonest if caused else "",
            missing,
        )

    def _result(self, history: History, doubt: Doubt | None) -> tuple[Result, str, MissingEvidence | None]:
        for result in (Result.VIOLATED, Result.UNSAFE):
            if result in self.broken:
                return result, "", None
        if self.error is not None:
            return Result.ERROR, self.error[1], None
        own = self._doubt(history)
        if own is None and not self.exposures:
            return Result.NOT_APPLICABLE, "the profile does not expose it", None
        doubt = own or doubt
        return (Result.HELD, "", None) if doubt is None else (Result.INCONCLUSIVE, doubt.reason, doubt.missing)

    def _doubt(self, history: History) -> Doubt | None:
        """Return what this guarantee itself lacks to be HELD; without exposures ``None`` means that none was due."""
        header = history.header
        required = header.requires.get(self.guarantee.id, ())
        if required and not history.effective_faults.intersection(required):
            return Doubt(MissingEvidence.FAULT_EFFECT, f"{_faults(required)} never took effect")
        if self.guarantee.needs_ledger and not history.ledger_was_read:
            problem = history.ledger_problem
            reason = f"the ledger was never read to its end{problem and f' ({problem})'}"
            return Doubt(MissingEvidence.WHOLE_LEDGER, reason)
        if not self.exposures:
            if self.guarantee.needs_statement and (problem := history.statements.problem):
                return Doubt(MissingEvidence.WHOLE_STATEMENT, f"the statement could not be read: {problem}")
            if self.expected or self.guarantee.id in header.exposes:
                reason = "nothing exposed it: no occasion on which it could have been broken"
                return Doubt(MissingEvidence.EXPOSURE, reason)
            return None
        return None if history.complete else Doubt(MissingEvidence.WHOLE_RUN, "the journal was cut off")


def _worst_first(ranked: tuple[Rank, Finding]) -> tuple[object, ...]:
    return (severity(ranked[1]), ranked[0])


def _faults(names: Sequence[str]) -> str:
    return f"fault {names[0]}" if len(names) == 1 else f"none of the faults {', '.join(names)}"
