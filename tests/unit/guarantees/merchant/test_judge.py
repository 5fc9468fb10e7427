"""The verdict of a drill: nothing passes in silence."""

from __future__ import annotations

from ackord.core.event import FaultChange
from ackord.core.verdict import Result
from ackord.guarantees.merchant import MERCHANT_GUARANTEES, MerchantGuarantee

from ..build import ns, order
from .build import SETTLE, judged, reported


def paid() -> object:
    return order("A").submit(0, 5).query(10, 12, "SUCCEEDED").query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")


def test_a_merchant_that_did_nothing_is_inconclusive() -> None:
    verdict = judged()
    assert verdict.result is Result.INCONCLUSIVE
    assert "submitted no order" in verdict.of("merchant-pays-once").reason
    assert any("submitted no order" in note for note in verdict.notes)


def test_what_was_not_exercised_is_said() -> None:
    armed = [FaultChange(0, name, "armed", "edge", 0, {}) for name in ("stale-answer", "lost-answer")]
    fired = FaultChange(ns(11), "stale-answer", "fired", "edge", 1, {})
    notes = " ".join(judged(order("A").submit(0, 5), events=[*armed, fired]).notes)
    assert "not exercised: lost-answer never hit a call of the merchant" in notes
    assert "the merchant never asked for an order" in notes and "never sent an order again" in notes


def test_a_report_about_nobody_s_order_is_told() -> None:
    assert any("1 reports" in note for note in judged(paid(), events=[reported(5, "paid", "Z")]).notes)  # type: ignore[arg-type]


def test_a_journal_that_was_cut_off_holds_nothing() -> None:
    one = order("A").submit(0, 5).query(10, 12, "NOT_FOUND").query(20, 22, "SUCCEEDED")
    verdict = judged(one.query(SETTLE + 1, SETTLE + 2, "SUCCEEDED"), complete=False)
    assert not verdict.complete and verdict.of("merchant-settles").result is Result.INCONCLUSIVE


def test_a_crashed_judge_is_an_error_and_no_pass(monkeypatch: object) -> None:
    def crash(intent: object, context: object) -> object:
        raise RuntimeError("boom")

    broken = MerchantGuarantee("merchant-boom", "", "", "", crash, lambda context: "")  # type: ignore[arg-type]
    MERCHANT_GUARANTEES.add(broken.id, broken)
    try:
        verdict = judged(paid()).of("merchant-boom")  # type: ignore[arg-type]
    finally:
        del MERCHANT_GUARANTEES._things[broken.id]
    assert verdict.result is Result.ERROR and "RuntimeError: boom" in verdict.reason


def test_a_list_from_the_past_that_lacks_an_order_could_be_misread() -> None:
    """A list is no call about one order: the fault tells when the merchant got it, and how old it was."""

    def occasions(at: float, age_ms: float, change: str = "fired") -> int:
        stale = FaultChange(ns(at), "stale-list", change, "edge", 0, {"age_ms": age_ms})  # type: ignore[arg-type]
        return judged(paid(), events=[stale]).of("merchant-pays-once").exposures  # type: ignore[arg-type]

    assert occasions(500, 600) == 1, "the order was submitted since"
    assert occasions(500, 400) == 0, "it was in that list"
    assert occasions(500, 600, "armed") == 0
    assert occasions(SETTLE + 1, SETTLE + 10) == 0, "the harness reads lists by itself"
