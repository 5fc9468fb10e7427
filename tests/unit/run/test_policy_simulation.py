"""What a simulation is planned from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.base.field_types import Duration
from ackord.core.clock import MS, SECOND
from ackord.errors import UsageError
from ackord.run.policy_simulation import SimulationOptions, plan_simulation


def result(folder: Path, **landing: Any) -> Path:
    window = {
        "orders_count": 50, "seen_missing_count": 50, "never_shown_count": 0, "p50_ms": 200.0, "p90_ms": 210.0,
        "p99_ms": 220.0, "max_ms": 230.0, "recommended_buffer_ms": 231, **landing,
    }  # fmt: skip
    path = folder / "result.json"
    path.write_text(json.dumps({"ackord": "result", "version": 1, "profiles": [{"landing": window, "guarantees": []}]}))
    return path


def test_all_is_what_can_be_simulated_and_the_rest_is_told() -> None:
    plan = plan_simulation(SimulationOptions())
    assert plan.cells == len(plan.policies) * len(plan.profiles) > 100
    assert {"none", "replica-lag", "lost-answers"} <= {profile.name for profile in plan.profiles}
    assert dict(plan.left_out)["node-crash"].startswith("node-crash needs")
    assert not {name for name, _ in plan.left_out} & {profile.name for profile in plan.profiles}


def test_a_measured_run_gives_the_landing_and_the_buffer(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("policies:\n  - {name: ours, buffer: landing-window}\n")
    options = SimulationOptions(policies=(str(tmp_path / "mine.yaml"),), measured=result(tmp_path))
    plan = plan_simulation(options)
    assert plan.policies[0].buffer == Duration("231ms")
    assert plan.model.landing_ns(0.5) == pytest.approx(200 * MS)
    assert plan.outage_ns == 60 * SECOND


def test_a_run_that_recommends_no_buffer_gives_none(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("policies:\n  - {name: ours, buffer: landing-window}\n")
    measured = result(tmp_path, never_shown_count=5, recommended_buffer_ms=None)
    with pytest.raises(UsageError, match="no landing window was measured"):
        plan_simulation(SimulationOptions(policies=(str(tmp_path / "mine.yaml"),), measured=measured))
