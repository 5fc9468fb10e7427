"""Summarises a campaign for all reports: profiles by unique labels, broken guarantees, unjudged guarantees, and the
closing sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..core.landing import LandingWindow
from ..core.result import CampaignResult, ProfileResult
from ..core.verdict import Finding, GuaranteeVerdict, MissingEvidence, Result
from .coverage_text import left_out_count, money_is_unproven
from .format import count, printable
from .profile_cells import repeat_sentences

__all__ = [
    "BrokenGuarantee",
    "UnjudgedGuarantees",
    "broken",
    "broken_by_cause",
    "closing_sentence",
    "gaps",
    "labelled",
    "not_kept",
    "notes",
    "remarks",
    "rows",
    "unjudged",
    "weakest_bound",
    "worst_buffer",
]

_BROKEN = (Result.VIOLATED, Result.UNSAFE)
_UNJUDGED = (Result.ERROR, Result.INCONCLUSIVE)
_MOST_NAMED = 4
"""Of profiles that a remark is about, where it is about all of them."""


class BrokenGuarantee(NamedTuple):
    """A broken guarantee with its most significant verdict."""

    guarantee: str
    label: str
    """The profile under which ``verdict`` was reached."""
    profile: ProfileResult
    verdict: GuaranteeVerdict
    finding: Finding | None
    labels: tuple[str, ...]
    """All profiles under which it was broken."""
    follows_from: str = ""
    """The guarantee whose violations are the causes of all of its own; empty if it was also broken for itself."""


class UnjudgedGuarantees(NamedTuple):
    """Guarantees that could not be judged, for the same reason."""

    guarantees: tuple[str, ...]
    result: Result
    reason: str
    labels: tuple[str, ...]
    missing: MissingEvidence | None = None
    """What they lack; ``None`` for a judge that failed."""


def labelled(result: CampaignResult) -> list[tuple[str, ProfileResult]]:
    """Return the profiles with unique labels. An audit may hold two journals of one profile (``replica-lag``,
    ``replica-lag-2``).
    """
    taken = {p.profile for p in result.profiles}
    given: set[str] = set()
    labels = []
    for p in result.profiles:
        label, n = p.profile, 2
        while label in given or (label != p.profile and label in taken):
            label, n = f"{p.profile}-{n}", n + 1
        given.add(label)
        labels.append((label, p))
    return labels


def rows(result: CampaignResult) -> dict[str, dict[str, GuaranteeVerdict]]:
    """Guarantee -> label of the profile -> verdict, in the order in which they were judged."""
    table: dict[str, dict[str, GuaranteeVerdict]] = {}
    for label, p in labelled(result):
        for g in p.verdict.guarantees:
            table.setdefault(g.guarantee, {})[label] = g
    return table


def broken(result: CampaignResult) -> list[BrokenGuarantee]:
    """Return every broken guarantee once, in the sequence of ``broken_by_cause``."""
    return [b for group in broken_by_cause(result) for b in group]


def broken_by_cause(result: CampaignResult) -> list[list[BrokenGuarantee]]:
    """Return the broken guarantees in groups: one that was broken for itself, and those that only follow from it.

    Groups are sorted violated before unsafe, then in the catalogue's order, as are the guarantees in them.
    """
    profiles = dict(labelled(result))
    found = []
    for guarantee, cells in rows(result).items():
        bad = {label: g for label, g in cells.items() if g.result in _BROKEN}
        if bad:
            label = min(bad, key=lambda name: (bad[name].result is not Result.VIOLATED, -bad[name].violations))
            verdict = bad[label]
            first = verdict.findings[0] if verdict.findings else None
            # Where it stands for itself under one profile, it does so for the whole campaign.
            cause = verdict.follows_from if all(g.follows_from for g in bad.values()) else ""
            found.append(BrokenGuarantee(guarantee, label, profiles[label], verdict, first, tuple(bad), cause))
    found.sort(key=lambda b: b.verdict.result is not Result.VIOLATED)
    standing = {b.guarantee for b in found if not b.follows_from}
    groups = {b.guarantee: [b] for b in found if b.follows_from not in standing}
    for b in found:
        if b.guarantee not in groups:
            groups[b.follows_from].append(b)
    return list(groups.values())


def unjudged(result: CampaignResult) -> list[UnjudgedGuarantees]:
    """Return the unjudged guarantees, errors first; those with the same reason and the same profiles are grouped."""
    groups: dict[tuple[str, Result, str, MissingEvidence | None], list[str]] = {}
    for guarantee, cells in rows(result).items():
        for label, g in cells.items():
            if g.result in _UNJUDGED:
                groups.setdefault((guarantee, g.result, printable(g.reason), g.missing), []).append(label)
    together: dict[tuple[Result, str, tuple[str, ...], MissingEvidence | None], list[str]] = {}
    for (guarantee, res, reason, missing), labels in groups.items():
        together.setdefault((res, reason, tuple(labels), missing), []).append(guarantee)
    found = [UnjudgedGuarantees(tuple(names), *rest) for rest, names in together.items()]
    return sorted(found, key=lambda u: u.result is not Result.ERROR)


def gaps(result: CampaignResult) -> list[str]:
    """Return what keeps the campaign from being a pass although it is no broken guarantee, one sentence each: what
    could not be judged, and doubts about the whole. Empty if there is none.
    """
    said = [
        f"{u.result.value} under {', '.join(u.labels)}: {u.reason or 'no reason was given'} ({', '.join(u.guarantees)})"
        for u in unjudged(result)
    ]
    said += [printable(doubt) for doubt in result.doubts]
    if not said and not broken(result) and result.result is not Result.HELD:
        said.append(closing_sentence(result))
    return said


def notes(result: CampaignResult) -> list[str]:
    """Remarks on profiles, each once with the profiles it is about, faults that showed no effect, and what was not
    run.
    """
    about: dict[str, dict[str, None]] = {}
    for label, p in labelled(result):
        for note in p.verdict.notes:
            about.setdefault(printable(note), {})[label] = None
    said = [f"{_named(list(labels), result)}: {note}" for note, labels in about.items()]
    said += repeat_sentences(result)
    idle: dict[str, list[str]] = {}
    for label, p in labelled(result):
        for remark in _idle_faults(p):
            idle.setdefault(remark, []).append(label)
    said += [f"profile{'s' if len(labels) > 1 else ''} {', '.join(labels)}: {r}" for r, labels in idle.items()]
    said += dict.fromkeys(printable(why) for p in result.profiles if (why := not_kept(p)))
    if result.not_run:
        said.append(f"not run, because the run stopped early: {', '.join(result.not_run)}")
    return said


def _named(labels: list[str], result: CampaignResult) -> str:
    """Return the profiles of a remark; what is true of all of many needs no list."""
    every = len(labels) == len(result.profiles) > _MOST_NAMED
    return f"all {len(labels)} profiles" if every else ", ".join(labels)


def remarks(p: ProfileResult) -> list[str]:
    """Return the remarks on one profile: the judge's notes, faults that showed no effect, and what is not kept."""
    return [*p.verdict.notes, *_idle_faults(p), *filter(None, [not_kept(p)])]


