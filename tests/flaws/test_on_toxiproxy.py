"""The certify scenarios once more, with a real Toxiproxy server between primary and standby."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ackord.providers.flaws import Flaw
from ackord.run.session import Session

from ..tiers import gate
from .scenarios import DEFAULT, FLAWED, HANDFUL, opened, passes, seams_of, violated

LINKS = ("slow-network", "flapping", "table-lag")


@pytest.fixture(scope="module")
def session(toxiproxy_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    yield from opened(tmp_path_factory.mktemp("toxiproxy"), toxiproxy=toxiproxy_program)


@pytest.mark.parametrize("flaw", gate(FLAWED, (*HANDFUL, "read-model-reads"), lambda f: f.name))
def test_a_flaw_is_caught(session: Session, flaw: Flaw) -> None:
    violated(session, flaw)


@pytest.mark.parametrize("profile", gate([*DEFAULT, *LINKS], ["replica-cut", "flapping"]))
def test_the_reference_passes(session: Session, profile: str) -> None:
    assert "Toxiproxy 2." in session.environment.description
    passes(session, "", profile)


def test_the_profiles_that_only_links_can_play_are_among_them() -> None:
    assert seams_of([*DEFAULT, *LINKS]) >= {"replication", "read-model", "wire"}
