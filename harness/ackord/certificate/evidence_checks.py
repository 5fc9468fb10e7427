"""Checks what no verdict shows: that the profiles are the ones they claim to be, that the orders follow from the seed,
that the answers' dates lie within the run, and how many raw answers can be read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..chaos.profile import LoadedProfile, profile_names, read_profile
from ..contract.loading.loader import LoadedContract
from ..core.event import Complete
from ..core.history import History
from ..core.result import CampaignResult, ProfileResult
from ..core.seed import Seed
from ..run.reread import reread
from .challenge import seed_of_challenge, unlike_seed
from .dates import unix_of, unix_of_http

__all__ = ["EvidenceProblem", "evidence_problems", "foreign_profiles", "unread_answers", "unread_too_many"]

_CLOCKS_APART_S = 300
"""How far a provider's clock may be off."""
_ISSUED_WITHIN_S = 24 * 3600
"""How long after its last answer a run may be signed."""
_MOST_UNREAD_SHARE = 0.05


class EvidenceProblem(NamedTuple):
    """Something in the evidence that contradicts the rest of it."""

    sentence: str
    replayed: bool = False
    """Whether it is a sign of old evidence that is passed off as new."""


def evidence_problems(
    campaign: CampaignResult,
    contract: LoadedContract,
    profiles: Path,
    *,
    nonce: str,
    issued: str,
) -> Iterator[EvidenceProblem]:
    """Yield what contradicts itself. ``profiles``: the folder with a copy of each profile."""
    tools = {p.history.header.tool for p in campaign.profiles}
    seeds = {p.history.header.seed for p in campaign.profiles}
    if len(tools) > 1:
        yield EvidenceProblem(f"the journals are of different versions of Ackord: {', '.join(sorted(tools))}")
    if len(seeds) > 1:
        yield EvidenceProblem(f"the journals are of different seeds: {', '.join(map(str, sorted(seeds)))}")
    if seeds - {campaign.seed}:
        yield EvidenceProblem(f"the result tells of the seed {campaign.seed}, and its journals of another one")
    if nonce and seeds != {seed_of_challenge(nonce)}:
        yield EvidenceProblem("the seed of the run does not follow from the challenge", replayed=True)
    for p in campaign.profiles:
        yield from _of_profile(p, profiles)
        if found := unlike_seed(p.history, contract.contract):
            yield EvidenceProblem(f"{p.profile}: {found}", replayed=True)
        yield from _of_dates(p, issued)


def _of_profile(p: ProfileResult, profiles: Path) -> Iterator[EvidenceProblem]:
    header = p.history.header
    profile = read_profile(profiles / f"{p.profile}.yaml").profile
    drawn = profile.drawn(Seed(header.seed).derive(profile.name))
    if drawn.sha256() != header.profile_sha256:
        yield EvidenceProblem(f"{p.profile}: the journal was recorded under another profile of this name")
    told = (header.exposes, header.requires, header.exposure_window_ns)
    if told != (tuple(drawn.exposes), drawn.requires(), drawn.exposure_window_ns()):
        yield EvidenceProblem(f"{p.profile}: the journal's header demands less than, or other than, its profile")


def foreign_profiles(campaign: CampaignResult, profiles: Path) -> list[str]:
    """Return the profiles whose copies differ from those that come with this Ackord, or that it does not know."""
    known = set(profile_names())
    return [
        p.profile
        for p in campaign.profiles
        if p.profile not in known
        or (profiles / f"{p.profile}.yaml").read_bytes() != _shipped(p.profile).path.read_bytes()
    ]


def _shipped(name: str) -> LoadedProfile:
    return read_profile(name)


def _of_dates(p: ProfileResult, issued: str) -> Iterator[EvidenceProblem]:
    try:
        began_s, issued_s = unix_of(p.history.header.started), unix_of(issued)
    except ValueError:
        yield EvidenceProblem(f"{p.profile}: the journal does not say when the run began")
        return
    if began_s > issued_s:
        yield EvidenceProblem(f"{p.profile}: the run began at {p.history.header.started}, after it was signed")
    times = [e.at_ns for e in p.history.events]
    ended_s = began_s + (max(times) - min(times)) // 10**9 if times else began_s
    if issued_s - ended_s > _ISSUED_WITHIN_S:
        yield EvidenceProblem(
            f"{p.profile}: the run of {p.history.header.started} was signed at {issued}, more than a day after it",
            replayed=True,
        )
    for op, date_s, text in _dated(p.history):
        if not began_s - _CLOCKS_APART_S <= date_s <= ended_s + _CLOCKS_APART_S:
            yield EvidenceProblem(
                f"{p.profile}: the answer of operation {op} is dated {text}, and the run began at "
                f"{p.history.header.started}",
                replayed=True,
            )
            return


def _dated(history: History) -> Iterator[tuple[int, int, str]]:
    """Yield the dates that answers have: the operation, seconds since 1970, and the text. A run whose clocks are faults
    has none that tell anything.
    """
    if any(fault.seam == "clock" for fault in history.faults):
        return
    for event in history.events:
        if isinstance(event, Complete) and event.answer is not None:
            text = event.answer["headers"].get("date")
            date_s = unix_of_http(text) if text else None
            if text and date_s is not None:
                yield event.op, date_s, text


def unread_answers(campaign: CampaignResult, contract: LoadedContract) -> tuple[dict[str, int], int]:
    """Return how many raw answers could not be read again, by the reason, and how many there are in all."""
    skipped: Counter[str] = Counter()
    compared = 0
    for p in campaign.profiles:
        again = reread(p.history, contract)
        compared += again.compared
        skipped.update(again.skipped)
    return dict(skipped), compared + skipped.total()


def unread_too_many(unread: dict[str, int], answers: int) -> str:
    """Return why so many answers that cannot be read again are too many; empty if they are few."""
    count = sum(unread.values())
    if count <= _MOST_UNREAD_SHARE * answers:
        return ""
    return (
        f"{count:,} of {answers:,} raw answers cannot be read again ({', '.join(unread)}): too much would rest on the "
        "signer's word"
    )
