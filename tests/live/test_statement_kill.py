"""kill -9 of a pull at random moments: what stands in the store afterwards is complete, exact and not doubled."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.benchmarks.statement_pull import STATEMENT, KillableRun, wrong_lines
from tests.tiers import gate, suite_seed

PAGES = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}", account: "${account.id}", after: "${cursor}"}}
rows: $.rows
next: $.next
columns: {movement_id: $.id, order_no: $.no, amount: $.amount, kind: $.kind, at: $.at}
"""
LINES = 600


@pytest.mark.parametrize("seed", gate(range(10), [0]))
@pytest.mark.parametrize("statement", [STATEMENT, PAGES], ids=["files", "pages"])
def test_a_killed_pull_goes_on(tmp_path: Path, statement: str, seed: int) -> None:
    chance = random.Random(suite_seed() + seed)
    run = KillableRun(tmp_path, LINES, 12, statement)
    try:
        for _ in range(3):
            run.killed(0.5 + 3 * chance.random())
        last = run.start("--verify")
        out, err = last.communicate()
    finally:
        run.close()
    assert (last.returncode, out) == (0, ""), err
    assert wrong_lines(run, LINES) == []
    assert not list((run.store / "staging").iterdir()) and not list((run.store / "transfer").iterdir())
