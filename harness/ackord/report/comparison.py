"""Compares two campaigns of one contract: what got better or worse, by guarantee and profile, which findings are new or
gone, and both landing windows side by side.

A cell that was judged once and is not judged any more is neither better nor gone: it is not known any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..core.landing import LandingWindow
from ..core.result import CampaignResult
from ..core.verdict import Result
from ..errors import UsageError
from .fingerprint import fingerprint
from .profile_cells import ProfileCell, profile_cells

__all__ = ["CellChange", "Comparison", "Direction", "LandingChange", "compare_campaigns"]


class Direction(StrEnum):
    """Which way a cell went."""

    WORSE = "worse"
    UNKNOWN = "not judged any more"
    BETTER = "better"
    FIRST = "judged for the first time"
    """And held: what is broken at first sight is worse."""
    SAME = "same"


class CellChange(NamedTuple):
    """One guarantee under one profile, in both campaigns."""

    guarantee: str
    profile: str
    before: ProfileCell | None
    """``None``: it was not in that campaign at all."""
    after: ProfileCell | None
    direction: Direction
    fingerprint: str
    """Of the finding, whatever seed and order: the one of the gate's baseline and of GitLab's report."""


class LandingChange(NamedTuple):
    """A profile's landing window in both campaigns, of the first run of the profile in each."""

    profile: str
    before: LandingWindow | None
    after: LandingWindow | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one campaign to a later one."""

    old: CampaignResult
    new: CampaignResult
    cells: tuple[CellChange, ...]
    """Every cell that was judged in one of them, in the order in which they were judged."""
    landings: tuple[LandingChange, ...]

    def of(self, direction: Direction) -> list[CellChange]:
        return [change for change in self.cells if change.direction is direction]

    @property
    def new_findings(self) -> list[CellChange]:
        """Return what is broken now and was not before."""
        return [change for change in self.cells if _broken(change.after) and not _broken(change.before)]

    @property
    def gone_findings(self) -> list[CellChange]:
        """Return what was broken before and holds now."""
        return [change for change in self.cells if _broken(change.before) and _result(change.after) is Result.HELD]

    @property
    def caveats(self) -> list[str]:
        """Return why the two may not be comparable; empty if they were run alike."""
        said = []
        for what, mine, its in (
            ("budget", self.old.budget, self.new.budget),
            ("contract (SHA-256)", _contracts(self.old), _contracts(self.new)),
            ("version of Ackord", _tools(self.old), _tools(self.new)),
            ("flaw", self.old.flaw, self.new.flaw),
        ):
            if mine != its:
                said.append(f"they differ in their {what}: {mine or 'none'}, {its or 'none'}")
        said += [
            f"{name} ended early: {r.ended_by}" for name, r in (("old", self.old), ("new", self.new)) if r.ended_by
        ]
        return said


def compare_campaigns(old: CampaignResult, new: CampaignResult) -> Comparison:
    """Compare two campaigns. Raises ``UsageError`` if they are of different contracts or judge different subjects."""
    for what, mine, its in (("contracts", old.contract, new.contract), ("subjects", old.subject, new.subject)):
        if mine != its:
            raise UsageError(
                f"these are of different {what}: {mine} and {its}.\n  expected: two runs of one contract\n"
                "  mend: compare runs of the same contract"
            )
    before, after = profile_cells(old), profile_cells(new)
    cells = []
    for key in dict.fromkeys([*after, *before]):
        one, other = before.get(key), after.get(key)
        if _result(one) is not None or _result(other) is not None:
            identity = fingerprint(new.contract, *key)
            cells.append(CellChange(*key, one, other, _direction(_result(one), _result(other)), identity))
    return Comparison(old, new, tuple(cells), tuple(_landings(old, new)))


_RANK = {Result.HELD: 0, Result.INCONCLUSIVE: 1, Result.ERROR: 1, Result.UNSAFE: 2, Result.VIOLATED: 3}


def _direction(before: Result | None, after: Result | None) -> Direction:
    """``None``: not applicable, or not there."""
    if before is after:
        return Direction.SAME
    if after not in (Result.HELD, Result.UNSAFE, Result.VIOLATED):
        return Direction.SAME if before in (Result.INCONCLUSIVE, Result.ERROR, None) else Direction.UNKNOWN
    if before is None:
        return Direction.FIRST if after is Result.HELD else Direction.WORSE
    return Direction.BETTER if _RANK[after] < _RANK[before] else Direction.WORSE


def _result(cell: ProfileCell | None) -> Result | None:
    return None if cell is None or cell.result is Result.NOT_APPLICABLE else cell.result


def _broken(cell: ProfileCell | None) -> bool:
    return cell is not None and cell.broken_runs > 0


def _landings(old: CampaignResult, new: CampaignResult) -> Sequence[LandingChange]:
    def windows(result: CampaignResult) -> dict[str, LandingWindow]:
        found: dict[str, LandingWindow] = {}
        for p in result.profiles:
            if p.landing is not None:
                found.setdefault(p.profile, p.landing)
        return found

    before, after = windows(old), windows(new)
    return [LandingChange(name, before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])]


def _contracts(result: CampaignResult) -> str:
    return ", ".join(sorted({p.history.header.contract_sha256[:12] for p in result.profiles}))


def _tools(result: CampaignResult) -> str:
    return ", ".join(sorted({p.history.header.tool for p in result.profiles}))
