"""Resubmission called back: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises
from ackord.guarantees import GUARANTEES
from ackord.guarantees.resubmission_called_back import ID

from .build import judged, ns, order
from .cases import Case, check, table

SOON = Promises(resubmission_calls_back_within_ns=ns(10))


@table(
    Case(
        "in time",
        "held",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21).called(31, "SUCCEEDED"),
        SOON,
    ),
    Case(
        "late",
        "VIOLATED",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21).called(32, "SUCCEEDED"),
        SOON,
    ),
    Case(
        "never",
        "VIOLATED",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21).called(25).query(31, 32),
        SOON,
    ),
    Case(
        "its time is not over",
        "none",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21).query(30, 31),
        SOON,
    ),
    Case(
        "before the end: the end's own callback is its answer",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7).called(60, "FAILED").query(61, 62, "FAILED"),
        SOON,
    ),
    Case(
        "a callback that answered a query is the query's",
        "VIOLATED",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21).query(22, 25, "SUCCEEDED")
        .called(25, "SUCCEEDED").query(40, 41),
        SOON,
    ),
    Case(
        "the end's own callback was taken for a query's answer, and the query's own came behind it",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7).called(8).query(9, 14, "SUCCEEDED").called(14, "SUCCEEDED")
        .called(15).query(40, 41, "SUCCEEDED").called(41, "SUCCEEDED"),
        SOON,
    ),
    Case(
        "the state before the end was called as it came about, not behind the end",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7).called(8).query(9, 14, "SUCCEEDED").called(14, "SUCCEEDED")
        .query(40, 41, "SUCCEEDED").called(41, "SUCCEEDED"),
        SOON,
    ),
    Case(
        "after the healing",
        "held",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21).called(109, "SUCCEEDED"),
        SOON,
        healed=100,
    ),
    Case("it has not ended", "none", lambda o: o.submit(0, 5).resubmit(20, 21).query(50, 60), SOON),
    Case(
        "it was refused",
        "none",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21, "REJECTED").query(50, 60),
        SOON,
    ),
    Case(
        "another payload",
        "none",
        lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21, payload="p2").query(50, 60),
        SOON,
    ),
    Case("nothing promised", "none", lambda o: o.submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21).query(50, 60)),
)  # fmt: skip
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_the_resubmission_and_how_long_was_waited() -> None:
    one = order().submit(0, 5).called(6, "SUCCEEDED").resubmit(20, 21, detail="202").query(50, 61)
    exposures, [found] = judged(ID, one, SOON)
    assert exposures == 1
    assert (
        "was only taken (202), and no callback with the result came in the 40 ms until the run ended" in found.summary
    )


def test_it_does_not_apply_where_nothing_is_promised() -> None:
    assert "does not promise" in GUARANTEES.get(ID).not_applicable(Promises())
    assert GUARANTEES.get(ID).not_applicable(SOON) == ""
