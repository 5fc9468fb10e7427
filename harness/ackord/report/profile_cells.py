"""Puts all runs of a campaign's profiles together by guarantee and profile, so that what differs between runs shows."""

from __future__ import annotations

from typing import NamedTuple

from ..core.result import CampaignResult
from ..core.verdict import GuaranteeVerdict, Result, worst

__all__ = ["ProfileCell", "profile_cells", "repeat_sentences"]

_BROKEN = (Result.VIOLATED, Result.UNSAFE)


class ProfileCell(NamedTuple):
    """One guarantee under one profile, in all runs of that profile."""

    guarantee: str
    profile: str
    verdicts: tuple[GuaranteeVerdict, ...]
    """One for each run; at least one."""

    @property
    def result(self) -> Result:
        """Return the worst result of the runs: no run makes another one good."""
        return worst(g.result for g in self.verdicts)

    @property
    def results(self) -> tuple[Result, ...]:
        """Return the result of each run."""
        return tuple(g.result for g in self.verdicts)

    @property
    def worst(self) -> GuaranteeVerdict:
        """Return the verdict of the first run with the worst result."""
        return next(g for g in self.verdicts if g.result is self.result)

    @property
    def exposures(self) -> int:
        return sum(g.exposures for g in self.verdicts)

    @property
    def broken_runs(self) -> int:
        """Return the number of runs in which it was broken."""
        return sum(g.result in _BROKEN for g in self.verdicts)

    @property
    def flaky(self) -> bool:
        """Return whether it was broken in some runs and not in others."""
        return 0 < self.broken_runs < len(self.verdicts)

    @property
    def share(self) -> str:
        """Return in how many runs it was broken, such as ``broken in 1 of 3 runs``; empty where there is one run."""
        return f"broken in {self.broken_runs} of {len(self.verdicts)} runs" if len(self.verdicts) > 1 else ""


def profile_cells(result: CampaignResult) -> dict[tuple[str, str], ProfileCell]:
    """Map ``(guarantee, profile)`` to its cell, in the order in which they were judged."""
    found: dict[tuple[str, str], list[GuaranteeVerdict]] = {}
    for p in result.profiles:
        for g in p.verdict.guarantees:
            found.setdefault((g.guarantee, p.profile), []).append(g)
    return {key: ProfileCell(*key, tuple(verdicts)) for key, verdicts in found.items()}


def repeat_sentences(result: CampaignResult) -> list[str]:
    """Return a sentence for each guarantee that was broken in some runs of a profile and not in others."""
    return [
        f"{cell.profile}: {cell.guarantee} was {cell.share}; one is enough"
        for cell in profile_cells(result).values()
        if cell.flaky
    ]
