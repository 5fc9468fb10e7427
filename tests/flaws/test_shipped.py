"""Flaws behind shipped contracts whose way to ask or to tell once hid them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.core.verdict import Result
from ackord.providers.flaws import FLAWS
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

from ..tiers import gate, suite_seed
from .scenarios import told, violated

HIDDEN = (
    ("acp-checkout", "standby-first"),  # what may follow an end is open there, and a fall before one is none of it
    ("square-payments", "another-id-shown"),  # asked for by the provider's identifier
    ("ucp-checkout", "another-id-shown"),
    ("stripe-payouts", "id-by-node"),
)


@pytest.mark.parametrize(("contract", "flaw"), gate(HIDDEN, {HIDDEN[0], HIDDEN[3]}))
def test_a_flaw_is_caught_behind_a_shipped_contract(contract: str, flaw: str, tmp_path: Path) -> None:
    with emulated(contract, tmp_path) as session:
        violated(session, FLAWS.get(flaw))


@pytest.mark.full
def test_a_fall_from_an_end_is_unsafe_where_nobody_says_what_may_follow_it(tmp_path: Path) -> None:
    """x402 shows two states, one of them an end; whether a chain may undo it is not said."""
    flaw = FLAWS.get("standby-first")
    with emulated("x402-facilitator", tmp_path) as session:
        session.reset_as(flaw.name)
        verdict = session.run(load_profile(flaw.profile)).verdict
        assert verdict.of(flaw.caught_by).result is Result.UNSAFE, told(session, flaw.profile, flaw.name)


def emulated(contract: str, out: Path) -> Session:
    return Session(make_plan(RunOptions(contract, target="emulator", profiles=["none"], seed=suite_seed(), out=out)))
