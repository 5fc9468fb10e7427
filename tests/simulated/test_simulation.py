"""Simulations: the correct provider holds, each flaw is found by its guarantee and shrunk to a few steps, and a seed is
one execution everywhere.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis.internal.conjecture.data import ConjectureData

import ackord
from ackord.core.event import Begin
from ackord.core.verdict import Result
from ackord.errors import UnknownNameError
from ackord.guarantees import GUARANTEES
from ackord.providers.flaws import FLAWS
from ackord.providers.variants import VARIANTS
from ackord.simulation.simulated_provider import SIMULATED_FLAWS, SIMULATED_VARIANTS
from ackord.simulation.simulated_store import SimulatedStore
from ackord.simulation.simulation import GuaranteeViolated, simulate, violation_class
from ackord.workload.order_machine import OrderMachine

from ..tiers import gate, suite_seed

PROGRAMS = 300
"""A flaw is found within so many; the slowest of 60 seeds needed 27."""
SHORT = 8
"""A minimal program has at most so many steps; most have one to three."""
SHRUNK_IN_THE_GATE = ("standby-reads", "standby-dedup", "altered-accepted", "check-then-insert", "key-unscoped")

ELSEWHERE = {
    "answers-match-schema",
    "callback-agrees-with-query",
    "callback-delivered",
    "callback-genuine",
    "key-form-respected",
    "resubmission-called-back",
    "trigger-leads-as-declared",
}
"""They are judged by a provider's OpenAPI document, its callbacks, its promises about keys, and its sandbox's triggers;
the simulated one has none of these."""


@pytest.mark.parametrize("seed", gate([1, 2, 3, suite_seed()], [1, suite_seed()]))
def test_the_correct_provider_holds_and_every_guarantee_was_put_to_the_test(seed: int) -> None:
    report = simulate(seed=seed, examples=40)
    assert report.violation is None, report.violation
    assert report.programs >= 40
    assert report.steps > 30 * report.programs
    assert report.operations > report.steps
    assert set(report.exposures) == set(GUARANTEES.names())
    assert not {name: n for name, n in report.exposures.items() if n < 10 and name not in ELSEWHERE}


def test_a_program_is_freed_without_the_garbage_collector() -> None:
    """Each would leave thousands of objects: Hypothesis' test case, the machine, the events, the provider."""
    kinds = (Begin, SimulatedStore, OrderMachine, ConjectureData)

    def living() -> list[int]:
        objects = gc.get_objects()
        return [sum(isinstance(o, kind) for o in objects) for kind in kinds]

    gc.collect()
    gc.disable()
    try:
        before = living()
        report = simulate(seed=1, examples=20)
        events, stores, machines, test_cases = (now - then for now, then in zip(living(), before, strict=True))
    finally:
        gc.enable()
    assert report.programs == 20
    # The last program's, and the simplest's, which no backend draws.
    assert stores <= 1
    assert machines <= 1
    assert test_cases <= 3
    assert events < 5 * report.operations / report.programs


CORRECT = [name for name in SIMULATED_VARIANTS if FLAWS.get(name).correct]


@pytest.mark.parametrize("variant", CORRECT)
@pytest.mark.parametrize("seed", gate([1, 2, 3, 4, suite_seed()], [1]))
def test_a_correct_variant_holds(variant: str, seed: int) -> None:
    report = simulate(variant, seed=seed, examples=40)
    assert report.violation is None, report.violation


def test_every_flaw_is_simulated_or_says_why_not() -> None:
    assert len(SIMULATED_FLAWS) >= 54
    assert CORRECT == ["primary-reads", "single-flight", "order-registry"]
    for name in set(VARIANTS.names()) - set(SIMULATED_VARIANTS):
        why = VARIANTS.get(name).only_live
        assert why.startswith(("it is a ", "it shows ", "it waits for ", "the simulat")), f"{name}: {why}"


