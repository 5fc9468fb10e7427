"""Flaws behind shipped contracts whose way to ask or to tell once hid them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.providers.flaws import FLAWS
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from ..tiers import gate, suite_seed
from .scenarios import violated

HIDDEN = (
    ("acp-checkout", "standby-first"),  # what may follow an end is open there, and a fall before one is none of it
    ("square-payments", "another-id-shown"),  # asked for by the provider's identifier
    ("ucp-checkout", "another-id-shown"),
    ("stripe-payouts", "id-by-node"),
)


@pytest.mark.parametrize(("contract", "flaw"), gate(HIDDEN, {HIDDEN[0], HIDDEN[3]}))
def test_a_flaw_is_caught_behind_a_shipped_contract(contract: str, flaw: str, tmp_path: Path) -> None:
    wished = RunOptions(contract, target="emulator", profiles=["none"], seed=suite_seed(), out=tmp_path)
    with Session(make_plan(wished)) as session:
        violated(session, FLAWS.get(flaw))
