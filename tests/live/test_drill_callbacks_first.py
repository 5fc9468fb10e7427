"""Callbacks that reach a live merchant before the answer to its submit: one that drops what it does not know yet, and
one that writes an order down before it sends it.
"""

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
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

MERCHANT = Path(__file__).with_name("callback_merchant.py")
ORDERS = 6
FAULT = "callback-before-acknowledgement"


def merchant(how: str) -> DrillSettings:
    port = free_port()
    command = [sys.executable, str(MERCHANT), how, str(port), str(ORDERS)]
    to = f"http://127.0.0.1:{port}/hooks"
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN, callback_to=to, intent="$.reason")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    out = tmp_path_factory.mktemp("out")
    options = RunOptions("paystack-transfers", target="emulator", profiles=["callbacks-first"], seed=1, out=out)
    with Session(drill_plan(options, merchant("writes-first"))) as opened:
        yield opened


def drilled(session: Session, how: str) -> ProfileResult:
    (profile,) = session.plan.profiles
    result = Drill(session, merchant(how), echo=False).run(profile)
    assert FAULT in result.history.effective_faults, result.verdict
    return result


def test_who_writes_down_first_holds(session: Session) -> None:
    result = drilled(session, "writes-first")
    results = {g.guarantee: g.result for g in result.verdict.guarantees if g.exposures}
    assert results == dict.fromkeys(results, Result.HELD), result.verdict
    assert result.verdict.of("merchant-settles").exposures == ORDERS
    called = {e.order: e.at_ns for e in reversed(result.history.events) if isinstance(e, CallbackDelivered)}
    answered = {x.order: x.complete_ns for o in result.history.orders for x in o.submits}
    early = [order for order, at_ns in called.items() if at_ns < (answered.get(order) or 0)]
    fired = [f for f in result.history.faults if f.fault == FAULT and f.change == "fired"]
    assert len(early) >= len(fired) >= 3


@pytest.mark.parametrize(
    ("how", "guarantee", "words"),
    [
        ("forgets", "merchant-settles", "took a callback that told its end, and says that it is open"),
        ("pays-again", "merchant-pays-once", "the money moved under"),
    ],
)
def test_who_drops_what_it_does_not_know_yet_is_found(session: Session, how: str, guarantee: str, words: str) -> None:
    verdict = drilled(session, how).verdict.of(guarantee)
    assert verdict.result is Result.VIOLATED, verdict
    assert words in verdict.findings[0].summary
