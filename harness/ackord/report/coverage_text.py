"""Says what a campaign did not look at: profiles that were left out, guarantees that nobody judged, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..core.promises import Promises
from ..core.result import CampaignResult, LeftOutProfile
from ..core.verdict import Result
from ..guarantees import GUARANTEES
from .format import count, printable

__all__ = [
    "UNTESTED",
    "UnprovenGuarantee",
    "coverage_sentences",
    "left_out_count",
    "left_out_reasons",
    "money_is_unproven",
    "unproven",
]

_SILENT = "the profile does not expose it"
"""What the judge says of a guarantee under a profile that is not meant for it."""
UNTESTED = "no profile that was run puts it to the test"
"""The reason of a guarantee that no chosen profile is meant for."""


class UnprovenGuarantee(NamedTuple):
    """A guarantee that was judged under no profile."""

    guarantee: str
    reason: str
    left_out: tuple[str, ...]
    """Profiles that would have put it to the test, and cannot run here."""


def unproven(result: CampaignResult) -> list[UnprovenGuarantee]:
    """Return the guarantees that no profile judged, in the catalogue's order."""
    reasons: dict[str, list[str]] = {}
    judged = set()
    for p in result.profiles:
        for g in p.verdict.guarantees:
            reasons.setdefault(g.guarantee, []).append(g.reason)
            if g.result is not Result.NOT_APPLICABLE:
                judged.add(g.guarantee)
    found = []
    for guarantee, said in reasons.items():
        if guarantee in judged:
            continue
        reason = next((printable(r) for r in said if r and r != _SILENT), UNTESTED)
        without = tuple(p.profile for p in result.left_out if guarantee in p.exposes) if reason == UNTESTED else ()
        found.append(UnprovenGuarantee(guarantee, reason, without))
    return found


def money_is_unproven(result: CampaignResult) -> str:
    """Return why movements of money cannot be judged; empty if they can be."""
    # What a contract has no operation for says nothing of its ledger.
    money = {g.id for g in GUARANTEES if g.needs_ledger and not g.not_applicable(Promises())}
    verdicts = (g for p in result.profiles for g in p.verdict.guarantees if g.guarantee in money)
    if any(g.result is not Result.NOT_APPLICABLE for g in verdicts):
        return ""  # one of them alone may lack something
    return next((u.reason for u in unproven(result) if u.guarantee in money and u.reason != UNTESTED), "")


def left_out_count(result: CampaignResult) -> str:
    """Return ``8 of 14 profiles``; empty if none was left out."""
    if not result.left_out:
        return ""
    return f"{len(result.left_out)} of {len(result.left_out) + len(result.profiles) + len(result.not_run)} profiles"


def left_out_reasons(left_out: Sequence[LeftOutProfile]) -> str:
    """Return ``no seam for replication (replica-lag, replica-cut); no seam for process (node-crash)``."""
    by_reason: dict[str, list[str]] = {}
    for p in left_out:
        by_reason.setdefault(p.reason, []).append(p.profile)
    return "; ".join(f"{reason} ({', '.join(profiles)})" for reason, profiles in by_reason.items())


def coverage_sentences(result: CampaignResult) -> list[str]:
    """Return what was not looked at, one sentence each; empty if that is nothing."""
    unasked = [u.sentence for u in result.unasked if not u.needed]  # the needed ones are doubts
    ends = (f"{_begun(sentence)}." for sentence in (*unasked, *result.doubts))
    return [*_left_out(result), *_unproven(result), *_money(result), *ends]


def _left_out(result: CampaignResult) -> list[str]:
    if not result.left_out:
        return []
    said = [f"{left_out_count(result)} cannot run here: {left_out_reasons(result.left_out)}."]
    missing = {u.guarantee for u in unproven(result)}
    proves = dict.fromkeys(g for p in result.left_out for g in p.proves if g not in missing)
    if proves and result.profiles:
        said.append(f"Not judged under the faults of these profiles: {', '.join(proves)}.")
    return said


def _unproven(result: CampaignResult) -> list[str]:
    """What the contract or the target keeps from being judged. What a chosen profile is not meant for is no news."""
    by_reason: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for u in unproven(result):
        if u.reason == UNTESTED and not u.left_out:
            continue
        by_reason.setdefault((u.reason, u.left_out), []).append(u.guarantee)
    return [
        f"Not judged at all: {', '.join(names)}: {reason}{_only(left_out)}."
        for (reason, left_out), names in by_reason.items()
    ]


def _only(left_out: Iterable[str]) -> str:
    names = list(left_out)
    return f"; {', '.join(names)} would, and cannot run here" if names else ""


def _money(result: CampaignResult) -> list[str]:
    why = money_is_unproven(result)
    if not why:
        return []
    held = sum(p.verdict.result is Result.HELD for p in result.profiles)
    under = f", although {count(held, 'profile')} held" if held else ""
    return [f"Whether money moved once, and for the right orders, is not known{under}: {why}."]


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
