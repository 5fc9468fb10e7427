"""Order not stuck: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.promises import Promises
from ackord.guarantees.judge import judge
from ackord.guarantees.order_not_stuck import ID

from .build import Order, history, order
from .cases import Case, check, table

SETTLES = Promises(settles_within_ns=10 * MS)
CACHES = Promises(settles_within_ns=10 * MS, caches_transient_errors=True)


def busy(o: Order) -> Order:
    return o.submit(0, 5, "RETRYABLE", detail="503 BUSY")


def again(o: Order, answer: str, *at: float, detail: str = "") -> Order:
    for begin in at:
        o.resubmit(begin, begin + 1, answer, detail=detail)
    return o


@table(
    Case("processed after the error", "held", lambda o: busy(o).resubmit(101, 102), SETTLES, 100),
    Case("shown after the error", "held", lambda o: again(busy(o), "IN_PROGRESS", 6).query(8, 9), SETTLES, 100),
    Case("known after the error", "held", lambda o: again(busy(o), "DUPLICATE", 101), SETTLES, 100),
    Case(
        "called back as paid",
        "held",
        lambda o: again(busy(o), "REJECTED", 101, 103).called(105, "SUCCEEDED"),
        SETTLES,
        100,
    ),
    Case("in progress for ever", "VIOLATED", lambda o: again(busy(o), "IN_PROGRESS", 101, 111), SETTLES, 100),
    Case(
        "in progress for ever while it is paid",
        "VIOLATED",
        lambda o: again(busy(o), "IN_PROGRESS", 101, 111).pays(120),
        SETTLES,
        100,
    ),
    Case("in progress within the time", "none", lambda o: again(busy(o), "IN_PROGRESS", 101, 110), SETTLES, 100),
    Case("in progress, and no time is promised", "none", lambda o: again(busy(o), "IN_PROGRESS", 101, 111), None, 100),
    Case("in progress once", "none", lambda o: again(busy(o), "IN_PROGRESS", 111), SETTLES, 100),
    Case(
        "in progress, then accepted",
        "held",
        lambda o: again(busy(o), "IN_PROGRESS", 101, 111).resubmit(113, 114),
        SETTLES,
        100,
    ),
    Case("burnt", "VIOLATED", lambda o: again(busy(o), "REJECTED", 101, 103, detail="422 FAILED BEFORE"), SETTLES, 100),
    Case(
        "burnt, and called a conflict",
        "VIOLATED",
        lambda o: again(busy(o), "CONFLICT", 101, 103, detail="409 TAKEN"),
        SETTLES,
        100,
    ),
    Case(
        "burnt by another error",
        "VIOLATED",
        lambda o: again(busy(o), "RETRYABLE", 101, 103, detail="500 FAILED BEFORE"),
        SETTLES,
        100,
    ),
    Case(
        "the same error again is judged elsewhere",
        "none",
        lambda o: again(busy(o), "RETRYABLE", 101, 103, detail="503 BUSY"),
        SETTLES,
        100,
    ),
    Case(
        "refused in words that first attempts get",
        "none",
        lambda o: again(busy(o), "REJECTED", 101, 103, detail="422 NO FUNDS"),
        SETTLES,
        100,
        first_words=frozenset({"422 NO FUNDS"}),
    ),
    Case("refused once", "none", lambda o: again(busy(o), "REJECTED", 101, detail="422"), SETTLES, 100),
    Case("refused before healing", "none", lambda o: again(busy(o), "REJECTED", 91, 93, detail="422"), SETTLES, 100),
    Case("never healed", "none", lambda o: again(busy(o), "REJECTED", 91, 93, detail="422"), SETTLES),
    Case("refused at once", "none", lambda o: again(o.submit(0, 5, "REJECTED"), "REJECTED", 101, 103), SETTLES, 100),
    Case(
        "a declared cache",
        "none",
        lambda o: again(busy(o), "REJECTED", 101, 103, detail="422 FAILED BEFORE"),
        CACHES,
        100,
    ),
    Case(
        "the copies of the network are refused",
        "none",
        lambda o: busy(o).submit(101, 102, "REJECTED", copy=1).submit(103, 104, "REJECTED", copy=2),
        SETTLES,
        100,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_ordinary_words_are_those_of_first_attempts_that_were_alone() -> None:
    burnt = again(busy(order("burnt")), "REJECTED", 101, 103, detail="422")
    assert judge(history(burnt, promises=SETTLES, healed=100)).of(ID).violations == 1
    refused = order("refused").submit(0, 1, "REJECTED", detail="422")
    assert judge(history(burnt, refused, promises=SETTLES, healed=100)).of(ID).violations == 0
    raced = order("raced").submit(0, 5, "REJECTED", detail="422").resubmit(1, 4, "RETRYABLE", detail="503 BUSY")
    assert judge(history(burnt, raced, promises=SETTLES, healed=100)).of(ID).violations == 1
