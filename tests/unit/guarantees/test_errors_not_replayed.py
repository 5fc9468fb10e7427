"""Errors not replayed: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises
from ackord.guarantees.errors_not_replayed import GUARANTEE, ID

from .build import Order
from .cases import Case, check, table


def busy(o: Order) -> Order:
    return o.submit(0, 5, "RETRYABLE", detail="503")


def again(o: Order, at: float) -> Order:
    """The same error once more."""
    return o.resubmit(at, at + 1, "RETRYABLE", detail="503")


@table(
    Case("processed at the second try", "held", lambda o: busy(o).resubmit(6, 7)),
    Case("another error", "held", lambda o: busy(o).resubmit(6, 7, "RETRYABLE", detail="502")),
    Case("refused for good", "held", lambda o: busy(o).resubmit(6, 7, "REJECTED")),
    Case("the same error twice after healing", "VIOLATED", lambda o: again(again(busy(o), 101), 103), healed=100),
    Case("once after healing", "none", lambda o: again(again(busy(o), 6), 101), healed=100),
    Case("while the fault is on", "none", lambda o: again(again(again(busy(o), 6), 8), 10), healed=100),
    Case("never healed", "none", lambda o: again(again(again(busy(o), 6), 8), 10)),
    Case("then processed", "held", lambda o: again(again(busy(o), 101), 103).resubmit(105, 106), healed=100),
    Case(
        "acknowledged before",
        "none",
        lambda o: again(again(o.submit(0, 1).resubmit(2, 5, "RETRYABLE", detail="503"), 101), 103),
        healed=100,
    ),
    Case(
        "a provider that turns queries away, too, limits the rate",
        "none",
        lambda o: again(again(busy(o), 101), 103).query(102, 103, "RETRYABLE", detail="503"),
        healed=100,
    ),
    Case(
        "queries of it got the error before healing only",
        "VIOLATED",
        lambda o: again(again(busy(o), 101), 103).query(90, 91, "RETRYABLE", detail="503").query(102, 103, "NOT_FOUND"),
        healed=100,
    ),
    Case(
        "queries of it get another error",
        "VIOLATED",
        lambda o: again(again(busy(o), 101), 103).query(102, 103, "RETRYABLE", detail="502"),
        healed=100,
    ),
    Case("no later answer", "none", lambda o: busy(o).resubmit(6)),
    Case("no error", "none", lambda o: o.submit(0, 5).resubmit(6, 7)),
    Case("begun before the error was answered", "none", lambda o: busy(o).resubmit(5, 7)),
    Case(
        "the copies of the network get the error again",
        "none",
        lambda o: (
            busy(o)
            .submit(101, 102, "RETRYABLE", detail="503", copy=1)
            .submit(103, 104, "RETRYABLE", detail="503", copy=2)
        ),
        healed=100,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_a_declared_cache_is_left_alone() -> None:
    assert "declares" in GUARANTEE.not_applicable(Promises(caches_transient_errors=True))
    assert GUARANTEE.not_applicable(Promises()) == ""
