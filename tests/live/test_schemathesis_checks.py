"""Our checks in Schemathesis' own run, as its users start it: they find the stale read, by their name, and are silent
on a correct provider.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.run.interactive import InteractiveRun
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

VISIBLE = "ackord_acknowledged_order_visible"
CHECKS = (VISIBLE, "ackord_acknowledged_order_not_failed", "ackord_resubmission_same_order")
PROFILE = """
name: lagging
incident: A replica lags one second.
phases: {disturb: {orders: 1}}
workload: {plain: 1}
faults:
  - {fault: replication-latency, ms: 1000, proves: [acknowledged-order-visible]}
exposes: [acknowledged-order-visible]
machine: false
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "lagging.yaml").write_text(PROFILE)
    plan = make_plan(RunOptions("reference", profiles=[str(folder / "lagging.yaml")], seed=2, out=folder / "out"))
    with Session(plan) as session:
        yield session


def schemathesis(url: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """Its exit code and its report."""
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json"),
        *("--phases", "stateful", "--checks", ",".join(CHECKS), "--max-examples", "8", "--no-shrink", "--seed", "1"),
        *("--header", "Authorization: Bearer sk_main", "--generation-database", "none", "--no-color"),
        *("--report", "json", "--report-json-path", "report.json"),
    ]
    settings = {"SCHEMATHESIS_HOOKS": "ackord.schemathesis_checks", "ACKORD_CONTRACT": "reference"}
    done = subprocess.run(command, cwd=folder, env=os.environ | settings, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode, json.loads((folder / "report.json").read_text())


@pytest.mark.parametrize(("flaw", "told"), [("standby-reads", [VISIBLE]), ("primary-reads", [])])
def test_the_stale_read_is_found_and_nothing_else(session: Session, flaw: str, told: list[str], tmp_path: Path) -> None:
    session.reset_as(flaw)
    with InteractiveRun(session.plan, session.plan.profiles[0], session.environment) as bench:
        bench.arm("replication-latency")
        code, report = schemathesis(session.environment.direct_url, tmp_path)
        bench.heal("replication-latency")
    assert report["phases"]["stateful"]["status"] != "skip", "it did follow links from a submit to a query"
    assert [check for check in CHECKS if any(check in str(failure) for failure in report["failures"])] == told
    assert code == (1 if told else 0), report["failures"]
