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
from .scenarios import violated

HIDDEN = (
    ("square-payments", "another-id-shown"),  # asked for by the provider's identifier
    ("ucp-checkout", "another-id-shown"),
    ("stripe-payouts", "id-by-node"),
)


@pytest.mark.parametrize(("contract", "flaw"), gate(HIDDEN, {HIDDEN[2]}))
def test_a_flaw_is_caught_behind_a_shipped_contract(contract: str, flaw: str, tmp_path: Path) -> None:
    wished = RunOptions(contract, target="emulator", profiles=["none"], seed=suite_seed(), out=tmp_path)
    with Session(make_plan(wished)) as session:
        violated(session, FLAWS.get(flaw))


def test_a_status_that_falls_is_found_where_what_may_follow_an_end_is_open(tmp_path: Path) -> None:
    """A fall before any end is VIOLATED, one after it UNSAFE there. Which of them the run meets first is the machine's
    timing; that a fall before an end is VIOLATED is held by the guarantee's own test.
    """
    flaw = FLAWS.get("standby-first")
    wished = RunOptions("acp-checkout", target="emulator", profiles=["none"], seed=suite_seed(), out=tmp_path)
    with Session(make_plan(wished)) as session:
        session.reset_as(flaw.name)
        verdict = session.run(load_profile(flaw.profile)).verdict
    assert verdict.of(flaw.caught_by).result in (Result.VIOLATED, Result.UNSAFE), verdict
