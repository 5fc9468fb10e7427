"""Flaws of callbacks, each shown by an emulator and caught by the guarantee named for it; and the correct twin, under
everything that may happen to callbacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.core.verdict import Result
from ackord.providers.flaws import FLAWS
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

from ..tiers import gate, suite_seed
from .scenarios import passes, told, violated

SIGNED = [flaw.name for flaw in FLAWS if flaw.caught_by == "callback-genuine"]
ANSWERED_BY_CALLBACK = Path(__file__).parent / "encodings" / "callback.yaml"


def opened(contract: str, out: Path) -> Iterator[Session]:
    plan = make_plan(RunOptions(contract, target="emulator", profiles=["none"], seed=suite_seed(), out=out))
    with Session(plan) as entered:
        yield entered


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    yield from opened("stripe-payouts", tmp_path_factory.mktemp("signed"))


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    yield from opened(str(ANSWERED_BY_CALLBACK), tmp_path_factory.mktemp("answered"))


@pytest.mark.parametrize("flaw", gate(SIGNED, ["callbacks-written-anew", "callbacks-in-local-time"]))
def test_a_callback_that_is_not_genuine_is_found_and_nothing_else(signed: Session, flaw: str) -> None:
    violated(signed, FLAWS.get(flaw))
    verdict = signed.last.verdict
    assert {g.guarantee for g in verdict.guarantees if g.result is Result.VIOLATED} == {"callback-genuine"}


@pytest.mark.parametrize("profile", ["none", "callbacks-first", "callbacks-refused"])
def test_the_correct_twin_holds(signed: Session, profile: str) -> None:
    passes(signed, "", profile)
    verdict = signed.last.verdict.of("callback-genuine")
    assert (verdict.result, verdict.exposures > 20) == (Result.HELD, True), told(
        signed, profile, "", "callback-genuine"
    )


def test_the_acknowledgement_comes_after_the_callback(signed: Session) -> None:
    """The profile proves that it did, or the guarantees that rest on it would be INCONCLUSIVE."""
    signed.reset_as("")
    result = signed.run(load_profile("callbacks-first"))
    assert "callback-before-acknowledgement" in result.history.effective_faults
    assert result.verdict.of("callback-agrees-with-query").result is Result.HELD


def test_a_resubmission_that_is_never_called_back_is_found(answered: Session) -> None:
    violated(answered, FLAWS.get("resubmission-never-called-back"))


@pytest.mark.parametrize("profile", ["none", "callbacks-first"])
def test_one_that_is_called_back_holds(answered: Session, profile: str) -> None:
    passes(answered, "", profile)
    assert answered.last.verdict.of("resubmission-called-back").exposures > 5
