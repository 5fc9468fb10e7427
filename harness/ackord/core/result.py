"""Holds the results of a campaign in memory: each profile's verdict with its history, and all profiles together.
Reports are written from these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .history import History
from .landing import LandingWindow
from .verdict import ENVIRONMENT_FAILED, INTERRUPTED, GuaranteeVerdict, Result, Verdict, exit_code, worst

__all__ = ["CampaignResult", "LeftOutProfile", "ProfileResult"]


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
    """The command that runs this profile again with this seed."""
    cut_short: str = ""
    """Why the run ended before its end; empty for a whole one."""


@dataclass(frozen=True, slots=True)
class LeftOutProfile:
    """A profile that belongs to the run and that its target cannot run."""

    profile: str
    reason: str
    """``no seam for replication``."""
    exposes: tuple[str, ...]
    """Guarantees that it would have put to the test."""
    proves: tuple[str, ...]
    """Guarantees of these that it would have judged under faults of its own."""


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
    left_out: tuple[LeftOutProfile, ...] = ()
    """Profiles that a run of this kind includes and that the target cannot run; empty where the user chose profiles."""
    required: tuple[str, ...] = ()
    """Profiles and guarantees without which the campaign is not a pass."""
    failure: str = ""
    """How the surroundings failed, which ended the campaign; empty if they did not."""
    interrupted: bool = False
    """Whether the user ended the campaign."""

    @property
    def result(self) -> Result:
        """Return the worst result of the profiles; at best ``INCONCLUSIVE`` if none ran or if there are ``doubts``."""
        results = [p.verdict.result for p in self.profiles]
        return worst([*results, Result.INCONCLUSIVE] if self.doubts else results)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return what keeps the whole from being a pass, whatever its profiles say; one sentence each."""
        unasked = [f"{name} of the contract was never asked, so nothing is known of it" for name in self.unasked]
        early = [f"the run ended early: {self.ended_by}"] if self.ended_by else []
        why = {p.profile: f"cannot run here: {p.reason}" for p in self.left_out}
        required = [f"{name} is required, and {why.get(name, 'was not judged')}" for name in self.absent]
        return (*early, *unasked, *required)

    @property
    def unasked(self) -> tuple[str, ...]:
        """Return the provider's nodes and hosts that the contract declares and that no profile asked: ``node B``."""
        declared: dict[str, None] = {}
        asked: set[str] = set()
        for p in self.profiles:
            declared.update(dict.fromkeys(p.history.header.options.get("nodes", ())))
            asked |= p.history.nodes_asked
        return tuple(f"node {name}" for name in declared if name not in asked)

    @property
    def ended_by(self) -> str:
        """Return in a few words what ended the campaign early; empty if nothing did."""
        return "it was interrupted" if self.interrupted else self.failure.partition("\n")[0].rstrip(".")

    @property
    def absent(self) -> tuple[str, ...]:
        """Return what is required and was not judged: profiles that did not run, guarantees that no profile judged."""
        judged = {p.profile for p in self.profiles}
        for p in self.profiles:
            judged.update(g.guarantee for g in p.verdict.guarantees if g.result is not Result.NOT_APPLICABLE)
        return tuple(name for name in self.required if name not in judged)

    @property
    def exit_code(self) -> int:
        """Return 130 for a campaign that was interrupted, 4 if the surroundings failed, else the result's."""
        if self.interrupted:
            return INTERRUPTED
        return ENVIRONMENT_FAILED if self.failure else exit_code([self.result])

    def table(self) -> dict[str, dict[str, GuaranteeVerdict]]:
        """Guarantee -> profile -> verdict, in the order in which they were judged."""
        rows: dict[str, dict[str, GuaranteeVerdict]] = {}
        for p in self.profiles:
            for g in p.verdict.guarantees:
                rows.setdefault(g.guarantee, {})[p.profile] = g
        return rows
