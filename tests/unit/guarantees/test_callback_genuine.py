"""Callback genuine: histories on each side of its edge."""

from __future__ import annotations

from typing import Any

from ackord.core.event import CallbackReceived, Event, FaultChange
from ackord.core.history import UNNAMED
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.verdict import Result
from ackord.guarantees import GUARANTEES
from ackord.guarantees.callback_genuine import ID
from ackord.guarantees.judge import judge

from .build import history, judged, ns, order
from .cases import Case, check, table

SIGNED = Promises(signs_callbacks=True)
WRONG = "its signature is wrong"


@table(
    Case("all verify", "held", lambda o: o.submit(0, 5).called(6, "PROCESSING").called(7, "SUCCEEDED"), SIGNED),
    Case("one does not", "VIOLATED", lambda o: o.submit(0, 5).called(6).called(7, "UNKNOWN", problem=WRONG), SIGNED),
    Case("before the acknowledgement", "held", lambda o: o.submit(0, 5).called(3, "SUCCEEDED"), SIGNED),
    Case("no callback", "none", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED"), SIGNED),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_says_what_was_wrong_and_with_how_many() -> None:
    one = order().submit(0, 5).called(6, "UNKNOWN", problem=WRONG).called(7, "SUCCEEDED")
    exposures, [found] = judged(ID, one)
    assert (exposures, found.evidence, found.at_ns) == (2, (), ns(6))
    assert (
        found.summary == "the callback status is not genuine: its signature is wrong (so 1 of the 2 callbacks about it)"
    )


def test_a_contract_without_a_signature_is_told_apart_from_one_without_callbacks() -> None:
    why = GUARANTEES.get(ID).not_applicable
    assert why(Promises()) == "the contract has no callbacks"
    assert "declares no signature" in why(Promises(signs_callbacks=False))
    assert why(SIGNED) == ""


def test_what_names_no_order_of_the_run_is_judged_all_the_same() -> None:
    unreadable = (Observation.UNREADABLE, PaymentState.UNKNOWN, "event, not genuine", "")
    strange = [CallbackReceived(ns(9), number, "event", *unreadable, problem=WRONG) for number in ("", "Z")]
    done = history(order("A").submit(0, 5).called(6, "SUCCEEDED"), promises=SIGNED, events=strange)
    verdict = judge(done, [ID]).of(ID)
    assert (verdict.result, verdict.violations) == (Result.VIOLATED, 2)
    assert {f.order for f in verdict.findings} == {UNNAMED, "Z"}


def test_a_genuine_callback_about_a_strange_order_makes_no_order() -> None:
    strange = CallbackReceived(ns(9), "Z", "event", Observation.STATUS, PaymentState.SUCCEEDED, "")
    assert [o.number for o in history(order("A").submit(0, 5), events=[strange]).orders] == ["A"]


def clock(at: float, change: str, **detail: Any) -> Event:
    return FaultChange(ns(at), "clock-step", change, "clock", 0, detail)


def test_a_clock_that_a_fault_moved_is_not_held_against_the_provider() -> None:
    one = order("A").submit(0, 5).called(12, "UNKNOWN", problem="its timestamp is 900 s old, more than 300 s")
    moved = [clock(10, "armed"), clock(20, "healed")]
    assert judge(history(one, promises=SIGNED, events=moved), [ID]).of(ID).exposures == 0
    late = order("A").submit(0, 5).called(22, "UNKNOWN", problem=WRONG)
    assert judge(history(late, promises=SIGNED, events=moved), [ID]).of(ID).result is Result.VIOLATED
