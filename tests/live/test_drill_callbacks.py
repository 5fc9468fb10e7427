"""Callbacks on their way to a live merchant: one that trusts them blindly, and one that verifies them by a query."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.core.event import CallbackDelivered
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.merchant import REPORT_PATTERN
from ackord.drill.settings import DrillSettings
from ackord.host.free_port import free_port
from ackord.run.audit import audit_recordings
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

MERCHANT = Path(__file__).with_name("callback_merchant.py")
PROFILE = """
name: some-callbacks
incident: A shop booked whatever was posted to its webhook.
default: false
subject: integration
faults:
  - {fault: callback-forged, share: 0.6, signature: wrong}
  - {fault: callback-reordered, share: 0.3, most_ms: 500}
  - {fault: callback-lost, share: 0.2}
  - {fault: callback-duplicate, share: 0.8, delay_ms: 5}
exposes: [merchant-verifies]
"""
ORDERS = 10


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    path = tmp_path_factory.mktemp("profiles") / "some-callbacks.yaml"
    path.write_text(PROFILE)
    out = tmp_path_factory.mktemp("out")
    options = RunOptions("paystack-transfers", target="emulator", profiles=[str(path)], seed=1, out=out)
    with Session(drill_plan(options, merchant("query"))) as opened:
        yield opened


def merchant(how: str) -> DrillSettings:
    port = free_port()
    command = [sys.executable, str(MERCHANT), how, str(port), str(ORDERS)]
    to = f"http://127.0.0.1:{port}/hooks"
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN, callback_to=to)


def drilled(session: Session, how: str) -> ProfileResult:
    (profile,) = session.plan.profiles
    return Drill(session, merchant(how), echo=False).run(profile)


def test_who_trusts_blindly_is_found_and_who_asks_holds(session: Session) -> None:
    blind = drilled(session, "blind")
    verdict = blind.verdict.of("merchant-verifies")
    assert verdict.result is Result.VIOLATED, blind.verdict
    assert "only a forged call said: the forged callback transfer-event (FAILED; signature: wrong)" in (
        verdict.findings[0].summary
    )
    assert blind.verdict.of("merchant-never-fails-unsettled").result is Result.VIOLATED
    deliveries = [e for e in blind.history.events if isinstance(e, CallbackDelivered)]
    assert {bool(e.forged) for e in deliveries} == {True, False} and any(e.copy for e in deliveries)
    assert all(e.order and e.sent_ns <= e.at_ns for e in deliveries)
    assert "callback-lost" in blind.history.effective_faults
    audited = audit_recordings([Path(blind.journal)]).profiles[0]
    assert audited.verdict.guarantees == blind.verdict.guarantees, "anybody judges the merchant again"

    asking = drilled(session, "query")
    results = {g.guarantee: g.result for g in asking.verdict.guarantees}
    assert results == dict.fromkeys(results, Result.HELD), asking.verdict
    assert asking.verdict.of("merchant-verifies").exposures >= 3
    assert asking.verdict.of("merchant-settles").exposures == ORDERS