def not_kept(p: ProfileResult) -> str:
    """Return why the run's contract does not stand beside its evidence; empty if it does."""
    return str(p.history.header.options.get("contract_not_kept", ""))


def _idle_faults(p: ProfileResult) -> list[str]:
    """Return a sentence for each fault that was armed without any recorded effect, because its claim was not tested."""
    effective = p.history.effective_faults
    requires = p.history.header.requires
    spoiled = {
        fault
        for g in p.verdict.guarantees
        if g.result is Result.INCONCLUSIVE and effective.isdisjoint(requires.get(g.guarantee, ()))
        for fault in requires.get(g.guarantee, ())
    }
    armed = dict.fromkeys(f.fault for f in p.history.faults if f.change == "armed")
    return [
        f"the fault {printable(fault)} was armed and nothing shows that it did anything"
        + ("; what rests on it is INCONCLUSIVE" if fault in spoiled else "")
        for fault in armed
        if fault not in effective
    ]


def worst_buffer(windows: Iterable[LandingWindow]) -> int | None:
    """Return the longest recommended buffer (ms); ``None`` if under some profile none can be recommended."""
    buffers = [w.recommended_buffer_ms for w in windows]
    return max((b for b in buffers if b is not None), default=0) if None not in buffers else None


def weakest_bound(windows: Iterable[LandingWindow]) -> LandingWindow | None:
    """Return the weakest bound of the profiles under which no order was missed; ``None`` if there
    is no such profile.
    """
    proving = [w for w in windows if w.visible_at_once_share is not None]
    return min(proving, key=lambda w: w.visible_at_once_share or 0.0, default=None)


