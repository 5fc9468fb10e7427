"""Same seed, same schedule: what is armed, what is submitted, and what each fault hits, whatever the interleaving."""

from __future__ import annotations

from pathlib import Path

from ackord.core.clock import MS
from ackord.core.event import Begin, FaultChange
from ackord.core.history import History
from ackord.core.operation import OperationKind, Vantage
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

Asked = tuple[str, OperationKind, int]
"""Order, operation, attempt: what a fault at the edge decides by."""


UNDER_WAY_NS = 100 * MS
"""How long a request may be under way to the gateway."""

PROFILE = """\
name: seeded
incident: A probe of chance.
phases: {disturb: {orders: 50, concurrency: 25}}
workload: {plain: 2, resubmit: 2, lost-answer: 2, late-resubmit: 1}
machine: false
faults:
  - {fault: lost-answer, share: 0.3, match: {operation: [submit]}, first: 1}
  - {fault: latency, share: {least: 0.2, most: 0.6}, ms: 3, jitter_ms: 2}
  - {fault: duplicate-delivery, share: 0.3, every: 2, match: {operation: [submit, resubmit]}}
  - {fault: error-substitution, share: 0.1, match: {attempt: [2]}}
  - {fault: channel-timeouts, share: 0.2}
exposes: [resubmission-moves-money-once]
"""


def played(seed: int, folder: Path) -> History:
    folder.mkdir()
    (path := folder / "seeded.yaml").write_text(PROFILE)
    plan = make_plan(RunOptions("reference", profiles=[str(path)], seed=seed, out=folder / "out"))
    with Session(plan) as session:
        return session.run(plan.profiles[0]).history


def operations(history: History) -> dict[int, Begin]:
    return {e.op: e for e in history.events if isinstance(e, Begin) and e.vantage is Vantage.MERCHANT and not e.copy}


def first_submits(history: History) -> set[tuple[str, str, int | None, str]]:
    return {
        (e.order, e.fingerprint, e.amount_minor, e.node)
        for e in operations(history).values()
        if e.kind is OperationKind.SUBMIT and e.attempt == 1
    }


def hits(history: History) -> tuple[set[Asked], set[tuple[Asked, str]]]:
    """What was asked while the faults were armed, and which fault fired on what.

    What is asked at the end of a phase may come to the gateway before or after the faults are taken back there.
    """
    armed_ns = max(f.at_ns for f in history.faults if f.change == "armed")
    healed_ns = min(f.at_ns for f in history.faults if f.change == "healed")
    asked = {
        op: (e.order, e.kind, e.attempt)
        for op, e in operations(history).items()
        if armed_ns < e.at_ns < healed_ns - UNDER_WAY_NS
    }
    fired = {
        (asked[f.op], f.fault)
        for f in history.events
        if isinstance(f, FaultChange) and f.change == "fired" and f.op in asked
    }
    return set(asked.values()), fired


def turns(history: History) -> list[tuple[str, str, str]]:
    """How the faults were armed, proven and healed, in their order."""
    return [
        (f.fault, f.change, str(f.detail) if f.change == "armed" else "") for f in history.faults if f.change != "fired"
    ]


def test_two_runs_of_a_seed_meet_the_same_faults(tmp_path: Path) -> None:
    one, two, other = (played(seed, tmp_path / str(n)) for n, seed in enumerate((11, 11, 12)))
    assert turns(one) == turns(two) != turns(other)  # the span of a share is the seed's
    assert first_submits(one) == first_submits(two)
    assert not first_submits(one) & first_submits(other)
    (asked_one, fired_one), (asked_two, fired_two) = hits(one), hits(two)
    both = asked_one & asked_two
    # How often a merchant asks again depends on the answers; what both runs asked met the same.
    assert len(both) > 0.5 * len(asked_one | asked_two)
    kept = {(asked, fault) for asked, fault in fired_one if asked in both}
    assert kept == {(asked, fault) for asked, fault in fired_two if asked in both}
    assert {fault for _, fault in kept} == {"lost-answer", "latency", "duplicate-delivery", "error-substitution"}
