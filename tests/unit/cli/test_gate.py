"""The words of ``ackord gate`` and of what reads two folders, over the evidence of golden journals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.report import write_all
from ackord.run.audit import audit_recordings
from tests.golden.campaigns import journal_of

Run = Callable[..., tuple[int, str, str]]
ACCEPT = ("--owner", "payments", "--reason", "PAY-1", "--expires", "30d")
POLICY = "baseline: baseline.yaml\nallow_inconclusive:\n" + "".join(
    f"  - {{guarantee: {name}, owner: payments, reason: a small journal, expires: 2099-12-31}}\n"
    for name in ("acknowledged-order-visible", "landing-bounded")
)


def evidence(name: str, folder: str, version: str = "") -> None:
    """Write the evidence of a run in which one golden journal was recorded."""
    path = Path(folder) / name
    path.mkdir(parents=True)
    journal = Path(shutil.copy(journal_of(name), path / "journal.jsonl"))
    write_all(replace(audit_recordings([journal]), out=folder, provider_version=version), Path(folder))


@pytest.fixture
def gate(run: Run) -> Run:
    """Run ``ackord gate`` in a folder with two runs and a policy."""
    evidence("violated-visibility", "red", "1.0")
    evidence("held", "green", "1.1")
    Path("gate.yaml").write_text(POLICY)
    return lambda *words: run("gate", *words)


def test_a_finding_is_accepted_until_it_is_mended_or_its_day_has_passed(gate: Run) -> None:
    code, out, _ = gate("red", "--policy", "gate.yaml")
    assert (code, "new finding" in out, "missing baseline" in out) == (1, True, True)
    assert out.splitlines()[-1].startswith("GATE FAILED: ")
    code, out, _ = gate("baseline", "red", "--policy", "gate.yaml", *ACCEPT)
    assert (code, out.count("accepted  VIOLATED")) == (0, out.count("accepted"))
    assert gate("red", "--policy", "gate.yaml")[0] == 0
    code, out, _ = gate("check", "red", "--policy", "gate.yaml", "--on", "2099-01-01")
    assert (code, "expired waiver" in out) == (1, True)


def test_forms_and_exit_codes(gate: Run) -> None:
    code, out, _ = gate("red", "--policy", "gate.yaml", "--format", "json")
    data = json.loads(out)
    assert (code, data["exit_code"], data["passed"]) == (1, 1, False)
    assert gate("red", "--format", "markdown")[1].startswith("## Ackord gate: ")


def test_results_are_recorded_and_asked_for(gate: Run) -> None:
    code, out, _ = gate("record", "red", "--results", "results.jsonl")
    assert (code, "may ship: no" in out) == (0, True)
    code, out, _ = gate("can-i-ship", "--results", "results.jsonl", "--provider-version", "1.0", "--suite-version", "0")
    assert (code, out.splitlines()[-1][:3]) == (3, "NO:")
    file = Path("results.jsonl")
    file.write_text(
        file.read_text().replace('"suite_version": ""', '"suite_version": "0.9"')
    )  # golden journals have none
    words = ("can-i-ship", "--results", "results.jsonl", "--provider-version", "1.0", "--suite-version", "0.9")
    assert gate(*words)[0] == 1
    assert json.loads(gate(*words, "--format", "json")[1])["ships"] is False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "nowhere holds no evidence of a run"),
        (["red", "--policy", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["red", "--baseline", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["red", "--on", "2017-01-01"], "this day has passed"),
        (["red", "--on", "soon"], "a day of the calendar"),
        (["baseline", "red", *ACCEPT], "where the baseline goes is not known"),
        (["baseline", "red", "--policy", "gate.yaml", *ACCEPT[:5], "2017-01-01"], "this day has passed"),
        (["can-i-ship", "--results", "none.jsonl", "--provider-version", "1"], "none.jsonl: it cannot be read"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_error(gate: Run, words: list[str], says: str) -> None:
    code, out, err = gate(*words)
    assert (code, out) == (2, "")
    assert says in err and "Traceback" not in err
    assert not Path("baseline.yaml").exists()


def test_two_runs_are_compared(gate: Run, run: Run) -> None:
    code, out, _ = run("report", "compare", "red", "green")
    assert (code, "two runs compared" in out) == (0, True)
    assert json.loads(run("report", "compare", "red", "green", "--format", "json")[1])["ackord"] == "comparison"
    code, _, err = run("report", "merge", "red", "green", "--out", "whole")
    assert (code, "holds a whole campaign, not a shard of one" in err) == (2, True)
