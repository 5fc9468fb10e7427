"""The certify scenarios once more, with a real Toxiproxy server between primary and standby."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ackord.chaos.profile import read_profile
from ackord.providers.flaws import Flaw
from ackord.run.session import Session

from .scenarios import DEFAULT, FLAWED, opened, passes, violated


@pytest.fixture(scope="module")
def session(toxiproxy_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    yield from opened(tmp_path_factory.mktemp("toxiproxy"), toxiproxy=toxiproxy_program)


@pytest.mark.parametrize("flaw", FLAWED, ids=lambda f: f.name)
def test_a_flaw_is_caught(session: Session, flaw: Flaw) -> None:
    violated(session, flaw)


@pytest.mark.parametrize("profile", [*DEFAULT, "slow-network", "flapping", "table-lag"])
def test_the_reference_passes(session: Session, profile: str) -> None:
    assert "Toxiproxy 2." in session.environment.words
    passes(session, "", profile)


def test_the_profiles_that_only_links_can_play_are_among_them() -> None:
    assert {
        s.value for name in [*DEFAULT, "slow-network", "table-lag"] for s in read_profile(name).profile.needs()
    } >= {
        "replication",
        "read-model",
        "wire",
    }
