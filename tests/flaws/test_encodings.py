"""The same flaws behind four ways to speak: JSON with lists, forms, XML, and callbacks. What a provider does wrong is found whatever it says it in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.providers.flaws import FLAWS
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from .scenarios import SEED, passes, violated

CONTRACTS = sorted((Path(__file__).parent / "encodings").glob("*.yaml"))

TEN = (
    "standby-reads",
    "standby-first",
    "unlanded-failed",
    "timeout-failed",
    "check-then-insert",
    "standby-dedup",
    "key-forgotten",
    "altered-accepted",
    "resubmit-reads-failed",
    "key-unscoped",
)
"""About visibility, failure, statuses, duplicates (three kinds), payloads, lost answers and scope."""


@pytest.fixture(scope="module", params=CONTRACTS, ids=lambda path: path.stem)
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    out = tmp_path_factory.mktemp("encodings")
    plan = make_plan(str(request.param), target="emulator", profiles=["none"], seed=SEED, out=out)
    with Session(plan) as entered:
        yield entered


@pytest.mark.parametrize("flaw", TEN)
def test_a_flaw_is_caught_in_every_encoding(session: Session, flaw: str) -> None:
    violated(session, FLAWS.get(flaw))


@pytest.mark.parametrize("profile", ["none", "replica-lag", "lost-answers", "concurrent-copies"])
def test_the_correct_provider_passes_in_every_encoding(session: Session, profile: str) -> None:
    passes(session, "", profile)
