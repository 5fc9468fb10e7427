"""The benchmarks that need nothing but Python still run: a figure is measured rarely, and a program that nobody starts
breaks unseen.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("program", "options", "last"),
    [
        ("simulation", ["--programs", "2", "--rounds", "1"], "The line is"),
        ("audit", ["--events", "8000", "--once"], "workers"),
        ("judging", ["--events", "2000"], "2,000"),
        ("judging", ["--oracle", "20"], "20 histories, 0 disagreements"),
        ("statement_pull", ["--lines", "50", "--accounts", "4", "--kills", "1"], "complete, exact, nothing doubled"),
        pytest.param("drill_detection", ["--seeds", "1"], "| `stale-reads` | 1 of 1 |", marks=pytest.mark.full),
    ],
    ids=["simulation", "audit", "judging", "oracle", "statement-pull", "drill-detection"],
)
def test_it_runs_to_its_end(program: str, options: list[str], last: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{program}", *options],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        timeout=120,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.returncode in (0, 1)  # 1: a line is missed, which so short a run cannot say
    assert last in ran.stdout
