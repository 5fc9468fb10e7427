"""The provider's identifier never changes: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.provider_id_stable import ID

from .build import judged, order
from .cases import Case, check, table


@table(
    Case("the same", "held", lambda o: o.submit(0, 5, id="a").query(6, 7, id="a")),
    Case("another in a query", "VIOLATED", lambda o: o.submit(0, 5, id="a").query(6, 7, id="b")),
    Case("another in each query", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, id="a").query(8, 9, id="b")),
    Case("shown once", "none", lambda o: o.submit(0, 5).query(6, 7, id="a")),
    Case("not shown", "none", lambda o: o.submit(0, 5, id="a").query(6, 7)),
    Case("another in a callback", "VIOLATED", lambda o: o.submit(0, 5, id="a").called(6, provider_id="b")),
    Case("the same in a callback", "held", lambda o: o.submit(0, 5, id="a").called(6, provider_id="a")),
    Case(
        "a callback about another account's order",
        "none",
        lambda o: (
            o.submit(0, 5, id="a").submit(1, 5, account="theirs", id="b").called(6, account="theirs", provider_id="b")
        ),
    ),
    Case(
        "two acknowledged orders are judged elsewhere",
        "held",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, id="b").query(8, 9, id="b"),
    ),
    Case(
        "a third beside two acknowledged ones",
        "VIOLATED",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, id="b").query(8, 9, id="c"),
    ),
    Case(
        "the duplicate points to it",
        "held",
        lambda o: o.submit(0).resubmit(6, 7, "DUPLICATE", id="a").query(8, 9, id="a"),
    ),
    Case("before the number was submitted", "none", lambda o: o.query(0, 1, id="x").submit(2, 5, id="a")),
    Case(
        "the contract makes a new order of each submit",
        "none",
        lambda o: o.submit(0, 5, id="a").resubmit(6).query(8, 9, id="b"),
        Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT),
    ),
    Case(
        "the contract forgets numbers",
        "none",
        lambda o: o.submit(0, 5, id="a").resubmit(60).query(62, 63, id="b"),
        Promises(key_retention_ns=50 * MS),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_both() -> None:
    _, [found] = judged(ID, order().submit(0, 5, id="a").query(6, 7, id="b"))
    assert "with the identifier b" in found.summary and found.summary.endswith("with a")
