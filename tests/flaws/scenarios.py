"""Certify scenarios that several engines play: every flaw under its profile, every correct variant under every default
profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ackord.chaos.profile import profile_names, read_profile
from ackord.core.verdict import Result
from ackord.providers.flaws import FLAWS, Flaw
from ackord.report.explanation import explain_finding
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

from ..tiers import suite_seed

__all__ = [
    "CORRECT",
    "DEFAULT",
    "FLAWED",
    "HANDFUL",
    "VARIANT_PROFILES",
    "opened",
    "passes",
    "seams_of",
    "told",
    "violated",
]

FLAWED = [f for f in FLAWS if not f.correct and f.contract == "reference"]
"""Those that the reference provider itself can have."""
CORRECT = [f for f in FLAWS if f.correct]
DEFAULT = [name for name in profile_names() if read_profile(name).profile.default]
"""The profiles that a run plays which names none."""

HANDFUL = (
    "standby-reads",  # replication
    "resubmit-reads-failed",  # edge
    "timeout-failed",  # channel
    "ack-before-commit",  # nodes, process
    "commit-waits-for-nobody",  # database, replication, setting
)
"""The flaws that the gate plays on every engine but the embedded one, which plays all: they enter
at different seams.
"""

VARIANT_PROFILES = (
    "replica-lag",  # replication
    "provider-errors",  # edge, setting
    "channel-timeouts",  # channel
    "node-crash",  # nodes, process
)
"""The profiles under which the gate plays correct variants: all under the first, and the others in turn; what a variant
cannot touch is left to the reference.
"""


def seams_of(profiles: Iterable[str]) -> set[str]:
    """The seams at which the faults of these profiles enter."""
    return {seam.value for name in profiles for seam in read_profile(name).profile.needs()}


def opened(out: Path, **wish: Any) -> Iterator[Session]:
    """A session that becomes one variant after the other, as a fixture yields it: PostgreSQL is started once."""
    with Session(make_plan(RunOptions("reference", profiles=["none"], seed=suite_seed(), out=out, **wish))) as entered:
        yield entered


def told(session: Session, profile: str, flaw: str, *ids: str) -> str:
    """Everything that a person needs to see why the assertion failed."""
    result = session.last
    lines = [f"{flaw or 'reference'} under {profile}, seed {session.plan.seed}: {result.repeat}"]
    for g in result.verdict.guarantees:
        if g.result not in (Result.HELD, Result.NOT_APPLICABLE) or g.guarantee in ids:
            lines.append(f"{g.guarantee}: {g.result}, {g.exposures} exposures. {g.reason}")
            lines += [explain_finding(f, result.history, repeat=result.repeat).text() for f in g.findings[:1]]
    return "\n".join(lines)


def violated(session: Session, flaw: Flaw) -> None:
    """Assert that a flaw is caught by the guarantee named for it, under the profile named for it."""
    session.reset_as(flaw.name)
    verdict = session.run(load_profile(flaw.profile)).verdict
    assert verdict.of(flaw.caught_by).result is Result.VIOLATED, told(session, flaw.profile, flaw.name, flaw.caught_by)


def passes(session: Session, variant: str, profile: str) -> None:
    """Assert that a correct variant passes a profile."""
    session.reset_as(variant)
    result = session.run(load_profile(profile))
    assert result.verdict.result is Result.HELD, told(session, profile, variant)
