"""Decides whether a campaign earns a level, and says every reason why it does not.

Only the level's own profiles count. A guarantee of the level must be HELD under at least one of them and neither broken
nor doubtful under any; what else was seen under them is told beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..core.result import CampaignResult, ProfileResult
from ..core.verdict import ENVIRONMENT_FAILED, INTERRUPTED, GuaranteeVerdict, Result, exit_code, worst
from ..run.possible_profiles import NO_OPERATION, NO_SEAM
from .levels import LEVELS, CertificateLevel

__all__ = ["Denial", "GuaranteeStanding", "LevelAssessment", "assess", "gravest", "highest_level"]

_INCONCLUSIVE = 3
_IF_EXPOSED = "MUST if exposed"


class Denial(NamedTuple):
    """One reason why a level is not granted."""

    exit_code: int
    sentence: str


@dataclass(frozen=True, slots=True)
class GuaranteeStanding:
    """One guarantee over the profiles of a level."""

    guarantee: str
    strength: str
    """``MUST``, ``MUST if exposed``, ``SHOULD``, or empty for one that the level does not ask for."""
    result: Result
    """The worst over the profiles that it applied to; NOT_APPLICABLE if it applied to none."""
    by_profile: dict[str, GuaranteeVerdict]

    @property
    def exposures(self) -> int:
        return sum(g.exposures for g in self.by_profile.values())

    @property
    def worst_staleness_ns(self) -> int | None:
        """Return the longest time for which an answer denied what had been said before; ``None``: none did."""
        found = [f.staleness_ns for g in self.by_profile.values() for f in g.findings if f.staleness_ns is not None]
        return max(found, default=None)

    def under(self, result: Result) -> list[str]:
        """Return the profiles under which it had this result."""
        return [profile for profile, g in self.by_profile.items() if g.result is result]


@dataclass(frozen=True, slots=True)
class LevelAssessment:
    """What a campaign means for one level."""

    level: CertificateLevel
    denials: tuple[Denial, ...]
    standings: tuple[GuaranteeStanding, ...]

    @property
    def granted(self) -> bool:
        return not self.denials

    @property
    def exit_code(self) -> int:
        """Return 0 for a level that is granted, else that of the gravest denial."""
        return gravest(self.denials)

    @property
    def beside(self) -> list[GuaranteeStanding]:
        """Return what the level does not ask for and what was broken or doubtful all the same."""
        fine = (Result.HELD, Result.NOT_APPLICABLE)
        return [s for s in self.standings if not s.strength.startswith("MUST") and s.result not in fine]


def gravest(denials: Iterable[Denial]) -> int:
    """Return the exit code of the gravest denial: interrupted, broken, wrong input, failed, unknown; 0 without any."""
    codes = {denial.exit_code for denial in denials}
    return next((code for code in (INTERRUPTED, 1, 2, ENVIRONMENT_FAILED, _INCONCLUSIVE) if code in codes), 0)


def assess(campaign: CampaignResult, level: CertificateLevel) -> LevelAssessment:
    """Return whether ``campaign`` earns ``level``, with every reason why not."""
    mine = [p for p in campaign.profiles if p.profile in level.every_profile]
    standings = tuple(_standings(mine, level))
    denials = [*_of_the_run(campaign, level), *_of_profiles(campaign, mine, level)]
    denials += [denial for s in standings if s.strength.startswith("MUST") for denial in _of_guarantee(s, level)]
    return LevelAssessment(level, tuple(dict.fromkeys(denials)), standings)


def highest_level(campaign: CampaignResult) -> CertificateLevel | None:
    """Return the highest level that a campaign earns; ``None``: it earns none."""
    return next((level for level in reversed(list(LEVELS)) if assess(campaign, level).granted), None)


def _of_the_run(campaign: CampaignResult, level: CertificateLevel) -> Iterator[Denial]:
    if campaign.subject != "provider":
        yield Denial(2, f"a certificate is about a provider, and this run judged another subject: {campaign.subject}")
    if campaign.target == "emulator":
        yield Denial(2, "the emulator is Ackord's own service that plays a contract: it is nobody's product")
    if campaign.ended_by:
        yield Denial(campaign.exit_code, f"the run ended early: {campaign.ended_by}")
    for doubt in campaign.doubts:
        if not doubt.startswith("the run ended early"):
            yield Denial(_INCONCLUSIVE, doubt)


def _of_profiles(campaign: CampaignResult, mine: list[ProfileResult], level: CertificateLevel) -> Iterator[Denial]:
    left_out = {p.profile: p.reason for p in campaign.left_out}
    judged = [p.profile for p in mine]
    for name in level.every_profile:
        if name in level.where_possible and left_out.get(name, "").startswith((NO_SEAM, NO_OPERATION)):
            continue
        if name in left_out:
            yield Denial(_INCONCLUSIVE, f"the profile {name} cannot run here: {left_out[name]}")
        elif name in campaign.not_run:
            yield Denial(_INCONCLUSIVE, f"the profile {name} was left out when the run stopped")
        elif name not in judged:
            yield Denial(
                _INCONCLUSIVE, f"the profile {name} is missing in the evidence: it was not run, or is in another shard"
            )
        elif judged.count(name) > 1:
            yield Denial(_INCONCLUSIVE, f"the profile {name} is in the evidence {judged.count(name)} times")
    for p in mine:
        options = p.history.header.options
        if p.cut_short or not p.verdict.complete:
            why = p.cut_short.partition("\n")[0] or "its journal was cut off"
            yield Denial(_INCONCLUSIVE, f"the profile {p.profile} did not come to its end: {why}")
        if options.get("inject") is False:
            yield Denial(_INCONCLUSIVE, f"the faults of {p.profile} were announced and not made (--no-inject)")
        if options.get("contract_not_kept"):
            yield Denial(2, f"nobody could judge the run again: {options['contract_not_kept']}")


def _standings(mine: list[ProfileResult], level: CertificateLevel) -> Iterator[GuaranteeStanding]:
    table: dict[str, dict[str, GuaranteeVerdict]] = {}
    for p in mine:
        for g in p.verdict.guarantees:
            table.setdefault(g.guarantee, {})[p.profile] = g
    for guarantee in dict.fromkeys((*level.must, *level.where_exposed, *level.should, *table)):
        by_profile = table.get(guarantee, {})
        results = [g.result for g in by_profile.values() if g.result is not Result.NOT_APPLICABLE]
        strength = "MUST" if guarantee in level.must else "SHOULD" if guarantee in level.should else ""
        strength = _IF_EXPOSED if guarantee in level.where_exposed else strength
        result = worst(results) if results else Result.NOT_APPLICABLE
        yield GuaranteeStanding(guarantee, strength, result, by_profile)


def _of_guarantee(standing: GuaranteeStanding, level: CertificateLevel) -> Iterator[Denial]:
    name = standing.guarantee
    for result in (Result.VIOLATED, Result.UNSAFE, Result.ERROR, Result.INCONCLUSIVE):
        profiles = standing.under(result)
        if not profiles or (result is Result.UNSAFE and name in level.may_be_unsafe):
            continue
        first = standing.by_profile[profiles[0]]
        why = first.findings[0].summary if first.findings else first.reason
        yield Denial(exit_code([result]), f"{name} is {result} under {', '.join(profiles)}: {why}")
    if standing.result is Result.NOT_APPLICABLE and standing.strength != _IF_EXPOSED:
        reasons = dict.fromkeys(g.reason for g in standing.by_profile.values())
        yield Denial(_INCONCLUSIVE, f"{name} was judged under no profile: {'; '.join(reasons) or 'nothing was run'}")
