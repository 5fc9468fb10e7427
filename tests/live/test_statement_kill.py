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
FORMS = {"files": STATEMENT, "pages": PAGES}
LINES = 600


@pytest.mark.parametrize("seed", gate(range(10), [0]))
@pytest.mark.parametrize("form", FORMS)
def test_a_killed_pull_goes_on(tmp_path: Path, form: str, seed: int) -> None:
    run = KillableRun(tmp_path, LINES, 12, FORMS[form])
    try:
        goes_on(run, seed)
    finally:
        run.close()


@pytest.mark.parametrize("seed", gate(range(10), [0]))
@pytest.mark.parametrize("form", gate(FORMS, ["pages"]))
def test_a_pull_that_is_killed_in_a_storm_goes_on(tmp_path: Path, form: str, seed: int) -> None:
    run = KillableRun(tmp_path, LINES, 12, FORMS[form], storm=True, seed=seed + 1)
    try:
        goes_on(run, seed)
        assert {"lost-answer", "latency", "error-substitution"} <= run.faults().keys(), "no storm, and nothing shown"
    finally:
        run.close()


def goes_on(run: KillableRun, seed: int) -> None:
    """Kill a pull three times; what stands in the store after the next one is whole."""
    chance = random.Random(suite_seed() + seed)
    for _ in range(3):
        run.killed(0.5 + 3 * chance.random())
    exit_code, said = run.finish("--verify")
    assert exit_code == 0, said
    assert wrong_lines(run, LINES) == []
    assert not list((run.store / "staging").iterdir()) and not list((run.store / "transfer").iterdir())
