"""Holds the results of a campaign in memory: each profile's verdict with its history, and all profiles together.
Reports are written from these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .history import History
from .landing import LandingWindow
from .verdict import GuaranteeVerdict, Result, Verdict, exit_code, worst

__all__ = ["CampaignResult", "ProfileResult"]


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """One profile's run."""

    profile: str
    verdict: Verdict
    history: History
    landing: LandingWindow | None
    """``None`` where no order was acknowledged."""
    journal: str
    """Path of the journal."""
    operations: int
    """Operations of the merchant."""
    elapsed_ns: int
    repeat: str
    """Return the command that runs this profile again with this seed."""


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """One contract under many profiles."""

    contract: str
    provider: str
    """Description of what was judged: ``reference provider (PostgreSQL 18.1), flaw standby-reads``."""
    subject: str
    """``provider``, ``integration`` or ``sandbox``."""
    target: str
    flaw: str
    """Empty for none."""
    seed: int
    budget: str
    started: str
    """Civil time in UTC, ISO 8601."""
    elapsed_ns: int
    profiles: tuple[ProfileResult, ...]
    not_run: tuple[str, ...]
    """Profiles that were chosen but not run, because the run stopped early."""
    out: str
    """The output folder."""
    repeat: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def result(self) -> Result:
        """Return the worst result of the profiles; ``INCONCLUSIVE`` if none ran."""
        return worst(p.verdict.result for p in self.profiles)

    @property
    def exit_code(self) -> int:
        return exit_code([self.result])

    def table(self) -> dict[str, dict[str, GuaranteeVerdict]]:
        """Guarantee -> profile -> verdict, in the order in which they were judged."""
        rows: dict[str, dict[str, GuaranteeVerdict]] = {}
        for p in self.profiles:
            for g in p.verdict.guarantees:
                rows.setdefault(g.guarantee, {})[p.profile] = g
        return rows
