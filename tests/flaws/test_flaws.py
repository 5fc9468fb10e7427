"""Break it on purpose: every flaw is caught by the guarantee named for it, every correct variant passes; with a seed that changes by the day.

One environment serves all flaws of a worker: the reference provider becomes another variant without PostgreSQL starting again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ackord.chaos.profile import names
from ackord.core.clock import RealClock
from ackord.core.verdict import Result
from ackord.provider.flaws import FLAWS, Flaw
from ackord.report.explain import explain
from ackord.run.session import Session
from ackord.run.wish import load_profile, make_plan

SEED = int(RealClock.wall_iso()[:10].replace("-", ""))
"""Today, as a number: 20261122. It stands in every failure's repeat command."""

FLAWED = [f for f in FLAWS if not f.correct]
CORRECT = [f for f in FLAWS if f.correct]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    plan = make_plan("reference", profiles=["none"], seed=SEED, out=tmp_path_factory.mktemp("flaws"))
    with Session(plan) as entered:
        yield entered


def told(session: Session, profile: str, flaw: Flaw, *ids: str) -> str:
    """Everything that a person needs to see why the assertion failed."""
    result = session.last
    lines = [f"{flaw.name} under {profile}, seed {SEED}: {result.repeat}"]
    for g in result.verdict.guarantees:
        if g.result not in (Result.HELD, Result.NOT_APPLICABLE) or g.guarantee in ids:
            lines.append(f"{g.guarantee}: {g.result}, {g.exposures} exposures. {g.reason}")
            lines += [explain(f, result.history, repeat=result.repeat).text() for f in g.findings[:1]]
    return "\n".join(lines)


@pytest.mark.parametrize("flaw", FLAWED, ids=lambda f: f.name)
def test_a_flaw_is_caught_by_the_guarantee_that_is_named_for_it(session: Session, flaw: Flaw) -> None:
    session.become(flaw.name)
    verdict = session.run(load_profile(flaw.profile)).verdict
    assert verdict.of(flaw.caught_by).result is Result.VIOLATED, told(session, flaw.profile, flaw, flaw.caught_by)


@pytest.mark.parametrize("profile", names())
@pytest.mark.parametrize("variant", CORRECT, ids=lambda f: f.name)
def test_a_correct_variant_passes_everywhere(session: Session, variant: Flaw, profile: str) -> None:
    session.become(variant.name)
    result = session.run(load_profile(profile))
    assert result.verdict.result is Result.HELD, told(session, profile, variant)


def test_without_injection_nothing_about_lag_is_held(session: Session) -> None:
    """No false pass: standby reads would be caught if the standby lagged; it does not, and that must not look like a pass."""
    session.become("")
    result = session.without_injection().run(load_profile("replica-lag"))
    proven = dict(load_profile("replica-lag").requires())
    assert proven
    for guarantee in proven:
        assert result.verdict.of(guarantee).result is Result.INCONCLUSIVE, told(
            session, "replica-lag", CORRECT[0], guarantee
        )
    assert result.verdict.result is Result.INCONCLUSIVE
