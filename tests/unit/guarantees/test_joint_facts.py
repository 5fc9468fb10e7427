"""Facts of parts add up to those of the run, in whatever sequence the parts come."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.core.history import History, OrderHistory
from ackord.core.usable_answers import FaultSilence, UsableAnswers
from ackord.guarantees.joint_facts import JointFacts

from .build import history, order
from .random_cases import random_case


def facts_of(told: History, some: list[tuple[int, OrderHistory]]) -> JointFacts:
    facts = JointFacts(varied=True)
    facts.add([one for _, one in some], [(0, i) for i, _ in some], FaultSilence.of(told))
    return facts


def shown(facts: JointFacts) -> tuple[object, ...]:
    usable = UsableAnswers(facts.answers, blind=False, ledger_was_read=True)
    return (
        facts.orders, facts.first_words, facts.first_op, facts.variations, facts.expired, facts.new_again,
        usable.shortfalls, usable.silent_ledger,
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 10**6), max_size=8), st.permutations(range(3)))
def test_parts_add_up(seeds: list[int], sequence: list[int]) -> None:
    orders = []
    for i, seed in enumerate(seeds):
        one = random_case(seed)[0]
        one.number = f"o{i}"
        one.events = [e._replace(order=f"o{i}") if getattr(e, "order", "") else e for e in one.events]  # type: ignore[call-arg]
        orders.append(one)
    probe = order("probe").submit(0, 5, variation="key-overlong", id="p1")
    told = history(*orders, probe)
    numbered = list(enumerate(told.orders))
    total = JointFacts(varied=True)
    for part in sequence:
        total.merge(facts_of(told, numbered[part::3]))
    assert shown(total) == shown(facts_of(told, numbered))


def test_whose_an_identifier_was_first() -> None:
    told = history(
        order("A").submit(5, 9, id="p1"),
        order("B").submit(0, 3, id="p1"),
        order("C").submit(0, 1, variation="key-empty"),
    )
    facts = facts_of(told, list(enumerate(told.orders)))
    (second,) = [o for o in told.orders if o.number == "B"]
    assert facts.first_op == {"p1": second.submits[0].op}


def test_without_keys_of_unusual_forms_nobody_asks() -> None:
    told = history(order("A").submit(5, 9, id="p1"))
    assert facts_of(told, list(enumerate(told.orders))).first_op == {}
