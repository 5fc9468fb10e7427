"""The search for a smaller scenario, against oracles that are pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.replay.order_scenario import OrderScenario
from ackord.replay.shrink import Part, parts_of, shrink, without

from .build import scenario

LAG, CUT = {"fault": "replication-latency", "ms": 200}, {"fault": "replication-cut"}
STEPS = (
    {"do": "submit"},
    {"do": "submit", "wait_ms": 60.0, "faults": [{"fault": "lost-answer"}]},
    {"do": "submit", "amount_minor": 777},
    {"do": "submit", "account": "other"},
    {"do": "query"},
    {"do": "query", "wait_ms": 22.5, "overlaps": True},
    {"do": "query", "held": "until-acknowledged"},
    {"do": "query", "node": "B"},
)


@st.composite
def scenarios(draw: st.DrawFn) -> OrderScenario:
    steps: list[dict[str, Any]] = [
        dict(step) for step in draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=12))
    ]
    faults = draw(st.lists(st.sampled_from([LAG, CUT]), unique_by=lambda f: f["fault"], max_size=2))
    arms = [{"do": "arm", "fault": fault["fault"]} for fault in faults]
    if faults and draw(st.booleans()):
        steps.append({"do": "heal", "fault": faults[0]["fault"]})
    return scenario(*arms, *steps, faults=tuple(faults))


def tokens(of: OrderScenario) -> list[str]:
    """What an oracle looks at: each operation with its particulars, each fault, each wait of some length."""
    found = [f"fault {fault.fault}" for fault in of.faults]
    for step in of.steps:
        found.append(f"{step.do} {step.account} {step.amount_minor} {step.held} {step.overlaps} {step.node}")
        found += [f"{step.do} fault {fault.fault}" for fault in step.faults]
        found += ["long wait"] if step.wait_ms >= 10 else []
    return found


def demands(needed: Sequence[str]) -> Callable[[OrderScenario], bool]:
    """An oracle that fails whenever it sees all of ``needed``, as often as they are named."""

    def fails(of: OrderScenario) -> bool:
        seen = tokens(of)
        return all(seen.count(token) >= needed.count(token) for token in needed)

    return fails


@given(scenarios(), st.data())
@settings(max_examples=60, deadline=None)
def test_the_result_still_fails_and_no_single_part_can_go(of: OrderScenario, data: st.DataObject) -> None:
    needed = data.draw(st.lists(st.sampled_from(tokens(of)), max_size=4).filter(lambda n: demands(n)(of)))
    fails = demands(needed)
    found = shrink(of, fails, most_tries=10_000)
    assert found.finished
    assert fails(found.scenario)
    for part in parts_of(found.scenario):
        smaller = without(found.scenario, [part])
        assert smaller is None or not fails(smaller)
    for index, step in enumerate(found.scenario.steps):
        if step.wait_ms:
            steps = list(found.scenario.steps)
            steps[index] = step.model_copy(update={"wait_ms": 0.0})
            assert not fails(found.scenario.model_copy(update={"steps": steps}))


@given(scenarios(), st.data(), st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_within_any_bound_the_result_fails_and_is_no_larger(of: OrderScenario, data: st.DataObject, most: int) -> None:
    needed = data.draw(st.lists(st.sampled_from(tokens(of)), max_size=3).filter(lambda n: demands(n)(of)))
    asked = 0

    def fails(candidate: OrderScenario) -> bool:
        nonlocal asked
        asked += 1
        return demands(needed)(candidate)

    found = shrink(of, fails, most_tries=most)
    assert asked == found.tries <= most
    assert demands(needed)(found.scenario)
    assert found.scenario.operations <= of.operations
    assert found.scenario.fault_count <= of.fault_count
    assert found.scenario.waits_ms <= of.waits_ms


@given(scenarios())
@settings(max_examples=40, deadline=None)
def test_a_shrunk_scenario_is_a_scenario(of: OrderScenario) -> None:
    found = shrink(of, lambda candidate: True, most_tries=1000).scenario
    assert OrderScenario.model_validate(found.model_dump()) == found
    assert found.operations == 1


def test_the_time_is_asked_before_each_try() -> None:
    found = shrink(scenario(*STEPS), lambda candidate: True, most_tries=100, over=lambda: True)
    assert (found.tries, found.finished) == (0, False)


def test_the_same_scenario_is_not_tried_twice() -> None:
    tried: list[str] = []

    def fails(candidate: OrderScenario) -> bool:
        tried.append(candidate.model_dump_json())
        return False

    shrink(scenario(*STEPS), fails, most_tries=1000)
    assert len(tried) == len(set(tried))


def test_the_first_arming_goes_with_its_fault_alone() -> None:
    of = scenario(
        {"do": "arm", "fault": "replication-cut"}, {"do": "submit"}, {"do": "heal", "fault": "replication-cut"},
        faults=(CUT,),
    )  # fmt: skip
    assert parts_of(of) == [Part(fault="replication-cut"), Part(1), Part(2)]
    smaller = without(of, [Part(fault="replication-cut")])
    assert smaller is not None
    assert [step.do for step in smaller.steps] == ["submit"]
    assert smaller.faults == []
    assert without(of, [Part(1)]) is None


def test_a_fault_is_made_certain_where_that_still_fails() -> None:
    of = scenario(
        {"do": "arm", "fault": "channel-timeouts"}, {"do": "submit"},
        faults=({"fault": "channel-timeouts", "share": 0.3},),
    )  # fmt: skip
    found = shrink(of, lambda candidate: bool(candidate.faults), most_tries=50).scenario
    assert found.faults[0].model_dump()["share"] == 1


def test_a_wait_that_is_needed_is_halved_as_far_as_it_goes() -> None:
    of = scenario({"do": "submit"}, {"do": "submit", "wait_ms": 450.0})
    found = shrink(of, lambda candidate: candidate.waits_ms >= 100, most_tries=50).scenario
    assert found.waits_ms == 112.5


def test_where_the_order_s_own_payload_is_sent_no_more_the_first_submit_s_becomes_its_own() -> None:
    altered = {"do": "submit", "amount_minor": 501, "payee": "q"}
    of = scenario({"do": "submit"}, altered, {"do": "query"}, altered, payee="p")
    smaller = without(of, [Part(0)])
    assert smaller == scenario(
        {"do": "submit"}, {"do": "query"}, {"do": "submit"}, amount_minor=501, payee="q"
    )  # fmt: skip
    assert without(of, [Part(1)]) == scenario({"do": "submit"}, {"do": "query"}, altered, payee="p")
