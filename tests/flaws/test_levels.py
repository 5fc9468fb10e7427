"""Each correct variant earns the highest level that it deserves; each flaw is refused it, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from ackord.certificate.assessment import assess, highest_level
from ackord.certificate.levels import LEVELS
from ackord.core.result import CampaignResult
from ackord.providers.flaws import FLAWS, Flaw
from ackord.run.resolve import load_profile
from ackord.run.session import Session

from ..tiers import gate
from .scenarios import CORRECT, FLAWED, opened

HIGHEST = {
    # Clauses of a higher level are broken, of a lower one none.
    "commit-waits-for-nobody": "A2",
    "statement-line-left-out": "A2",
    "slow-landing": "A0",
    "timeout-failed": "A1",
    "standby-first": "A1",
    "transient-cached": "A1",
    # Broken where the lowest level looks.
    "key-forgotten": "",
    "check-then-insert": "",
    "resubmit-reads-failed": "",
    "paid-tenfold": "",
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    yield from opened(tmp_path_factory.mktemp("levels"))


def run(session: Session, variant: str, profiles: Iterable[str]) -> CampaignResult:
    """The campaign of one variant under these profiles."""
    session.reset_as(variant)
    session._done.clear()  # hundreds of histories would stay in memory
    results = [session.run(load_profile(name)) for name in profiles]
    return replace(session.campaign(), flaw=variant, profiles=tuple(results), not_run=(), left_out=(), required=())


@pytest.mark.parametrize("variant", gate(CORRECT, [], lambda flaw: flaw.name))
def test_a_correct_variant_earns_the_highest_level_that_there_is(session: Session, variant: Flaw) -> None:
    campaign = run(session, variant.name, LEVELS.get("A3").every_profile)
    assert highest_level(campaign) is LEVELS.get("A3"), assess(campaign, LEVELS.get("A3")).denials


@pytest.mark.parametrize("flaw", gate(FLAWED, ["new-provider-id", "unlanded-failed"], lambda flaw: flaw.name))
def test_a_flaw_is_refused_the_level_that_it_breaks(session: Session, flaw: Flaw) -> None:
    """Under the profile named for it, for the guarantee named for it, from the lowest level on that has both."""
    levels = [x for x in LEVELS if flaw.profile in x.every_profile and flaw.caught_by in (*x.must, *x.where_exposed)]
    assert levels, f"no level has {flaw.caught_by} under {flaw.profile}"
    campaign = run(session, flaw.name, [flaw.profile])
    for level in levels:
        found = assess(campaign, level)
        said = [d.sentence for d in found.denials]
        assert any(s.startswith(f"{flaw.caught_by} is VIOLATED under {flaw.profile}: ") for s in said), said
        assert found.exit_code == 1


@pytest.mark.parametrize("name", gate(HIGHEST, []))
def test_a_flaw_gets_the_level_below_what_it_breaks(session: Session, name: str) -> None:
    """Each level by a run of its own, as a vendor would try them one after the other."""
    assert FLAWS.get(name).correct is False
    earned = [level.name for level in LEVELS if assess(run(session, name, level.every_profile), level).granted]
    assert (earned[-1] if earned else "") == HIGHEST[name]
