"""The judge agrees with brute force on small random histories; and nothing that is unknown ever makes a violation."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.core.clock import MS
from ackord.guarantees import GUARANTEES, JudgeContext
from ackord.guarantees.base import Guarantee

from .build import Order, history
from .money_oracle import MONEY_GUARANTEES, compare_money
from .oracle import STATUS_GUARANTEES, compare
from .random_cases import random_case

HISTORIES = 3_000


def test_brute_force_agrees() -> None:
    comparison = compare(HISTORIES, seed=2)
    assert comparison.disagreements == [], comparison.text()
    for name in STATUS_GUARANTEES:
        assert comparison.seen[name]["ok"] > HISTORIES / 20
        assert comparison.seen[name]["VIOLATED"] > HISTORIES / 100, (
            f"{name} was hardly broken: the comparison means little"
        )


def test_brute_force_agrees_about_money_and_what_is_shown() -> None:
    comparison = compare_money(HISTORIES, seed=2)
    assert comparison.disagreements == [], comparison.text()
    for name in MONEY_GUARANTEES:
        assert comparison.seen[name]["ok"] > HISTORIES / 20
        assert comparison.seen[name]["VIOLATED"] > HISTORIES / 100, (
            f"{name} was hardly broken: the comparison means little"
        )


@pytest.mark.parametrize("name", MONEY_GUARANTEES)
def test_brute_force_catches_a_judge_that_is_blind_to_money(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = replace(GUARANTEES.get(name), judge=lambda order, ctx: (1, ()))
    things: dict[str, Guarantee] = {g.id: g for g in GUARANTEES} | {name: blind}
    monkeypatch.setattr(GUARANTEES, "_things", things)
    assert compare_money(300, seed=2).disagreements


@pytest.mark.parametrize("name", STATUS_GUARANTEES)
def test_brute_force_catches_a_blind_judge(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = replace(GUARANTEES.get(name), judge=lambda order, ctx: (1, ()))
    things: dict[str, Guarantee] = {g.id: g for g in GUARANTEES} | {name: blind}
    monkeypatch.setattr(GUARANTEES, "_things", things)
    assert compare(300, seed=2).disagreements


def _findings(one: Order, seed: int) -> dict[str, str]:
    _, promises = random_case(seed)
    [cut] = history(one, promises=promises).orders
    context = JudgeContext(promises, healed_ns=5 * MS)
    return {g.id: f.result.value for g in GUARANTEES for f in g.judge(cut, context)[1]}


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 1_000_000),
    begin=st.integers(4, 25),
    kind=st.sampled_from(["query", "resubmit", "cancel", "refund"]),
)
def test_an_indeterminate_operation_never_makes_a_violation(seed: int, begin: int, kind: str) -> None:
    case, _ = random_case(seed)
    more = random.Random(seed)
    for at in range(more.randrange(4)):
        case.resubmit(
            3 + 2 * at, 6 + 3 * at, more.choice(["ACK", "DUPLICATE", "RETRYABLE", "REJECTED"]), id=more.choice("ab")
        )
        case.pays(40)
    before = _findings(case, seed)
    getattr(case, kind)(begin)
    after = _findings(case, seed)
    rank = ["UNSAFE", "VIOLATED"]
    if kind == "cancel" and before.keys() & {"acknowledged-order-not-failed", "refused-order-not-paid"}:
        # That a cancelled order was paid is told by one guarantee of the three, and a cancel decides by which.
        before.setdefault("cancelled-order-not-paid", "VIOLATED")
    for name, result in after.items():
        assert name in before, f"{name} became {result} by an operation without an answer"
        assert rank.index(result) <= rank.index(before[name])
