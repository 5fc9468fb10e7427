"""Makes a new baseline from a run and the old one: accepts what is new, keeps what still occurs, drops what is gone."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from ..certificate.levels import LEVELS
from ..core.result import CampaignResult
from ..core.verdict import Result
from ..errors import UsageError
from ..report.fingerprint import fingerprint
from ..report.profile_cells import ProfileCell, profile_cells
from .baseline import Baseline, Waiver, waivable
from .policy import GatePolicy, day_of, told

__all__ = ["Acceptance", "BaselineUpdate", "acceptance_of", "updated_baseline"]

_DAYS = re.compile(r"([0-9]{1,4})d\Z")
_SETTLED = (Result.HELD, Result.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a person says when a finding is accepted."""

    owner: str
    reason: str
    expires: datetime.date


@dataclass(frozen=True, slots=True)
class BaselineUpdate:
    """A baseline made from a run, and what was done to each entry."""

    baseline: Baseline
    added: tuple[Waiver, ...]
    kept: tuple[Waiver, ...]
    """They still occur, or were not judged in this run; owner, reason and expiry are as they were."""
    dropped: tuple[Waiver, ...]
    refused: tuple[tuple[ProfileCell, str], ...]
    """Findings that cannot be accepted, with the reason."""


def acceptance_of(owner: str, reason: str, expires: str, today: datetime.date) -> Acceptance:
    """Make an acceptance of what was written; ``expires`` is a day, or a number of days from today, such as ``30d``.

    Raises ``UsageError`` for words that tell nothing, and for a day that has passed.
    """
    days = _DAYS.match(expires)
    try:
        until = today + datetime.timedelta(days=int(days[1])) if days else day_of(expires)
    except (ValueError, OverflowError):
        raise UsageError(
            f"--expires {expires}: this is no day.\n  expected: a day such as 2027-03-31, or days from now, such as 30d"
        ) from None
    if until < today:
        raise UsageError(f"--expires {expires}: this day has passed.\n  mend: give a day to come, or mend the finding")
    for flag, text in (("--owner", owner), ("--reason", reason)):
        try:
            told(text)
        except ValueError as why:
            raise UsageError(f"{flag} {text!r} says nothing.\n  expected: {why}") from None
    return Acceptance(owner, reason, until)


def updated_baseline(campaign: CampaignResult, policy: GatePolicy, old: Baseline, said: Acceptance) -> BaselineUpdate:
    """Make the baseline of a run. Raises ``UsageError`` for a run of another contract, or for a shard."""
    if campaign.shard is not None:
        raise UsageError(
            f"this is shard {campaign.shard} of a campaign.\n  mend: merge all shards with `ackord report merge` first"
        )
    if old.document is not None and old.contract != campaign.contract:
        raise UsageError(
            f"{old.document.path} is the baseline of {old.contract}, and the run is one of {campaign.contract}.\n"
            "  mend: keep a baseline for each contract"
        )
    cells = profile_cells(campaign)
    by_key = {waiver.key: waiver for waiver in old.waivers}
    added, kept, refused = [], [], []
    for key, waiver in by_key.items():
        cell = cells.get(key)
        if cell is None or cell.result not in _SETTLED:
            kept.append(waiver)
    for key, cell in cells.items():
        known = by_key.get(key)
        if not cell.broken_runs or (known is not None and not _exceeds(cell.result, known.accepted)):
            continue
        why = _why_refused(cell, policy)
        if why:
            refused.append((cell, why))
            continue
        kept = [waiver for waiver in kept if waiver.key != key]
        added.append(_waiver(campaign.contract, cell, said))
    dropped = tuple(w for w in old.waivers if w.key not in {one.key for one in (*kept, *added)})
    # Sorted, so that two people who accept different findings can merge their files.
    waivers = tuple(sorted((*kept, *added), key=lambda waiver: waiver.key))
    return BaselineUpdate(Baseline(campaign.contract, waivers), tuple(added), tuple(kept), dropped, tuple(refused))


def _exceeds(result: Result, accepted: Result) -> bool:
    return result is Result.VIOLATED and accepted is Result.UNSAFE


def _why_refused(cell: ProfileCell, policy: GatePolicy) -> str:
    if not waivable(cell.guarantee, cell.result):
        return "money moved twice, which no contract can allow"
    if cell.guarantee in policy.require.guarantees:
        return "the policy requires it (require.guarantees)"
    level = LEVELS.get(policy.level) if policy.level else None
    if level is None or cell.profile not in level.profiles or cell.guarantee not in level.must:
        return ""
    if cell.result is Result.UNSAFE and cell.guarantee in level.may_be_unsafe:
        return ""
    return f"the policy's level {level.name} rests on it"


def _waiver(contract: str, cell: ProfileCell, said: Acceptance) -> Waiver:
    return Waiver(
        id=fingerprint(contract, cell.guarantee, cell.profile),
        guarantee=cell.guarantee,
        profile=cell.profile,
        result="VIOLATED" if cell.result is Result.VIOLATED else "UNSAFE",
        owner=said.owner,
        reason=said.reason,
        expires=said.expires,
    )
