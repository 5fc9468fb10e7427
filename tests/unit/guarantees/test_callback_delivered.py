"""Callback delivered: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises
from ackord.guarantees import GUARANTEES
from ackord.guarantees.callback_delivered import ID

from .build import judged, ns, order
from .cases import Case, check, table

SOON = Promises(calls_back_within_ns=ns(10))


@table(
    Case("in time", "held", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(17, "SUCCEEDED"), SOON),
    Case("before the query", "held", lambda o: o.submit(0, 5).called(6, "FAILED").query(7, 8, "FAILED"), SOON),
    Case("late", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(18, "SUCCEEDED"), SOON),
    Case("never", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 18, "SUCCEEDED"), SOON),
    Case(
        "only that it began",
        "VIOLATED",
        lambda o: o.submit(0, 5).called(6, "PROCESSING").query(6, 7, "SUCCEEDED").query(8, 18, "SUCCEEDED"),
        SOON,
    ),
    Case(
        "in time after the healing",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(39, "SUCCEEDED"),
        SOON,
        healed=30,
    ),
    Case(
        "late after the healing",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(41, "SUCCEEDED"),
        SOON,
        healed=30,
    ),
    Case("its time is not over", "none", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 17), SOON),
    Case("no query showed the end", "none", lambda o: o.submit(0, 5).query(6, 30, "PROCESSING"), SOON),
    Case(
        "a number of two payloads",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 7, payload="p2").query(8, 9, "SUCCEEDED").query(9, 40, "SUCCEEDED"),
        SOON,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_without_a_promise_it_does_not_apply() -> None:
    never = order().submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 40, "SUCCEEDED")
    assert judged(ID, never) == (0, [])
    assert "promises no time for callbacks" in GUARANTEES.get(ID).not_applicable(Promises())
    assert GUARANTEES.get(ID).not_applicable(SOON) == ""
