"""A drill from a test: what is refused, and what a test is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.drill.bench import DrillBench
from ackord.errors import UsageError
from ackord.run.options.run_options import RunOptions
from ackord.run.suite_runs import SuiteRuns, Surroundings


@pytest.fixture
def bench(tmp_path: Path) -> DrillBench:
    runs = SuiteRuns(RunOptions("reference", seed=1), tmp_path)
    return DrillBench(runs, Surroundings("test_x.py::test_y", "reference", "none", 1))


def test_nothing_is_known_outside_a_drill(bench: DrillBench) -> None:
    for ask in (lambda: bench.url, lambda: bench.env, lambda: bench.report("paid", order="A1")):
        with pytest.raises(UsageError, match=r"with drill\.running\(\)"):
            ask()
    with pytest.raises(UsageError, match="there was no drill yet"):
        bench.assert_held()


@pytest.mark.parametrize(("outcome", "order"), [("maybe", "A1"), ("paid", "")])
def test_a_report_that_says_nothing(bench: DrillBench, outcome: str, order: str) -> None:
    with pytest.raises(UsageError, match="expected paid, failed, open"):
        bench.report(outcome, order=order)


def test_a_command_that_cannot_be_started_starts_nothing(bench: DrillBench) -> None:
    with pytest.raises(UsageError, match="no-such-program is not there"):
        bench.run(["no-such-program"])
