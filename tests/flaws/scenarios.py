"""Certify scenarios that several engines play: every flaw under its profile, every correct variant under every default profile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ackord.chaos.profile import profile_names, read_profile
from ackord.core.clock import RealClock
from ackord.core.verdict import Result
from ackord.providers.flaws import FLAWS, Flaw
from ackord.report.explanation import explain_finding
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

__all__ = ["CORRECT", "DEFAULT", "FLAWED", "SEED", "opened", "passes", "told", "violated"]

SEED = int(RealClock.wall_iso()[:10].replace("-", ""))
"""Today, as a number: 20261122. It stands in every failure's repeat command."""

FLAWED = [f for f in FLAWS if not f.correct]
CORRECT = [f for f in FLAWS if f.correct]
DEFAULT = [name for name in profile_names() if read_profile(name).profile.default]
"""The profiles that a run plays which names none."""


def opened(out: Path, **wish: Any) -> Iterator[Session]:
    """A session that becomes one variant after the other, as a fixture yields it: PostgreSQL is started once."""
    with Session(make_plan("reference", profiles=["none"], seed=SEED, out=out, **wish)) as entered:
        yield entered


def told(session: Session, profile: str, flaw: str, *ids: str) -> str:
    """Everything that a person needs to see why the assertion failed."""
    result = session.last
    lines = [f"{flaw or 'reference'} under {profile}, seed {SEED}: {result.repeat}"]
    for g in result.verdict.guarantees:
        if g.result not in (Result.HELD, Result.NOT_APPLICABLE) or g.guarantee in ids:
            lines.append(f"{g.guarantee}: {g.result}, {g.exposures} exposures. {g.reason}")
            lines += [explain_finding(f, result.history, repeat=result.repeat).text() for f in g.findings[:1]]
    return "\n".join(lines)


def violated(session: Session, flaw: Flaw) -> None:
    """Assert that a flaw is caught by the guarantee named for it, under the profile named for it."""
    session.become(flaw.name)
    verdict = session.run(load_profile(flaw.profile)).verdict
    assert verdict.of(flaw.caught_by).result is Result.VIOLATED, told(session, flaw.profile, flaw.name, flaw.caught_by)


def passes(session: Session, variant: str, profile: str) -> None:
    """Assert that a correct variant passes a profile."""
    session.become(variant)
    result = session.run(load_profile(profile))
    assert result.verdict.result is Result.HELD, told(session, profile, variant)
