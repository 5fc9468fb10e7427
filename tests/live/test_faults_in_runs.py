"""Every fault in a run of its own: it is armed, it is shown to have done something, it is taken back, and the provider
is as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ackord.chaos.faults import FAULTS, Seam
from ackord.chaos.faults.stale_answer import StaleAnswer
from ackord.core.event import FaultChange
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.errors import UsageError
from ackord.providers.service.bank_channel import ChannelSettings
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

EFFECTIVE: list[dict[str, Any]] = [
    {"fault": "replication-latency", "ms": 40},
    {"fault": "replication-bandwidth", "kb_per_s": 40},
    {"fault": "replication-cut", "for_ms": 200},
    {"fault": "read-model-latency", "ms": 40},
    {"fault": "read-model-bandwidth", "kb_per_s": 40},
    {"fault": "read-model-cut", "for_ms": 200},
    {"fault": "apply-delay", "ms": 60},
    {"fault": "replay-paused", "for_ms": 300},
    {"fault": "synchronous-commit", "mode": "remote_apply"},
    {"fault": "provider-busy", "share": 0.5},
    {"fault": "channel-latency", "ms": 60},
    {"fault": "channel-timeouts", "share": 0.5},
    {"fault": "channel-returns", "share": 0.5},
    {"fault": "channel-declines", "share": 0.5},
    {"fault": "channel-down", "for_ms": 200},
    {"fault": "channel-late-answers", "ms": 30},
    {"fault": "channel-duplicate-callbacks"},
    {"fault": "node-pause", "for_ms": 150},
    {"fault": "node-down", "for_ms": 150},
    {"fault": "clock-step", "by_s": 90_000, "node": "B"},
    {"fault": "clock-step", "by_s": -60, "for_ms": 200},
    {"fault": "toxic", "type": "latency", "attributes": {"latency": 20}},
    {"fault": "toxic", "type": "reset_peer", "attributes": {"timeout": 0}, "for_ms": 200},
    {"fault": "toxic", "type": "slicer", "attributes": {"average_size": 20, "delay": 2000}},
]
FIRED: list[dict[str, Any]] = [
    {"fault": "node-crash", "after_ms": 50},
    {"fault": "failover", "after_ms": 50},
    {"fault": "latency", "ms": 5},
    {"fault": "lost-request", "share": 0.2, "first": 1},
    {"fault": "lost-answer", "share": 0.3, "first": 1},
    {"fault": "late-answer", "ms": 30, "share": 0.3},
    {"fault": "reset", "share": 0.3, "first": 1},
    {"fault": "duplicate-delivery", "share": 0.3},
    {"fault": "error-substitution", "status": 429, "retry_after_s": 0, "share": 0.3, "first": 1},
    {"fault": "reordered-queries", "window_ms": 20, "size": 3},
    {"fault": "truncated-body", "share": 0.3, "first": 1},
    {"fault": "slow-body", "bytes_per_s": 5000, "share": 0.3},
    {"fault": "redirect", "share": 0.3, "first": 1},
    {"fault": "connection-closed", "share": 0.3},
    {"fault": "unreachable", "share": 0.3, "first": 1},
]
ELSEWHERE = {
    "callback-before-acknowledgement": "test_drill_callbacks_first.py",
    "callback-refused": "test_callbacks_in_runs.py",
    "hook": "test_hooks.py",
    "node-disconnected": "tests/containers",
    "stale-answer": "refused below",
    **dict.fromkeys(
        (fault.fault_name() for fault in FAULTS if fault.subject == "integration" and fault is not StaleAnswer),
        "test_merchant_profiles.py",
    ),
}


def write(folder: Path, *faults: dict[str, Any]) -> Path:
    data = {
        "name": "one",
        "incident": "A probe.",
        "phases": {"steady": {"orders": 4}, "disturb": {"orders": 40, "concurrency": 12}},
        "workload": {"plain": 2, "poll": 2, "resubmit": 1},
        "machine": False,
        "faults": list(faults),
        "exposes": ["acknowledged-order-visible"],
    }
    (path := folder / "one.yaml").write_text(yaml.safe_dump(data))
    return path


def played(session: Session, folder: Path, *faults: dict[str, Any]) -> ProfileResult:
    return session.run(load_profile(write(folder, *faults)))


def changes(result: ProfileResult, fault: str) -> list[FaultChange]:
    return [f for f in result.history.faults if f.fault == fault]


def name(fault: Any) -> str:
    return "-".join(str(fault[key]) for key in ("fault", "type") if key in fault)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    plan = make_plan(RunOptions("reference", profiles=["none"], seed=5, out=tmp_path_factory.mktemp("faults")))
    with Session(plan) as entered:
        yield entered


def as_before(session: Session) -> None:
    """Assert that nothing of a fault is left in the provider."""
    reference = session.environment.reference
    channel_settings = reference("channel")
    calm = ChannelSettings()
    assert {k: v for k, v in channel_settings.items() if k != "counters"} == {
        k: getattr(calm, k) for k in channel_settings if k != "counters"
    }
    for told in reference("clock")["nodes"].values():
        assert told["ahead_s"]["least"] <= 0 <= told["ahead_s"]["most"]
    for node in session.environment.nodes:
        assert (
            reference("crash", node=node)["node"] == node
        )  # it can be ended and started, so it is neither paused nor down


@pytest.mark.parametrize("fault", EFFECTIVE, ids=name)
def test_a_lasting_fault_is_shown_and_taken_back(session: Session, fault: dict[str, Any], tmp_path: Path) -> None:
    session.reset_as("")
    result = played(session, tmp_path, fault)
    told = changes(result, fault["fault"])
    assert (told[0].change, told[-1].change) == ("armed", "healed")
    assert "effective" in {f.change for f in told}
    if "for_ms" in fault:
        began, ended = (next(f.at_ns for f in told if f.change == change) for change in ("began", "ended"))
        assert ended - began >= 0.9e6 * fault["for_ms"]
    assert result.verdict.result is Result.HELD
    as_before(session)


@pytest.mark.parametrize("fault", FIRED, ids=name)
def test_a_fault_that_strikes_says_on_what(session: Session, fault: dict[str, Any], tmp_path: Path) -> None:
    session.reset_as("")
    result = played(session, tmp_path, fault)
    told = changes(result, fault["fault"])
    fired = [f for f in told if f.change == "fired"]
    assert fired
    assert all(bool(f.op) == (f.seam == "edge") for f in fired)
    assert told[0].change == "armed"
    assert "healed" in {f.change for f in told}
    if fault["fault"] != "failover":  # what was acknowledged and not copied is lost then
        assert result.verdict.result is Result.HELD


def test_a_fault_that_never_fires_is_reported_and_what_rests_on_it_is_inconclusive(
    session: Session, tmp_path: Path
) -> None:
    session.reset_as("")
    nothing = {"fault": "lost-answer", "match": {"header": {"x-none": "*"}}, "proves": ["acknowledged-order-visible"]}
    result = played(session, tmp_path, nothing)
    assert {f.change for f in changes(result, "lost-answer")} == {"armed", "healed"}
    visible = result.verdict.of("acknowledged-order-visible")
    assert visible.result is Result.INCONCLUSIVE
    assert "lost-answer" in visible.reason


def test_a_clock_that_was_not_stepped_leaves_what_rests_on_it_inconclusive(session: Session, tmp_path: Path) -> None:
    session.reset_as("")
    fault = {"fault": "clock-step", "by_s": 90_000, "proves": ["acknowledged-order-visible"]}
    result = session.without_injection().run(load_profile(write(tmp_path, fault)))
    visible = result.verdict.of("acknowledged-order-visible")
    assert visible.result is Result.INCONCLUSIVE
    assert "clock-step" in visible.reason


def test_what_the_gateway_makes_up_is_refused_where_the_provider_is_judged(tmp_path: Path) -> None:
    path = write(tmp_path, {"fault": "stale-answer", "behind": 1})
    with pytest.raises(UsageError, match="one has stale-answer, which makes up answers"):
        Session(make_plan(RunOptions("reference", profiles=[str(path)], seed=5)))


def test_every_fault_is_played_here_or_is_told_where() -> None:
    here = {fault["fault"] for fault in [*EFFECTIVE, *FIRED]}
    assert here | ELSEWHERE.keys() == set(FAULTS.names())
    assert not here & ELSEWHERE.keys()
    edge = {f.fault_name() for f in FAULTS if f.seam is Seam.EDGE} - ELSEWHERE.keys()
    assert edge <= {fault["fault"] for fault in FIRED}
