"""The same flaws behind four ways to speak: JSON with lists, forms, XML, and callbacks. What a provider does wrong is
found whatever it says it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ackord.providers.flaws import FLAWS
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from ..tiers import gate, suite_seed
from .scenarios import passes, violated

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


CORRECT_UNDER = ("none", "replica-lag", "lost-answers", "concurrent-copies")


def dealt(values: Sequence[str]) -> list[Any]:
    """Every value in every encoding; the gate plays every other value once, in the encoding whose turn it is."""
    turns = {(CONTRACTS[i % len(CONTRACTS)].stem, value) for i, value in enumerate(values[::2])}
    pairs = [(path, value) for path in CONTRACTS for value in values]
    return gate(pairs, turns, lambda pair: (pair[0].stem, pair[1]))


@pytest.fixture(scope="module")
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    out = tmp_path_factory.mktemp("encodings")
    plan = make_plan(RunOptions(str(request.param), target="emulator", profiles=["none"], seed=suite_seed(), out=out))
    with Session(plan) as entered:
        yield entered


@pytest.mark.parametrize(("session", "flaw"), dealt(TEN), indirect=["session"])
def test_a_flaw_is_caught_in_every_encoding(session: Session, flaw: str) -> None:
    violated(session, FLAWS.get(flaw))


@pytest.mark.parametrize(("session", "profile"), dealt(CORRECT_UNDER), indirect=["session"])
def test_the_correct_provider_passes_in_every_encoding(session: Session, profile: str) -> None:
    passes(session, "", profile)
