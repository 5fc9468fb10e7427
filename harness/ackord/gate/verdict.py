"""Defines what a gate says of a run: one item for each thing that fails it, or that a reader must know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..core.verdict import Result, exit_code

__all__ = ["GateItem", "GateVerdict", "ItemKind"]


class ItemKind(StrEnum):
    """What an item is about. Those before ``WAIVED`` fail the gate."""

    UNWAIVABLE = "unwaivable finding"
    REQUIRED_BROKEN = "broken requirement"
    DENIED = "broken level demand"
    """For what is broken."""
    NEW = "new finding"
    WORSE = "worsened finding"
    FLAKY = "flaky finding"
    """Known, and broken in some runs of the profile only."""
    EXPIRED = "expired waiver"
    STALE = "stale waiver"
    """Its finding does not occur any more."""
    JUDGE_FAILED = "judge error"
    ABSENT = "unjudged requirement"
    UNPROVEN = "unproven level demand"
    """Denied for what is only not known."""
    UNJUDGED = "unjudged guarantee"
    TOO_FEW = "unmet exposure count"
    DOUBT = "doubt"
    WAIVED = "known finding"
    NOT_TRIED = "untried waiver"
    ALLOWED = "allowed inconclusive"
    UNUSED = "unused allowance"
    LEFT_OUT = "left-out profile"
    NO_BASELINE = "missing baseline"

    @property
    def fails(self) -> bool:
        return self not in _REMARKS

    @property
    def severity(self) -> Result:
        """Return what it makes of the gate: broken, unknown, or nothing."""
        if self in (ItemKind.UNPROVEN, ItemKind.UNJUDGED, ItemKind.TOO_FEW, ItemKind.ABSENT, ItemKind.DOUBT):
            return Result.INCONCLUSIVE
        if self is ItemKind.JUDGE_FAILED:
            return Result.ERROR
        return Result.VIOLATED if self.fails else Result.HELD


_REMARKS = frozenset(list(ItemKind)[list(ItemKind).index(ItemKind.WAIVED) :])


class GateItem(NamedTuple):
    """One thing that a gate has to say."""

    kind: ItemKind
    text: str
    """A sentence without its full stop; untrusted text in it is not yet printable."""
    guarantee: str = ""
    profile: str = ""
    fingerprint: str = ""
    """Of the finding; empty where there is none."""
    place: str = ""
    """``gate.yaml:12``: the line that it is about; empty where there is none."""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """A run, judged by a policy."""

    contract: str
    provider_version: str
    profiles: tuple[str, ...]
    policy: str
    """The policy's file; empty where everything must hold."""
    on: str
    """The day by which expiries were judged, such as ``2027-03-31``."""
    items: tuple[GateItem, ...]
    """What fails the gate first, each kind together."""

    @property
    def failures(self) -> list[GateItem]:
        return [item for item in self.items if item.kind.fails]

    @property
    def remarks(self) -> list[GateItem]:
        return [item for item in self.items if not item.kind.fails]

    @property
    def passed(self) -> bool:
        return not self.failures

    @property
    def exit_code(self) -> int:
        """Return 0 for a pass, 1 for what is broken, 4 for a judge that failed, 3 for what is only not known."""
        return exit_code([Result.HELD, *(item.kind.severity for item in self.items)])
