"""Drills of live merchants: presets as programs against the reference provider, and commands that misbehave."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ackord.core.event import FaultChange
from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.merchant import REPORT_PATTERN
from ackord.drill.settings import DrillSettings
from ackord.report import write_all
from ackord.run.audit import audit_recordings
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

STALE = """
name: stale
incident: An acknowledged order reads as not found for a while.
phases: {disturb: {orders: 1}}
workload: {plain: 1}
faults:
  - {fault: stale-answer, not_found: true, lag_ms: 400}
exposes: [merchant-pays-once]
"""


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profiles") / "stale.yaml"
    path.write_text(STALE)
    return path


@pytest.fixture(scope="module")
def reference(stale: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A session over one reference provider, which each drill finds empty."""
    options = RunOptions(profiles=[str(stale)], seed=1, out=tmp_path_factory.mktemp("out"))
    with Session(drill_plan(options, DrillSettings(command=[sys.executable]))) as session:
        yield session


def merchant(policy: str, orders: int) -> DrillSettings:
    command = [sys.executable, "-m", "ackord.drill.merchant", policy, "--orders", str(orders)]
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN)


def test_the_naive_pays_twice_and_the_recommended_once(reference: Session) -> None:
    (profile,) = reference.plan.profiles
    naive = Drill(reference, merchant("naive", 4), echo=False).run(profile)
    verdict = naive.verdict.of("merchant-pays-once")
    assert (verdict.result, verdict.violations) == (Result.VIOLATED, 4)
    assert "took the answer 404 ORDER_NOT_FOUND to query" in verdict.findings[0].summary
    assert naive.verdict.of("merchant-never-fails-unsettled").result is Result.VIOLATED
    fired = [e for e in naive.history.events if isinstance(e, FaultChange) and e.change == "fired"]
    assert fired and all(e.op for e in fired), "each fault stands at the merchant's call that it hit"
    audited = audit_recordings([Path(naive.journal)]).profiles[0]
    assert audited.verdict.guarantees == naive.verdict.guarantees, "anybody judges the merchant again"
    assert "-- " in audited.repeat and "ackord drill reference --profile" in audited.repeat

    recommended = Drill(reference, merchant("recommended", 4), echo=False).run(profile)
    results = {g.guarantee: g.result for g in recommended.verdict.guarantees}
    assert results == {
        "merchant-pays-once": Result.HELD,
        "merchant-never-fails-unsettled": Result.HELD,
        "merchant-settles": Result.HELD,
        "merchant-polls-politely": Result.HELD,
        "merchant-verifies": Result.NOT_APPLICABLE,
    }
    assert recommended.verdict.of("merchant-pays-once").exposures >= 4

    campaign = reference.campaign()
    write_all(campaign, reference.plan.out)
    told = json.loads((reference.plan.out / "result.json").read_text())
    assert (told["subject"], told["exit_code"]) == ("integration", 1)
