"""Certifies the level of a bundle once more, at a provider that the customer reaches, and compares the two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.loading.loader import shipped
from ..core.result import CampaignResult
from ..core.verdict import Result
from ..run.evidence import CONTRACT_FILE
from ..run.options.plan import RunPlan
from ..run.options.run_options import RunOptions
from ..run.resolve import make_plan
from .assessment import LevelAssessment, assess
from .bundle import EVIDENCE
from .level_run import impossible_profiles
from .levels import LEVELS

__all__ = ["SideBySide", "compared", "plan_again"]


class SideBySide(NamedTuple):
    """One guarantee in the certificate and in one's own run."""

    guarantee: str
    strength: str
    signed: str
    own: str

    @property
    def agrees(self) -> bool:
        return self.signed.partition(" ")[0] == self.own.partition(" ")[0]


def plan_again(bundle: Path, level: str, options: RunOptions) -> RunPlan:
    """Return the plan of one's own run of a bundle's level: its contract, the profiles that the target can run, and
    another seed. What cannot be run is left out of it, and told.

    Raises ``UsageError``.
    """
    contract = bundle / EVIDENCE / CONTRACT_FILE
    profiles = LEVELS.get(level).every_profile
    base = replace(options, contract=_shipped_twin(contract) or str(contract), profiles=profiles[:1])
    left_out = tuple(impossible_profiles(make_plan(base), profiles))
    gone = {p.profile for p in left_out}
    plan = make_plan(replace(base, profiles=[name for name in profiles if name not in gone]))
    return replace(plan, left_out=left_out)


def _shipped_twin(contract: Path) -> str:
    """Return the name of the shipped contract that a copy is one of; empty: of none. Its keys are no secrets."""
    content = contract.read_bytes()
    return next((p.stem for p in sorted(shipped("contracts").glob("*.yaml")) if p.read_bytes() == content), "")


def compared(statement: dict[str, Any], campaign: CampaignResult) -> tuple[LevelAssessment, list[SideBySide]]:
    """Return one's own run as the certificate's level judges it, and both side by side."""
    predicate = statement["predicate"]
    assessment = assess(campaign, LEVELS.get(predicate["claim"]["level"]))
    own = {s.guarantee: s for s in assessment.standings}
    rows = []
    for row in predicate["guarantees"]:
        mine = own.get(row["id"])
        rows.append(
            SideBySide(
                row["id"], str(row.get("strength", "")), _cell(str(row["result"]), int(row["exposures_count"])),
                "-" if mine is None else _cell(mine.result, mine.exposures),
            )
        )  # fmt: skip
    return assessment, rows


def _cell(result: str, exposures: int) -> str:
    return str(result) if result == Result.NOT_APPLICABLE else f"{result} ({exposures:,})"
