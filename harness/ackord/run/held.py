"""Demand of a verdict that guarantees held, and explain the one that did not."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.history import History
from ..core.verdict import GuaranteeVerdict, Result, Verdict, worst
from ..errors import UnknownNameError
from ..report.explanation import explain_finding

__all__ = ["NotHeld", "explained", "require_held"]

_BROKEN = (Result.VIOLATED, Result.ERROR, Result.UNSAFE)


class NotHeld(AssertionError):
    """A guarantee did not hold; the text explains it."""


def require_held(verdict: Verdict, names: Sequence[str], history: History, *, repeat: str) -> None:
    """Check that each of ``names`` is HELD; without names, that none is broken and one at least is HELD.

    Raises ``NotHeld`` with the explanation of the worst, and ``UnknownNameError``.
    """
    __tracebackhide__ = True
    by_name = {g.guarantee: g for g in verdict.guarantees}
    if unknown := [name for name in names if name not in by_name]:
        raise UnknownNameError("guarantee", unknown[0], by_name)
    if names:
        wrong = [by_name[name] for name in names if by_name[name].result is not Result.HELD]
    else:
        wrong = [g for g in verdict.guarantees if g.result in _BROKEN]
    if wrong:
        result = worst(g.result for g in wrong)
        first = next(g for g in wrong if g.result is result)
        others = [f"{g.guarantee} {g.result}" for g in wrong if g is not first]
        also = [f"also: {', '.join(others)}"] if others else []
        raise NotHeld("\n".join([explained(first, history, repeat), *also, *verdict.notes]))
    if not any(g.result is Result.HELD for g in verdict.guarantees):
        seen = f"\n{'; '.join(verdict.notes)}" if verdict.notes else ""
        raise NotHeld(
            "nothing was put to the test: no guarantee had an occasion to be broken.\n"
            f"  expected: an order that is submitted, and asked for or submitted again{seen}"
        )


def explained(verdict: GuaranteeVerdict, history: History, repeat: str, step: str = "") -> str:
    """Return the explanation of a guarantee that did not hold: its worst finding, or else its reason, and the ``step``
    that gives the missing evidence.
    """
    if verdict.findings:
        return explain_finding(verdict.findings[0], history, repeat=repeat).text()
    step = f"next: {step}\n" if step else ""
    return f"{verdict.guarantee}: {verdict.result}: {verdict.reason}\n{step}repeat with {repeat}"
