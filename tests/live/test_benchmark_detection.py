"""The detection benchmark tells what was found from what was reported about something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.providers.flaws import FLAWS

from ..benchmarks.detection import read_rows, shortfalls, summary
from ..benchmarks.detection_cases import (
    ACKORD,
    BROKEN,
    CASES,
    FALSE_ALARM,
    FOUND,
    MISSED,
    PEER,
    QUIET,
    Case,
    Row,
    judge_ackord,
    judge_peer,
)

BY_FLAW = {case.flaw: case for case in CASES}
LAG, FAILED, CORRECT = BY_FLAW["lag-1ms"], BY_FLAW["unlanded-failed"], BY_FLAW["primary-reads"]


def report(*failures: str, stateful: str = "failure") -> dict[str, Any]:
    """As Schemathesis 4.32.5 writes its JSON run report, without what is not read."""
    return {
        "schemathesis_version": "4.32.5",
        "exit_code": 1 if failures else 0,
        "phases": {"fuzzing": {"status": "skip"}, "stateful": {"status": stateful}},
        "failures": [
            {"type": name, "code": "ST000", "operations": ["Stateful tests"], "count": 1} for name in failures
        ],
    }


def result(**guarantees: str) -> dict[str, Any]:
    """As result.json has them, without what is not read."""
    return {
        "profiles": [{"guarantees": [{"id": g.replace("_", "-"), "result": word} for g, word in guarantees.items()]}]
    }


@pytest.mark.parametrize(
    ("case", "exit_code", "failures", "outcome", "others"),
    [
        (LAG, 1, ["EnsureResourceAvailability"], FOUND, ()),
        (LAG, 1, ["RejectedPositiveData", "EnsureResourceAvailability"], FOUND, ("RejectedPositiveData",)),
        (LAG, 1, ["RejectedPositiveData"], MISSED, ("RejectedPositiveData",)),
        (LAG, 0, [], MISSED, ()),
        (FAILED, 1, ["EnsureResourceAvailability"], MISSED, ("EnsureResourceAvailability",)),
        (CORRECT, 0, [], QUIET, ()),
        (CORRECT, 1, ["RejectedPositiveData"], FALSE_ALARM, ("RejectedPositiveData",)),
    ],
)
def test_schemathesis_found_only_what_is_about_the_defect(
    case: Case, exit_code: int, failures: list[str], outcome: str, others: tuple[str, ...]
) -> None:
    assert judge_peer(case, exit_code, report(*failures)) == (outcome, others)


def test_a_run_of_schemathesis_that_tested_nothing_is_broken_not_missed() -> None:
    assert judge_peer(LAG, 0, report(stateful="skip")).outcome == BROKEN
    assert judge_peer(LAG, 1, None).outcome == BROKEN
    assert judge_peer(LAG, None, report("EnsureResourceAvailability")).outcome == BROKEN


@pytest.mark.parametrize(
    ("case", "exit_code", "guarantees", "outcome"),
    [
        (LAG, 1, {"acknowledged_order_visible": "VIOLATED", "landing_bounded": "HELD"}, FOUND),
        (LAG, 1, {"acknowledged_order_visible": "HELD", "landing_bounded": "VIOLATED"}, MISSED),
        (LAG, 0, {"acknowledged_order_visible": "HELD"}, MISSED),
        (LAG, 3, {"acknowledged_order_visible": "INCONCLUSIVE"}, MISSED),
        (LAG, 4, {"acknowledged_order_visible": "VIOLATED"}, BROKEN),
        (CORRECT, 0, {"acknowledged_order_visible": "HELD"}, QUIET),
        (CORRECT, 1, {"acknowledged_order_visible": "VIOLATED"}, FALSE_ALARM),
        (CORRECT, 3, {"acknowledged_order_visible": "INCONCLUSIVE"}, BROKEN),
    ],
)
def test_ackord_found_only_the_guarantee_named_for_the_flaw(
    case: Case, exit_code: int, guarantees: dict[str, str], outcome: str
) -> None:
    assert judge_ackord(case, exit_code, result(**guarantees)).outcome == outcome


def test_every_case_is_on_the_shelf() -> None:
    for case in CASES:
        assert case.flaw in FLAWS
        assert case.correct or (case.guarantee and case.profile)
    assert any(case.correct for case in CASES) and any(case.peer_failures for case in CASES)


def test_rows_of_this_version_are_taken_up_again_and_a_torn_line_is_not(tmp_path: Path) -> None:
    line = (
        '{"tool": "ackord", "case": "lag-1ms", "seed": 1, "outcome": "found", "seconds": 4.5, "exit_code": 1, '
        '"others": [], "versions": "now"}\n'
    )
    path = tmp_path / "rows.jsonl"
    path.write_text(line + line.replace('"seed": 1', '"seed": 2').replace("now", "before") + line[:50])
    assert read_rows(path, "now") == {
        (ACKORD, "lag-1ms", 1): Row(ACKORD, "lag-1ms", 1, FOUND, 4.5, 1, (), "now"),
    }
    assert read_rows(tmp_path / "none.jsonl", "now") == {}


def test_the_table_counts_what_was_found_and_a_miss_or_a_slow_median_falls_short() -> None:
    def row(tool: str, case: Case, seed: int, outcome: str, seconds: float, *others: str) -> Row:
        return Row(tool, case.flaw, seed, outcome, seconds, 1, others, "now")

    peers = [
        row(PEER, LAG, 1, MISSED, 10, "Other"),
        row(PEER, LAG, 2, FOUND, 14, "Other"),
        row(PEER, LAG, 3, BROKEN, 30),
    ]
    assert summary(peers, LAG) == ("1 of 3 (1 did not finish)", "14.0", "Other 2x")
    assert summary([row(PEER, CORRECT, 1, FALSE_ALARM, 9)], CORRECT)[0] == "1 of 1 false alarms"
    assert summary([], LAG)[0] == "not run"

    kept = [row(ACKORD, LAG, 1, FOUND, 4), row(ACKORD, CORRECT, 1, QUIET, 20)]
    assert not list(shortfalls(kept + peers))
    assert len(list(shortfalls([*kept, row(ACKORD, LAG, 2, MISSED, 3)]))) == 1
    assert len(list(shortfalls([*kept, row(ACKORD, CORRECT, 2, FALSE_ALARM, 3)]))) == 1
    assert len(list(shortfalls([*kept, row(ACKORD, LAG, 2, FOUND, 8)]))) == 1
