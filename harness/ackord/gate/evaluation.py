"""Judges a campaign by a policy and a baseline; a pure function, the day included.

Whatever is broken, not judged or doubtful fails unless an entry with an owner allows it, and an entry fails too once it
has expired or its finding does not occur any more. So nothing passes by being forgotten.
"""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Iterator, Mapping

from ..certificate.assessment import assess
from ..certificate.levels import LEVELS
from ..core.result import CampaignResult
from ..core.verdict import Result
from ..errors import UsageError, did_you_mean
from ..report.campaign_summary import labelled
from ..report.fingerprint import fingerprint
from ..report.format import count
from ..report.missing_evidence import next_step
from ..report.profile_cells import ProfileCell, profile_cells
from .baseline import Baseline, Waiver, waivable
from .policy import InconclusiveAllowance, LoadedPolicy
from .verdict import GateItem, GateVerdict, ItemKind

__all__ = ["evaluate"]

_Cells = Mapping[tuple[str, str], ProfileCell]
_SOON_DAYS = 14


def evaluate(campaign: CampaignResult, loaded: LoadedPolicy, baseline: Baseline, today: datetime.date) -> GateVerdict:
    """Judge a campaign. Raises ``UsageError`` for a baseline of another contract."""
    if baseline.document is not None and baseline.contract != campaign.contract:
        raise UsageError(
            f"{baseline.document.path} is the baseline of {baseline.contract}, and the run is one of "
            f"{campaign.contract}.\n  mend: keep a policy and a baseline for each contract"
        )
    cells = profile_cells(campaign)
    items = [
        *_missing_baseline(loaded, baseline),
        *_broken(campaign, cells, loaded, baseline, today),
        *_waivers(cells, baseline),
        *_unjudged(campaign, cells, loaded, today),
        *_level(campaign, loaded),
        *_required(campaign, cells, loaded),
        *_exposures(cells, loaded),
        *_doubts(campaign, loaded),
    ]
    order = list(ItemKind)
    items.sort(key=lambda item: order.index(item.kind))
    return GateVerdict(
        contract=campaign.contract,
        provider_version=campaign.provider_version,
        profiles=tuple(label for label, _ in labelled(campaign)),
        policy=str(loaded.document.path) if loaded.document is not None else "",
        on=today.isoformat(),
        items=tuple(items),
    )


def _missing_baseline(loaded: LoadedPolicy, baseline: Baseline) -> Iterator[GateItem]:
    if loaded.baseline is not None and baseline.document is None:
        text = f"there is no {loaded.baseline}, so no finding is known"
        yield GateItem(ItemKind.NO_BASELINE, text, place=loaded.place("baseline"))


# -- what is broken ----------------------------------------------------------------------------------------------------


def _broken(
    campaign: CampaignResult, cells: _Cells, loaded: LoadedPolicy, baseline: Baseline, today: datetime.date
) -> Iterator[GateItem]:
    waivers = {waiver.key: waiver for waiver in baseline.waivers}
    accept = f"mend what is judged, or accept it for a time: {_accepting(campaign, loaded)}"
    for key, cell in cells.items():
        if not cell.broken_runs:
            continue
        waiver = waivers.get(key)
        kind, said, mend = _kind_of(cell, waiver, loaded, today)
        cause = f"; it follows from {cell.worst.follows_from}" if cell.worst.follows_from else ""
        text = f"{cell.result} {cell.guarantee} under {cell.profile}{_times(cell)}{said}{_summary(cell, kind)}{cause}"
        place = baseline.place(waiver) if waiver is not None else ""
        mend = mend or (accept if kind.fails else "")
        yield GateItem(kind, text, *key, fingerprint(campaign.contract, *key), place, mend)


def _accepting(campaign: CampaignResult, loaded: LoadedPolicy) -> str:
    """Return the command that accepts what is broken; the words in capitals are for a person to fill in."""
    policy = ["--policy", str(loaded.document.path)] if loaded.baseline is not None and loaded.document else []
    place = policy or ["--baseline", "baseline.yaml"]
    words = ["ackord", "gate", "baseline", campaign.out, *place, "--owner", "NAME", "--reason", "TICKET"]
    return shlex.join([*words, "--expires", "30d"])


