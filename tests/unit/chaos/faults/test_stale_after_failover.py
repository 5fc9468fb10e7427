"""A failover to a replica that was behind: who is gone, who is old, who is there, and when it comes again."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge import edge_fault
from ackord.chaos.faults.edge_actions import ReplaceAnswer
from ackord.chaos.faults.edge_views import PastResponse
from ackord.chaos.gateway.synthetic_responses import NOT_FOUND
from ackord.core.clock import MS
from ackord.errors import UsageError

from .edge_cases import on_answer

PAST = PastResponse(20 * MS, 200, b"then", "original")
GONE = ReplaceAnswer(NOT_FOUND, detail={"status": 404, "not_found": True, "behind_ms": 30})
ONE = {"behind_ms": 30, "outage_ms": 50, "apart_ms": 1000}
"""It is 100 ms now."""


@pytest.mark.parametrize(
    ("acknowledged_ms", "gone"), [(30, False), (31, True), (60, True), (61, False)], ids=["old", "new", "last", "later"]
)
def test_orders_acknowledged_between_the_moment_and_the_failover_are_gone(acknowledged_ms: float, gone: bool) -> None:
    found = on_answer("stale-after-failover", acknowledged_ms=acknowledged_ms, acknowledgements_ms=[60], **ONE)
    assert found == (GONE if gone else None)


@pytest.mark.parametrize(("began_ms", "gone"), [(51, True), (50, False)])
def test_they_are_back_when_the_outage_is_over(began_ms: float, gone: bool) -> None:
    found = on_answer("stale-after-failover", acknowledged_ms=began_ms, acknowledgements_ms=[began_ms], **ONE)
    assert found == (GONE if gone else None)


def test_an_older_order_is_as_it_was_at_that_moment_however_long_it_lasts() -> None:
    asked: list[int | None] = []
    found = on_answer(
        "stale-after-failover", past=PAST, acknowledged_ms=5, acknowledgements_ms=[60], asked=asked, **ONE
    )
    assert found == ReplaceAnswer(PAST, detail={"status": 200, "age_ms": 80, "behind_ms": 30})
    assert asked == [70 * MS], "the moment stands still at 30 ms, and it is 100 ms now"


@pytest.mark.parametrize(("apart_ms", "gone"), [(40, True), (51, False)])
def test_it_comes_again_with_the_first_acknowledgement_that_is_far_enough(apart_ms: float, gone: bool) -> None:
    again = {"behind_ms": 30, "outage_ms": 40, "apart_ms": apart_ms}
    found = on_answer("stale-after-failover", acknowledged_ms=90, acknowledgements_ms=[40, 70, 90], **again)
    assert found == (GONE if gone else None)


def test_without_an_acknowledgement_there_is_no_failover() -> None:
    assert on_answer("stale-after-failover", past=PAST) is None


def test_one_ends_before_the_next_begins() -> None:
    with pytest.raises(UsageError, match=r"5 is under outage_ms. Expected 9 or more"):
        edge_fault("stale-after-failover", {"outage_ms": 9, "apart_ms": 5})