def closing_sentence(result: CampaignResult) -> str:
    """Return the last line: the overall result in words, and the exit code."""
    table = rows(result)
    bad, unknown = broken(result), {name for u in unjudged(result) for name in u.guarantees}
    judged = [
        name for name, cells in table.items() if any(g.result is not Result.NOT_APPLICABLE for g in cells.values())
    ]
    under = _runs(result)
    early = f"the run ended early ({printable(result.ended_by)}); until then, " if result.ended_by else ""
    match result.result:
        case Result.HELD:
            said = f"{count(len(judged), 'guarantee')} held under {under}{_caveats(result)}."
        case Result.VIOLATED | Result.UNSAFE as worst:
            violated = sum(b.verdict.result is Result.VIOLATED for b in bad)
            counts = [(n, word) for n, word in ((violated, "violated"), (len(bad) - violated, "unsafe")) if n]
            said = f"{early}{counts[0][0]} of {count(len(judged), 'guarantee')} {counts[0][1]}"
            said += "".join(f", {n} {word}" for n, word in counts[1:])
            labels = {label for b in bad for label in b.labels}
            one = "run" if under.partition(" ")[2].startswith("runs") else "profile"
            every = f", under every {one}" if len(result.profiles) > 1 else ""
            said += f", under {len(labels)} of {under}" if len(labels) < len(result.profiles) else every
            said += f"; {len(unknown)} could not be judged{every.replace(',', '')}" if unknown else ""
            said += f"{_caveats(result)}."
            return f"{worst.value}: {said} Exit code {result.exit_code}."
        case Result.ERROR:
            said = f"the judge itself failed on {count(len(unknown), 'guarantee')}. This is not a pass."
        case _ if not result.profiles or not judged:
            said = f"{early}nothing was judged. This is not a pass."
        case _ if early:
            whole = [p for p in result.profiles if p.verdict.result is Result.HELD]
            said = f"{early}{count(len(whole), 'profile')} held and nothing was broken. This is not a pass."
        case _:
            why = (
                f"{count(len(unknown), 'guarantee')} could not be judged"
                if unknown
                else "; ".join(result.doubts) or "the record of the run is not whole"
            )
            said = f"nothing was broken, but {why}. This is not a pass."
    return f"{result.result.value}: {said} Exit code {result.exit_code}."


def _runs(result: CampaignResult) -> str:
    """Return ``3 profiles``, or ``6 runs of 3 profiles`` where some were run more than once."""
    profiles = count(len({p.profile for p in result.profiles}), "profile")
    repeated = len(result.profiles) > len({p.profile for p in result.profiles})
    return f"{len(result.profiles)} runs of {profiles}" if repeated else profiles


def _caveats(result: CampaignResult) -> str:
    """Return what a reader of the last line alone must know too."""
    said = [f"this is shard {result.shard}, `ackord report merge` puts all together"] if result.shard else []
    said += [f"{left_out} cannot run here"] if (left_out := left_out_count(result)) else []
    if money_is_unproven(result):
        said.append("movements of money could not be judged")
    return "".join(f"; {caveat}" for caveat in said)