def _kind_of(
    cell: ProfileCell, waiver: Waiver | None, loaded: LoadedPolicy, today: datetime.date
) -> tuple[ItemKind, str, str]:
    """Return what a broken cell comes to, what is to be said of it, and how to mend it; empty: it may be accepted."""
    if not waivable(cell.guarantee, cell.result):
        return ItemKind.UNWAIVABLE, ": money moved twice, which no contract can allow", "mend what is judged"
    if cell.guarantee in loaded.policy.require.guarantees:
        said = f": {_where(loaded, cell.guarantee)} requires it"
        return ItemKind.REQUIRED_BROKEN, said, "mend what is judged, or require less"
    if waiver is None:
        return ItemKind.NEW, "", ""
    if cell.result is Result.VIOLATED and waiver.accepted is Result.UNSAFE:
        return ItemKind.WORSE, ": it is known as UNSAFE only", ""
    if today > waiver.expires:
        said = f": accepted by {waiver.owner} until {waiver.expires} ({waiver.reason})"
        return ItemKind.EXPIRED, said, "mend what is judged; or decide anew, and edit the waiver"
    if cell.flaky and loaded.policy.flaky == "fail":
        return ItemKind.FLAKY, "", "find out why; or set flaky: worst in the policy, and it counts by its worst run"
    left = (waiver.expires - today).days
    soon = f", {count(left, 'day')} left" if left <= _SOON_DAYS else ""
    said = f": accepted by {waiver.owner} until {waiver.expires}{soon} ({waiver.reason})"
    return ItemKind.WAIVED, said, ""


def _where(loaded: LoadedPolicy, guarantee: str) -> str:
    return loaded.place("require", "guarantees", loaded.policy.require.guarantees.index(guarantee)) or "the policy"


def _times(cell: ProfileCell) -> str:
    g = cell.worst
    orders = f", {count(g.violations, 'order')} of {g.orders:,}"
    return f"{orders}, {cell.share}" if cell.share else orders


def _summary(cell: ProfileCell, kind: ItemKind) -> str:
    found = cell.worst.findings
    return f": {found[0].summary}" if found and kind.fails and kind is not ItemKind.EXPIRED else ""


def _waivers(cells: _Cells, baseline: Baseline) -> Iterator[GateItem]:
    for waiver in baseline.waivers:
        cell = cells.get(waiver.key)
        name = f"{waiver.guarantee} under {waiver.profile}"
        place = baseline.place(waiver)
        if cell is None:
            text = f"{name}: the run did not judge it, so the waiver of {waiver.owner} was not tried"
            yield GateItem(ItemKind.NOT_TRIED, text, *waiver.key, waiver.id, place)
        elif cell.result in (Result.HELD, Result.NOT_APPLICABLE):
            said = f"held {count(cell.exposures, 'time')}" if cell.result is Result.HELD else "is not applicable"
            text = f"{name}: it {said}, and {waiver.owner} accepted it as {waiver.result} ({waiver.reason})"
            mend = "remove the waiver; ackord gate baseline does that, too"
            yield GateItem(ItemKind.STALE, text, *waiver.key, waiver.id, place, mend)


# -- what is not known -------------------------------------------------------------------------------------------------


def _unjudged(
    campaign: CampaignResult, cells: _Cells, loaded: LoadedPolicy, today: datetime.date
) -> Iterator[GateItem]:
    used = set()
    for key, cell in cells.items():
        # Each run counts: one that was not judged is not hidden by another one that was broken, and is known.
        if Result.ERROR in cell.results:
            yield GateItem(ItemKind.JUDGE_FAILED, _told(cell, Result.ERROR), *key)
        if Result.INCONCLUSIVE not in cell.results:
            continue
        found = next(((i, a) for i, a in enumerate(loaded.policy.allow_inconclusive) if a.covers(*key)), None)
        if found is None:
            mend = f"{_step(cell, campaign)}; or allow it for a time under allow_inconclusive"
            yield GateItem(ItemKind.UNJUDGED, _told(cell, Result.INCONCLUSIVE), *key, mend=mend)
            continue
        number, allowance = found
        used.add(number)
        yield _allowed(campaign, cell, allowance, loaded.place("allow_inconclusive", number), today)
    for number, allowance in enumerate(loaded.policy.allow_inconclusive):
        if number not in used:
            where = allowance.profile or "any profile"
            text = f"{allowance.guarantee} under {where}: nothing of this run needed it"
            place = loaded.place("allow_inconclusive", number)
            yield GateItem(ItemKind.UNUSED, text, allowance.guarantee, allowance.profile, place=place)


def _allowed(
    campaign: CampaignResult, cell: ProfileCell, allowance: InconclusiveAllowance, place: str, today: datetime.date
) -> GateItem:
    if today > allowance.expires:
        text = f"{_told(cell, Result.INCONCLUSIVE)}; {allowance.owner} allowed it until {allowance.expires}"
        mend = f"{_step(cell, campaign)}; or decide anew, and edit the entry"
        return GateItem(ItemKind.UNJUDGED, text, cell.guarantee, cell.profile, place=place, mend=mend)
    text = f"{cell.guarantee} under {cell.profile}: {allowance.owner}, until {allowance.expires} ({allowance.reason})"
    return GateItem(ItemKind.ALLOWED, text, cell.guarantee, cell.profile, place=place)


