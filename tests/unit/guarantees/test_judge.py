"""From tallies to verdicts: what is held, what is not known, and what is never taken for a pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from ackord.core.event import Complete, FaultChange, LedgerRead
from ackord.core.history import OrderHistory
from ackord.core.operation import Outcome, Vantage
from ackord.core.promises import Promises
from ackord.core.registry import Registry
from ackord.core.verdict import MissingEvidence, Result
from ackord.errors import UnknownNameError, UsageError
from ackord.guarantees import GUARANTEES, Guarantee, JudgeContext, Judgement, base
from ackord.guarantees.judge import judge
from ackord.guarantees.tally import FINDINGS_KEPT

from .build import Order, history, order
from .random_cases import random_case

VISIBLE = "acknowledged-order-visible"
ONCE = "resubmission-moves-money-once"


def seen() -> Order:
    return order("seen").submit(0, 5).query(6, 7)


def missed(number: str = "missed") -> Order:
    return order(number).submit(0, 5).query(6, 7, "NOT_FOUND")


@pytest.fixture
def crashing() -> Iterator[str]:
    """A guarantee that crashes on the order ``bad``, and finds every other one violated if its number ends in ``!``."""

    def crash(one: OrderHistory, ctx: JudgeContext) -> Judgement:
        if one.number == "bad":
            raise ZeroDivisionError("division by nothing")
        found = base.finding("crashing", one, Result.VIOLATED, "it is broken", one.exchanges[-1:])
        return 1, [found] if one.number.endswith("!") else []

    GUARANTEES.add("crashing", Guarantee("crashing", "t", "c", "w", crash))
    yield "crashing"
    del GUARANTEES._things["crashing"]


def test_held() -> None:
    got = judge(history(seen())).of(VISIBLE)
    assert (got.result, got.exposures, got.orders, got.violations) == (Result.HELD, 1, 1, 0)


def test_all_guarantees_are_judged_in_order() -> None:
    verdict = judge(history(seen()))
    assert [g.guarantee for g in verdict.guarantees] == GUARANTEES.names()
    assert len(verdict.guarantees) == 41


def test_violated() -> None:
    got = judge(history(seen(), missed()), [VISIBLE]).of(VISIBLE)
    assert (got.result, got.exposures, got.orders, got.violations) == (Result.VIOLATED, 2, 2, 1)
    assert [f.order for f in got.findings] == ["missed"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        judge(history(seen()), ["acknowledged-order-visble"])


def test_no_exposure_is_no_pass() -> None:
    nothing = order().submit(0, 5)
    assert judge(history(nothing), [VISIBLE]).of(VISIBLE).result is Result.NOT_APPLICABLE
    got = judge(history(nothing, exposes=(VISIBLE,)), [VISIBLE]).of(VISIBLE)
    assert got.result is Result.INCONCLUSIVE
    assert "nothing exposed it" in got.reason
    assert got.missing is MissingEvidence.EXPOSURE


def fault(change: str) -> FaultChange:
    return FaultChange(1, "replication-latency", change, "replication", 0, {})


@pytest.mark.parametrize(
    ("change", "result"), [("armed", Result.INCONCLUSIVE), ("effective", Result.HELD), ("fired", Result.HELD)]
)
def test_a_required_fault_must_have_taken_effect(change: str, result: Result) -> None:
    needs = {VISIBLE: ("replication-latency",)}
    got = judge(history(seen(), events=[fault(change)], requires=needs), [VISIBLE]).of(VISIBLE)
    assert got.result is result
    assert got.reason == ("" if result is Result.HELD else "fault replication-latency never took effect")
    assert got.missing is (None if result is Result.HELD else MissingEvidence.FAULT_EFFECT)


def test_a_violation_needs_no_fault() -> None:
    got = judge(history(missed(), requires={VISIBLE: ("replication-latency", "cut")}), [VISIBLE]).of(VISIBLE)
    assert got.result is Result.VIOLATED


def test_a_journal_that_was_cut_off_holds_nothing() -> None:
    verdict = judge(history(seen(), complete=False), [VISIBLE])
    assert verdict.of(VISIBLE).result is Result.INCONCLUSIVE
    assert verdict.of(VISIBLE).reason == "the journal was cut off"
    assert verdict.of(VISIBLE).missing is MissingEvidence.WHOLE_RUN
    assert verdict.result is Result.INCONCLUSIVE
    assert judge(history(missed(), complete=False), [VISIBLE]).result is Result.VIOLATED


def test_a_crashed_judge_is_an_error(crashing: str) -> None:
    got = judge(history(seen(), order("bad").submit(0, 1)), [crashing]).of(crashing)
    assert got.result is Result.ERROR
    assert got.reason == "the judge crashed on order bad: ZeroDivisionError: division by nothing"


def test_a_violation_outranks_a_crash(crashing: str) -> None:
    got = judge(history(order("bad").submit(0, 1), order("worse!").submit(0, 1)), [crashing]).of(crashing)
    assert got.result is Result.VIOLATED


def twice() -> Order:
    return order("twice").submit(0, 5).resubmit(6, 7).pays(8)


def test_a_ledger_that_was_never_read_proves_nothing() -> None:
    got = judge(history(twice(), exposes=(ONCE,)), [ONCE]).of(ONCE)
    assert (got.result, got.reason) == (Result.INCONCLUSIVE, "the ledger was never read to its end")
    assert judge(history(twice(), events=[LedgerRead(10**9, 1)]), [ONCE]).of(ONCE).result is Result.HELD
    failed = LedgerRead(10**9, 0, "503")
    got = judge(history(twice(), events=[failed], exposes=(ONCE,)), [ONCE]).of(ONCE)
    assert (got.result, got.reason) == (Result.INCONCLUSIVE, "the ledger was never read to its end (503)")
    assert got.missing is MissingEvidence.WHOLE_LEDGER
    once = history(twice(), events=[LedgerRead(10**9 - 1, 1), failed])
    assert judge(once, [ONCE]).of(ONCE).result is Result.HELD
    assert judge(history(twice().pays(9)), [ONCE]).of(ONCE).result is Result.VIOLATED


def test_orders_whose_ledger_was_not_read_are_told() -> None:
    """A ledger by order: what was read counts, what was not is said."""
    one, two = twice().ledger_read(9, of="twice"), order("other").submit(0, 5).ledger_read(9, of="other", problem="503")
    verdict = judge(history(one, two), [ONCE])
    assert verdict.of(ONCE).result is Result.HELD
    assert verdict.notes == ("the ledger could not be read for 1 of 2 orders, and their money is not judged: 503",)
    assert judge(history(one, two.ledger_read(12, of="other")), [ONCE]).notes == ()


@pytest.mark.parametrize(
    ("guarantee", "promises"),
    [
        (ONCE, Promises(has_ledger=False)),
        ("succeeded-order-paid", Promises(has_ledger=False)),
        ("landing-bounded", Promises()),
        ("faults-healed-orders-converge", Promises()),
        ("errors-not-replayed", Promises(caches_transient_errors=True)),
        ("key-scope-respected", Promises(key_scoped_by_account=False)),
    ],
)
def test_what_a_contract_does_not_promise_is_not_applicable(guarantee: str, promises: Promises) -> None:
    got = judge(history(seen(), promises=promises, exposes=(guarantee,)), [guarantee]).of(guarantee)
    assert got.result is Result.NOT_APPLICABLE
    assert got.reason


def test_the_worst_findings_are_kept() -> None:
    stale = [order(f"o{i}").submit(0, 5).query(6 + i, 700, "NOT_FOUND") for i in range(5 * FINDINGS_KEPT)]
    got = judge(history(*stale), [VISIBLE]).of(VISIBLE)
    assert got.violations == 5 * FINDINGS_KEPT
    assert len(got.findings) == FINDINGS_KEPT
    assert got.findings[0].order == f"o{5 * FINDINGS_KEPT - 1}"
    staleness = [f.staleness_ns or 0 for f in got.findings]
    assert staleness == sorted(staleness, reverse=True)


def test_a_run_in_which_nothing_worked_is_noted() -> None:
    assert judge(history(seen())).notes == ()
    failed = order().submit(0, 1).query(2, 3)
    failed.events = [e._replace(outcome=Outcome.INFO) if isinstance(e, Complete) else e for e in failed.events]
    assert judge(history(failed)).notes == (
        "no submit ever succeeded at the merchant (1 tried)",
        "no query ever succeeded at the merchant (1 tried)",
    )


def test_an_empty_history_is_noted() -> None:
    verdict = judge(history())
    assert "the history holds no orders" in verdict.notes
    assert verdict.result is Result.INCONCLUSIVE


def test_the_merchants_vantage_sees_what_arrived() -> None:
    one = order().submit(0, 5, delivered=False).query(6, 7, "NOT_FOUND")
    assert judge(history(one), [VISIBLE]).of(VISIBLE).result is Result.VIOLATED
    assert judge(history(one, vantage=Vantage.MERCHANT), [VISIBLE]).of(VISIBLE).result is Result.NOT_APPLICABLE


class _Point(EntryPoint):
    def load(self) -> object:
        return self.value if self.name == "broken" else GUARANTEES.get(VISIBLE) if self.name == "again" else OUTSIDER


OUTSIDER = replace(GUARANTEES.get(VISIBLE), id="outsider")


def _install(monkeypatch: pytest.MonkeyPatch, name: str) -> Registry[Guarantee]:
    registry: Registry[Guarantee] = Registry("guarantee")
    for g in GUARANTEES:
        registry.add(g.id, g)
    monkeypatch.setattr(base, "GUARANTEES", registry)
    monkeypatch.setattr(
        "ackord.core.registry.entry_points", lambda group: [_Point(name, "package.module:thing", group)]
    )
    return registry


def test_other_packages_add_guarantees(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = _install(monkeypatch, "outsider")
    base.load_guarantee_plugins()
    base.load_guarantee_plugins()
    assert registry.names()[-1] == "outsider"


@pytest.mark.parametrize(
    ("name", "why"), [("broken", "expected a Guarantee, found str"), ("again", "registered already")]
)
def test_a_bad_outsider_is_the_users_to_mend(monkeypatch: pytest.MonkeyPatch, name: str, why: str) -> None:
    _install(monkeypatch, name)
    with pytest.raises(UsageError, match=why) as caught:
        base.load_guarantee_plugins()
    assert "package.module:thing" in str(caught.value)


@pytest.mark.parametrize(
    ("unknown", "result"),
    [(frozenset(), Result.VIOLATED), ({"not_found"}, Result.UNSAFE), ({"on_same_payload"}, Result.VIOLATED)],
)
def test_what_is_not_documented_is_at_most_unsafe(unknown: frozenset[str], result: Result) -> None:
    got = judge(history(missed(), promises=Promises(unknown=frozenset(unknown)))).of(VISIBLE)
    assert got.result is result
    assert [f.result for f in got.findings] == [result]
    assert got.findings[0].summary.endswith("is not documented") is (result is Result.UNSAFE)


def test_what_is_not_documented_does_not_turn_a_pass_into_anything_else() -> None:
    assert judge(history(seen(), promises=Promises(unknown=frozenset({"not_found"})))).of(VISIBLE).result is Result.HELD


def test_whatever_is_inconclusive_says_what_is_missing_and_nothing_else_does() -> None:
    seen_results = set()
    for seed in range(60):
        one, promises = random_case(seed)
        needs = {VISIBLE: ("replication-latency",)} if seed % 3 == 0 else {}
        told = history(one, promises=promises, exposes=tuple(GUARANTEES.names()), requires=needs, complete=seed % 4 > 0)
        for verdict in judge(told).guarantees:
            seen_results.add(verdict.result)
            assert (verdict.missing is not None) is (verdict.result is Result.INCONCLUSIVE), verdict
    assert {Result.HELD, Result.VIOLATED, Result.INCONCLUSIVE, Result.NOT_APPLICABLE} <= seen_results
