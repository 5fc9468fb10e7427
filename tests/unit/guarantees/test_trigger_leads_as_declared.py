"""A trigger leads as declared: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.sandbox_trigger import TriggerPromise
from ackord.core.verdict import Result
from ackord.guarantees.judge import judge
from ackord.guarantees.trigger_leads_as_declared import GUARANTEE, ID

from .build import history, order
from .cases import Case, check, table


def of(**trigger: object) -> Promises:
    return Promises(settles_within_ns=5 * MS, triggers=(TriggerPromise("t", 100, **trigger),))  # type: ignore[arg-type]


T = "trigger:t"
DECLINES = of(leads_to=PaymentState.DECLINED)
LATE = of(leads_to=PaymentState.FAILED, passes=(PaymentState.SUCCEEDED,), within_ns=50 * MS)
BUSY = of(answers=Observation.RETRYABLE, leads_to=PaymentState.SUCCEEDED)
WAITS = of(leads_to=PaymentState.PROCESSING)


@table(
    Case("declined", "held", lambda o: o.submit(0, 5, variation=T).query(30, 31, "DECLINED"), DECLINES, 20),
    Case("paid instead", "VIOLATED", lambda o: o.submit(0, 5, variation=T).query(30, 31, "SUCCEEDED"), DECLINES, 20),
    Case("refused at once is no money too", "held", lambda o: o.submit(0, 5, "REJECTED", variation=T), DECLINES, 20),
    Case("refused, where it should be paid", "VIOLATED", lambda o: o.submit(0, 5, "REJECTED", variation=T), BUSY, 20),
    Case(
        "the declared time is not over",
        "none",
        lambda o: o.submit(0, 5, variation=T).query(30, 31, "SUCCEEDED"),
        LATE,
        20,
    ),
    Case("never late", "VIOLATED", lambda o: o.submit(0, 5, variation=T).query(60, 61, "SUCCEEDED"), LATE, 20),
    Case("busy first", "held", lambda o: o.submit(0, 5, "RETRYABLE", variation=T), BUSY, 20),
    Case("not busy", "VIOLATED", lambda o: o.submit(0, 5, variation=T), BUSY, 20),
    Case("stays open", "held", lambda o: o.submit(0, 5, variation=T).query(30, 31, "PROCESSING"), WAITS, 20),
    Case("ends all the same", "VIOLATED", lambda o: o.submit(0, 5, variation=T).query(30, 31, "SUCCEEDED"), WAITS, 20),
    Case("not settled yet", "none", lambda o: o.submit(0, 5, variation=T).query(30, 31, "SUCCEEDED"), DECLINES),
    Case("nobody knows", "none", lambda o: o.submit(0, variation=T).query(30, 31, "NOT_FOUND"), DECLINES, 20),
    Case("an ordinary order", "none", lambda o: o.submit(0, 5).query(30, 31, "SUCCEEDED"), DECLINES, 20),
)
def test_edge(case: Case) -> None:
    check(ID, case)


def test_an_order_that_stays_open_by_request_breaks_nothing() -> None:
    one = order("A").submit(0, 5, variation=T).query(30, 31, "PROCESSING").query(40, 41, "PROCESSING")
    verdict = judge(history(one, promises=WAITS, healed=20))
    assert verdict.of("faults-healed-orders-converge").result is Result.NOT_APPLICABLE
    other = order("A").submit(0, 5).query(40, 41, "PROCESSING")
    assert (
        judge(history(other, promises=WAITS, healed=20)).of("faults-healed-orders-converge").result is Result.VIOLATED
    )


def test_both_may_be_wrong() -> None:
    one = order("A").submit(0, 5, variation=T).query(30, 31, "SUCCEEDED")
    (found,) = judge(history(one, promises=DECLINES, healed=20)).of(ID).findings
    assert "sandbox_triggers.t" in found.summary and "or the sandbox is wrong" in found.summary


def test_it_does_not_apply_without_triggers() -> None:
    assert GUARANTEE.not_applicable(Promises())