def _step(cell: ProfileCell, campaign: CampaignResult) -> str:
    """Say what gives the evidence that the first run lacks of those that could not be judged."""
    missing = next(g.missing for g in cell.verdicts if g.result is Result.INCONCLUSIVE)
    return next_step(missing, campaign) or "give it more to judge by"


def _told(cell: ProfileCell, result: Result) -> str:
    """Say why a cell has this result, from the first run that has it."""
    reason = next(g.reason for g in cell.verdicts if g.result is result) or "no reason was given"
    runs = cell.results.count(result)
    often = f" in {runs} of {len(cell.results)} runs" if len(cell.results) > 1 else ""
    return f"{result} {cell.guarantee} under {cell.profile}{often}: {reason}"


def _level(campaign: CampaignResult, loaded: LoadedPolicy) -> Iterator[GateItem]:
    """Give every reason why the run does not earn the policy's level, as a certificate of it would be refused."""
    if not loaded.policy.level:
        return
    level = LEVELS.get(loaded.policy.level)
    for denial in assess(campaign, level).denials:
        kind = ItemKind.DENIED if denial.exit_code == 1 else ItemKind.UNPROVEN
        mend = "mend what is judged, or demand a lower level" if kind is ItemKind.DENIED else ""
        yield GateItem(kind, f"{level.name}: {denial.sentence}", place=loaded.place("level"), mend=mend)


def _required(campaign: CampaignResult, cells: _Cells, loaded: LoadedPolicy) -> Iterator[GateItem]:
    judged = {key for key, cell in cells.items() if cell.result not in (Result.NOT_APPLICABLE, Result.INCONCLUSIVE)}
    why = {p.profile: f"it cannot run here: {p.reason}" for p in campaign.left_out}
    why |= dict.fromkeys(campaign.not_run, "it was not run, because the run stopped early")
    ran = {p.profile for p in campaign.profiles}
    for i, name in enumerate(loaded.policy.require.profiles):
        if not any(profile == name for _, profile in judged):
            known = "nothing could be judged under it" if name in ran else f"it was not run{did_you_mean(name, ran)}"
            text = f"profile {name}: {why.get(name, known)}"
            place = loaded.place("require", "profiles", i)
            yield GateItem(ItemKind.ABSENT, text, profile=name, place=place, mend="run it, or require less")
    for i, name in enumerate(loaded.policy.require.guarantees):
        if not any(guarantee == name for guarantee, _ in judged):
            place = loaded.place("require", "guarantees", i)
            text = f"{name}: no profile of the run judged it"
            mend = "run a profile that exposes it, or require less"
            yield GateItem(ItemKind.ABSENT, text, name, place=place, mend=mend)


def _exposures(cells: _Cells, loaded: LoadedPolicy) -> Iterator[GateItem]:
    for i, least in enumerate(loaded.policy.least_exposures):
        counts: dict[str, int] = {least.guarantee: 0} if least.guarantee else {}
        for (guarantee, profile), cell in cells.items():
            wanted = least.guarantee in ("", guarantee) and least.profile in ("", profile)
            if wanted and cell.result is not Result.NOT_APPLICABLE:
                counts[guarantee] = counts.get(guarantee, 0) + cell.exposures
        for guarantee, exposures in counts.items():
            if exposures < least.count:
                where = f" under {least.profile}" if least.profile else ""
                text = f"{guarantee}{where}: {count(exposures, 'exposure')}, and {least.count:,} are wanted"
                place = loaded.place("least_exposures", i)
                mend = "take a larger --budget, or want less"
                yield GateItem(ItemKind.TOO_FEW, text, guarantee, least.profile, place=place, mend=mend)


def _doubts(campaign: CampaignResult, loaded: LoadedPolicy) -> Iterator[GateItem]:
    if campaign.shard is not None:
        text = f"this is shard {campaign.shard} of a campaign"
        yield GateItem(ItemKind.DOUBT, text, mend="merge all shards first: ackord report merge")
    for doubt in campaign.doubts:
        yield GateItem(ItemKind.DOUBT, doubt)
    if campaign.not_run:
        yield GateItem(ItemKind.DOUBT, f"not run, because the run stopped early: {', '.join(campaign.not_run)}")
    if not campaign.profiles and not campaign.not_run:
        yield GateItem(ItemKind.DOUBT, "no profile was run")
    required = loaded.policy.require.profiles
    for absent in campaign.left_out:
        if absent.profile not in required:
            yield GateItem(ItemKind.LEFT_OUT, f"profile {absent.profile}: {absent.reason}", profile=absent.profile)
    for label, p in labelled(campaign):
        if not p.verdict.complete and not campaign.ended_by:
            yield GateItem(ItemKind.DOUBT, f"the record of {label} is not whole", profile=p.profile)
        if all(g.result is Result.NOT_APPLICABLE for g in p.verdict.guarantees):
            yield GateItem(ItemKind.DOUBT, f"nothing was judged under {label}", profile=p.profile)
