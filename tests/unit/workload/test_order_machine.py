"""The order machine's rules: they act, they never assert, and no answer steers a draw."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis.stateful import rule

from ackord.core.operation import OperationKind
from ackord.workload.order_machine import OrderMachine, order_machine, run_machine

from .stage import BUSY, NOT_FOUND, Answer, FakeWorld, pays_at_once

ANSWERS: dict[str, Answer] = {
    "pays": pays_at_once,
    "denies": lambda call: NOT_FOUND if call.kind is OperationKind.QUERY else BUSY,
    "silent": lambda call: None,
}


def run(world: FakeWorld, *, examples: int = 12, steps: int = 30, seed: int = 5) -> FakeWorld:
    run_machine(order_machine(world), examples=examples, steps=steps, seed_value=seed)
    return world


def test_every_rule_is_played() -> None:
    calls = run(FakeWorld(), examples=40).calls()
    assert {c.kind for c in calls} == {OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.QUERY}
    assert {c.hold.partition(":")[0] for c in calls} == {"", "ack", "pass", "barrier"}
    assert {c.inject for c in calls} == {"", "lost-answer"}
    assert {c.payment.account for c in calls} == {"main", "other"}
    altered = {c.payment for c in calls if c.kind is OperationKind.RESUBMIT} - {
        c.payment for c in calls if c.kind is OperationKind.SUBMIT
    }
    assert altered


def test_orders_are_cancelled_and_refunded_only_where_that_is_asked_for() -> None:
    both = (OperationKind.CANCEL, OperationKind.REFUND)
    world = FakeWorld()
    run_machine(order_machine(world, operations=both), examples=40, steps=30, seed_value=5)
    played = {c.kind for c in world.calls()}
    assert set(both) <= played
    refunds = [c.refund for c in world.calls() if c.refund is not None]
    assert len({r.number for r in refunds}) < len(refunds), "none was sent again"
    only = FakeWorld()
    run_machine(order_machine(only, operations=both[:1]), examples=12, steps=30, seed_value=5)
    assert {c.kind for c in only.calls()} & set(both) == {OperationKind.CANCEL}


def test_no_answer_steers_a_draw() -> None:
    traces = [run(FakeWorld(answer)).trace for answer in ANSWERS.values()]
    assert traces[0] == traces[1] == traces[2]


def test_a_program_depends_on_the_seed() -> None:
    assert run(FakeWorld()).trace == run(FakeWorld()).trace
    assert run(FakeWorld()).trace != run(FakeWorld(), seed=6).trace


def test_programs_do_not_depend_on_what_else_is_imported(tmp_path: Path) -> None:
    """Hypothesis' own backend draws constants that it finds in the sources of loaded modules; ours must not."""
    (tmp_path / "somebody_elses.py").write_text("PRICES = [101, 102, 103, 1024, 3999, 2048, 7, 13]\n")
    checkout = str(Path(__file__).resolve().parents[3])
    script = (
        f"import sys; sys.path[:0] = [{checkout!r}, {str(tmp_path)!r}]\n"
        "if len(sys.argv) > 1: import somebody_elses, json.tool, email.mime.text\n"
        "from tests.unit.workload.test_order_machine import FakeWorld, run\n"
        "print(run(FakeWorld(), examples=30).trace)"
    )
    told = [
        subprocess.run([sys.executable, "-c", script, *more], capture_output=True, text=True, check=True).stdout
        for more in ([], ["more"])
    ]
    assert told[0] == told[1]
    assert "begin" in told[0]


def test_nothing_is_pending_when_a_program_ends() -> None:
    world = run(FakeWorld())
    assert {what[1] for what in world.trace if what[0] == "end"} == {0}
    assert world.programs > 0


def test_holds_are_met_within_their_rule() -> None:
    """A held request whose partner never comes would stand still until the gateway loses patience."""
    world = run(FakeWorld(), examples=40)
    tokens = {c.token for c in world.calls()}
    for call in world.calls():
        kind, _, rest = call.hold.partition(":")
        if kind in ("ack", "pass"):
            assert rest in tokens


@pytest.mark.parametrize(
    "at_first", [frozenset(), frozenset({"lag"}), frozenset({"lag", "loss"})], ids=["none", "lag", "both"]
)
def test_a_fault_is_injected_when_healed_and_healed_when_injected(at_first: frozenset[str]) -> None:
    world = run(FakeWorld(at_first=at_first))
    injected: set[str] = set()
    changes = 0
    for what in world.trace:
        if what[0] == "program":
            injected = set(at_first)
        elif what[0] == "inject":
            assert what[1] not in injected
            injected.add(what[1])
            changes += 1
        elif what[0] == "heal":
            injected.remove(what[1])
            changes += 1
    assert changes


def test_a_world_without_faults_has_no_rule_for_them() -> None:
    world = run(FakeWorld(faults=()))
    assert not any(what[0] in ("inject", "heal") for what in world.trace)
    assert world.calls()


def test_a_machine_can_be_given_rules_of_its_own() -> None:
    world = FakeWorld()

    class Mine(order_machine(world)):  # type: ignore[misc]
        @rule(order=OrderMachine.orders)
        def query_three_times(self, order) -> None:  # type: ignore[no-untyped-def]
            for _ in range(3):
                self.do(order, order.query(hold="ack:mine"))

    run_machine(Mine, examples=20, steps=30, seed_value=1)
    held = Counter(c.ordinal for c in world.calls() if c.hold == "ack:mine")
    assert held
    assert all(n % 3 == 0 for n in held.values())


def test_each_world_has_a_machine_class_of_its_own() -> None:
    one, two = order_machine(FakeWorld(), "ReplicaLag"), order_machine(FakeWorld(), "LostAnswers")
    assert [one.__name__, two.__name__] == ["ReplicaLagMachine", "LostAnswersMachine"]