@pytest.mark.parametrize("flaw", SIMULATED_FLAWS)
def test_a_flaw_is_found_by_the_guarantee_named_for_it(flaw: str) -> None:
    caught_by = FLAWS.get(flaw).caught_by
    report = simulate(flaw, seed=suite_seed(), examples=PROGRAMS, guarantees=(caught_by,), shrink=False)
    assert report.violation is not None, f"seed {suite_seed()}: not found in {report.programs} programs"
    assert report.violation.guarantee == caught_by
    assert report.violation.result is Result.VIOLATED
    assert report.exposures[caught_by] > 0
    assert "state.teardown()" in report.program


@pytest.mark.parametrize("flaw", gate(SIMULATED_FLAWS, SHRUNK_IN_THE_GATE))
def test_a_flaw_is_shrunk_to_a_few_steps(flaw: str) -> None:
    caught_by = FLAWS.get(flaw).caught_by
    report = simulate(flaw, seed=1, examples=PROGRAMS, guarantees=(caught_by,))
    assert report.violation is not None
    assert report.violation.guarantee == caught_by
    assert report.violation.findings[0].summary
    assert 1 <= report.program_steps <= SHORT, report.program


def test_a_flaw_is_found_without_saying_what_to_look_for() -> None:
    report = simulate("standby-reads", seed=1, examples=PROGRAMS)
    assert report.violation is not None
    assert report.violation.guarantee in GUARANTEES.names()
    assert report.exposures["acknowledged-order-visible"] > 0


def test_every_guarantee_has_a_flaw_that_breaks_it() -> None:
    assert {FLAWS.get(flaw).caught_by for flaw in SIMULATED_FLAWS} == set(GUARANTEES.names()) - ELSEWHERE


def test_the_minimal_program_is_the_story_itself() -> None:
    """Two copies at once and nothing else, or one copy that a fault delivers twice."""
    report = simulate("check-then-insert", seed=1, examples=50, guarantees=("concurrent-duplicates-collapse",))
    assert "race(amount_minor=100, copies=2)" in report.program or "duplicate-delivery" in report.program
    assert report.program_steps <= 3


def test_a_seed_is_one_trace_in_every_process() -> None:
    script = (
        "import sys; from ackord.simulation.simulation import simulate\n"
        "if sys.argv[2:]: import decimal, email.mime.text, ackord.run.session\n"
        "print(simulate(sys.argv[1], seed=11, examples=5).trace_hash)"
    )
    root = Path(ackord.__file__).parents[1]

    def told(hash_seed: str, flaw: str, *more: str) -> str:
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
        command = [sys.executable, "-c", script, flaw, *more]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout.strip()

    assert {told("0", ""), told("1", "", "more imports"), told("4242", "")} == {
        simulate(seed=11, examples=5).trace_hash
    }
    assert told("7", "standby-first") == simulate("standby-first", seed=11, examples=5).trace_hash


def test_other_seeds_and_other_providers_are_other_traces() -> None:
    hashes = [simulate(seed=seed, examples=5).trace_hash for seed in range(6)]
    hashes.append(simulate("new-provider-id", seed=0, examples=5).trace_hash)
    assert len(set(hashes)) == 7


def test_what_was_simulated_before_leaves_no_trace() -> None:
    first = simulate(seed=5, examples=5)
    simulate("late-success", seed=6, examples=5)
    assert simulate(seed=5, examples=5) == first


def test_a_guarantee_has_one_exception_class_for_good() -> None:
    one = violation_class("acknowledged-order-visible")
    assert one.__name__ == "AcknowledgedOrderVisibleViolated"
    assert one is violation_class("acknowledged-order-visible")
    assert issubclass(one, GuaranteeViolated)
    assert one is not violation_class("landing-bounded")


def test_mistakes_are_named() -> None:
    with pytest.raises(UnknownNameError, match="standby-reads"):
        simulate("standby-read", seed=1, examples=1)
    with pytest.raises(UnknownNameError, match="landing-bounded"):
        simulate(seed=1, examples=1, guarantees=("landing-bound",))
