"""The certify scenarios once more, against the provider in containers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ackord.core.verdict import Result
from ackord.errors import UsageError
from ackord.providers.flaws import Flaw
from ackord.run.environments.managed import MANAGED
from ackord.run.resolve import load_profile
from ackord.run.session import Session

from ..flaws.scenarios import DEFAULT, FLAWED, HANDFUL, opened, passes, seams_of, violated
from ..tiers import gate

SEAMS = MANAGED["docker"].seams
POSSIBLE = [n for n in DEFAULT if seams_of([n]) <= SEAMS]


@pytest.fixture(scope="module")
def session(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    yield from opened(tmp_path_factory.mktemp("docker"), target="docker")


@pytest.mark.parametrize(
    "flaw", gate([f for f in FLAWED if not f.needs or f.needs in SEAMS], HANDFUL, lambda f: f.name)
)
def test_a_flaw_is_caught(session: Session, flaw: Flaw) -> None:
    violated(session, flaw)


def test_a_flaw_that_cannot_be_here_is_refused_before_anything_changes(session: Session) -> None:
    with pytest.raises(UsageError, match="targets that could: reference, emulator\n"):
        session.reset_as("read-model-reads")


@pytest.mark.parametrize("profile", gate(POSSIBLE, ["none", "two-nodes"]))
def test_the_reference_passes(session: Session, profile: str) -> None:
    passes(session, "", profile)


def test_every_default_profile_can_be_played_in_containers() -> None:
    assert POSSIBLE == DEFAULT


def test_an_asynchronous_failover_of_containers_loses_acknowledged_orders(session: Session) -> None:
    session.reset_as("")
    verdict = session.run(load_profile("failover-async")).verdict
    assert verdict.of("acknowledged-order-visible").result is Result.VIOLATED


def test_a_synchronous_failover_of_containers_loses_none(session: Session) -> None:
    passes(session, "", "failover-sync")
