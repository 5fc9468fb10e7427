"""Acknowledged order visible: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.promises import NotFound, Promises
from ackord.guarantees.acknowledged_order_visible import ID

from .build import judged, order
from .cases import Case, check, table

TOLERATED = Promises(not_found=NotFound.TOLERATED, not_found_tolerated_ns=10 * MS)
FORGETFUL = Promises(key_retention_ns=100 * MS)


@table(
    Case("seen after the acknowledgement", "held", lambda o: o.submit(0, 5).query(6, 7)),
    Case("missed after the acknowledgement", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "NOT_FOUND")),
    Case("missed by 0.8 ms", "VIOLATED", lambda o: o.submit(0, 5).query(5.8, 7, "NOT_FOUND")),
    Case("begun at the very instant", "none", lambda o: o.submit(0, 5).query(5, 7, "NOT_FOUND")),
    Case("begun before, answered after", "none", lambda o: o.submit(0, 5).query(4, 9, "NOT_FOUND")),
    Case("never acknowledged", "none", lambda o: o.submit(0).query(6, 7, "NOT_FOUND")),
    Case("rejected", "none", lambda o: o.submit(0, 5, "REJECTED").query(6, 7, "NOT_FOUND")),
    Case("no answer to the query", "none", lambda o: o.submit(0, 5).query(6)),
    Case("an error says nothing", "none", lambda o: o.submit(0, 5).query(6, 7, "RETRYABLE").query(8, 9, "UNREADABLE")),
    Case("acknowledged by a resubmission", "VIOLATED", lambda o: o.submit(0).resubmit(3, 5).query(6, 7, "NOT_FOUND")),
    Case(
        "the acknowledgement of another payload",
        "none",
        lambda o: o.submit(0).resubmit(3, 5, payload="p2").query(6, 7, "NOT_FOUND"),
    ),
    Case(
        "an accepted cancellation is no acknowledgement",
        "none",
        lambda o: o.submit(0).cancel(3, 5).query(6, 7, "NOT_FOUND"),
    ),
    Case("within the exposure window", "held", lambda o: o.submit(0, 5).query(6, 7), window=2),
    Case("after the exposure window", "none", lambda o: o.submit(0, 5).query(8, 9), window=2),
    Case(
        "missed after the exposure window is missed all the same",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(8, 9, "NOT_FOUND"),
        window=2,
    ),
    Case("within the tolerated time", "UNSAFE", lambda o: o.submit(0, 5).query(15, 16, "NOT_FOUND"), TOLERATED),
    Case("after the tolerated time", "VIOLATED", lambda o: o.submit(0, 5).query(15.1, 16, "NOT_FOUND"), TOLERATED),
    Case(
        "may be said at any time",
        "UNSAFE",
        lambda o: o.submit(0, 5).query(9_000, 9_001, "NOT_FOUND"),
        Promises(not_found=NotFound.INCONCLUSIVE),
    ),
    Case("beyond retention", "none", lambda o: o.submit(0, 5).query(101, 102, "NOT_FOUND"), FORGETFUL),
    Case("just within retention", "VIOLATED", lambda o: o.submit(0, 5).query(98, 99, "NOT_FOUND"), FORGETFUL),
    Case(
        "called a duplicate, then missed",
        "VIOLATED",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE").query(8, 9, "NOT_FOUND"),
    ),
    Case(
        "called a duplicate, then shown",
        "held",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE").query(8, 9),
    ),
    Case(
        "in progress, then missed",
        "VIOLATED",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(6, 7, "IN_PROGRESS").query(8, 9, "NOT_FOUND"),
    ),
    Case(
        "a query says that it is in progress, and the next one that it does not exist",
        "VIOLATED",
        lambda o: o.submit(0, 5, "RETRYABLE").query(6, 7, "IN_PROGRESS").query(8, 9, "NOT_FOUND"),
    ),
    Case(
        "in progress while the first is in flight, which then succeeds",
        "VIOLATED",
        lambda o: o.submit(0, 20).resubmit(1, 3, "IN_PROGRESS").query(4, 6, "NOT_FOUND"),
    ),
    Case(
        "in progress while the first is in flight, which then fails",
        "none",
        lambda o: o.submit(0, 5, "RETRYABLE").resubmit(1, 3, "IN_PROGRESS").query(6, 7, "NOT_FOUND"),
    ),
    Case(
        "in progress while the first is in flight, of which nobody heard again",
        "none",
        lambda o: o.submit(0).resubmit(1, 3, "IN_PROGRESS").query(6, 7, "NOT_FOUND"),
    ),
    Case(
        "in progress, then refused for good",
        "none",
        lambda o: (
            o.submit(0, 5, "RETRYABLE")
            .resubmit(6, 7, "IN_PROGRESS")
            .resubmit(8, 9, "REJECTED")
            .query(10, 11, "NOT_FOUND")
        ),
    ),
    Case(
        "another account's duplicate",
        "none",
        lambda o: o.submit(0, 5, "RETRYABLE").submit(6, 7, "DUPLICATE", account="theirs").query(8, 9, "NOT_FOUND"),
    ),
    Case(
        "a copy of the network was acknowledged, and the merchant's request was not",
        "none",
        lambda o: o.submit(0, 5, "RETRYABLE").submit(1, 4, copy=1).query(6, 7, "NOT_FOUND"),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_says_what_happened() -> None:
    one = order().submit(0, 5).query(5.8, 7, "NOT_FOUND", detail="404 ORDER_NOT_FOUND").query(9, 10, "NOT_FOUND")
    exposures, [found] = judged(ID, one)
    assert exposures == 2
    assert found.staleness_ns == 4 * MS
    assert found.at_ns == 10 * MS
    assert len(found.evidence) == 2
    assert "began 4 ms after the acknowledgement" in found.summary
    assert "2 queries were, the first 0.8 ms after it" in found.summary


def test_the_finding_names_the_answer_by_which_the_order_was_known() -> None:
    one = order().submit(0, 5, "RETRYABLE").resubmit(6, 7, "DUPLICATE", detail="409 KNOWN").query(8, 9, "NOT_FOUND")
    _, [found] = judged(ID, one)
    assert "began 1 ms after the answer 409 KNOWN to resubmission" in found.summary
    assert len(found.evidence) == 2


def test_every_query_after_the_acknowledgement_is_an_exposure() -> None:
    one = order().submit(0, 5).query(1, 2).query(6, 7).query(8, 9).query(10, 11, "RETRYABLE").query(12)
    assert judged(ID, one) == (2, [])
