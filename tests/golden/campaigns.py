"""Campaigns made of the golden journals, as a run or an audit would make them, but with everything that varies held
still.
"""

from __future__ import annotations

from pathlib import Path

from ackord.core.history import History
from ackord.core.landing import estimate
from ackord.core.result import CampaignResult, ProfileResult
from ackord.core.verdict import GuaranteeVerdict, MissingEvidence, Result, Verdict
from ackord.record.journal import read_journal

from .stories import STORIES, Story

__all__ = ["FOLDER", "campaign", "journal_of", "profile_of", "verdict_of", "wide_campaign"]

FOLDER = Path(__file__).parent


def journal_of(name: str) -> Path:
    return FOLDER / f"{name}.jsonl"


def verdict_of(story: Story, history: History) -> Verdict:
    """The story's findings as a verdict: wordings of the judge may change without changing how reports are set."""
    broken = {f.guarantee: f for f in story.findings}
    guarantees = []
    for name in ("acknowledged-order-visible", "status-never-regresses", "resubmission-moves-money-once"):
        if name in broken:
            f = broken[name]
            guarantees.append(GuaranteeVerdict(name, f.result, 2, 1, 1, (f,)))
        elif name == "resubmission-moves-money-once":
            guarantees.append(
                GuaranteeVerdict(name, Result.NOT_APPLICABLE, 0, 0, reason="the profile does not expose it")
            )
        elif not history.complete:
            cut = {"reason": "the journal was cut off", "missing": MissingEvidence.WHOLE_RUN}
            guarantees.append(GuaranteeVerdict(name, Result.INCONCLUSIVE, 1, 1, **cut))
        else:
            guarantees.append(GuaranteeVerdict(name, Result.HELD, 3, 1))
    notes = () if history.complete else ("the journal was cut off: what is absent from it proves nothing",)
    header = history.header
    return Verdict(header.contract, header.profile, header.seed, tuple(guarantees), history.complete, notes)


def profile_of(name: str) -> ProfileResult:
    history = read_journal(journal_of(name))
    return ProfileResult(
        profile=name,
        verdict=verdict_of(STORIES[name], history),
        history=history,
        landing=estimate(history),
        journal=str(journal_of(name)),
        operations=11,
        elapsed_ns=1_250_000_000,
        repeat=history.header.command,
    )


def campaign(*names: str, not_run: tuple[str, ...] = ()) -> CampaignResult:
    return CampaignResult(
        contract="reference",
        provider="reference provider (PostgreSQL 18.1), flaw standby-reads",
        subject="provider",
        target="reference",
        flaw="standby-reads",
        seed=20171,
        budget="quick",
        started="2026-01-02T03:04:05Z",
        elapsed_ns=5_000_000_000,
        profiles=tuple(profile_of(name) for name in names),
        not_run=not_run,
        out="ackord-out/reference-seed20171",
        repeat="ackord certify reference --flaw standby-reads --budget quick --seed 20171",
    )


def wide_campaign(profiles: int, guarantees: tuple[str, ...]) -> CampaignResult:
    """Many profiles and guarantees with every result among them, for the table."""
    one = campaign("held")
    base = one.profiles[0]
    results = list(Result)
    many = []
    for i in range(profiles):
        verdicts = tuple(
            GuaranteeVerdict(
                name, results[(i * 5 + j) % 6 if (i + j) % 4 == 0 else 1], 317 * (i + 1), 40, 3 + i, (), "too little"
            )
            for j, name in enumerate(guarantees)
        )
        verdict = Verdict("reference", f"profile-number-{i + 1}", 20171, verdicts)
        many.append(
            ProfileResult(verdict.profile, verdict, base.history, None, base.journal, 100, base.elapsed_ns, base.repeat)
        )
    return CampaignResult(
        **{name: getattr(one, name) for name in one.__slots__ if name not in ("profiles", "options")},
        profiles=tuple(many),
    )
