"""The step of a contract's check that reads movements. ``tests/live/test_money_sources.py`` asks real sources."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from ackord.contract.codec.codec import Payment
from ackord.run.contract_check.money_step import money_step
from ackord.run.contract_check.probe_client import CheckStep, ProbeOrder
from ackord.run.environments import open_environment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

from ...client.test_provider_client import SMALL

HERE = "http://127.0.0.1:9"
ROW = '{"movement_id": "m1", "provider_id": "p-1", "account": "main", "amount_minor": 5}'
LATE = """\
statement:
  request: {method: GET, path: /bills}
  csv: {}
  columns: {movement_id: Id, order_no: Order, amount: Cents}
  available_after: next day
"""


def command(code: str) -> str:
    return f"ledger:\n  command: {json.dumps([sys.executable, '-c', code])}\n  prints: json_lines\n"


def step_of(folder: Path, section: str, target: str = HERE) -> CheckStep | None:
    (folder / "c.yaml").write_text(SMALL + section)
    wish = RunOptions(str(folder / "c.yaml"), target=target, profiles=["none"], seed=1, allow_hooks=True)
    plan = make_plan(wish)
    environment = open_environment(plan)
    environment.direct_url = HERE
    order = ProbeOrder(Payment("n-1", "main", 5, "EUR", "x"), "p-1")
    return asyncio.run(money_step(plan, environment, order, 0))


def test_the_order_s_movements_are_counted_by_its_number_or_identifier(tmp_path: Path) -> None:
    step = step_of(tmp_path, command(f"print({ROW!r})"))
    assert step is not None
    assert (step.came, step.findings) == ("1 movement of the order", [])


def test_what_cannot_be_read_is_the_contract_s_mistake_with_its_place(tmp_path: Path) -> None:
    step = step_of(tmp_path, command("raise SystemExit(3)"))
    assert step is not None
    [finding] = step.findings
    assert (finding.fault, finding.blame.path) == ("contract", ("ledger", "command"))
    assert "ended with exit code 3" in finding.blame.problem


@pytest.mark.parametrize(("section", "target"), [(LATE, HERE), (command("1"), "emulator"), ("", HERE)])
def test_there_is_no_step_where_there_is_nothing_to_read_yet(section: str, target: str, tmp_path: Path) -> None:
    assert step_of(tmp_path, section, target) is None
