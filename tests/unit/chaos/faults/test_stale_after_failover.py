"""A failover to a replica that was behind: who is gone, who is old, who is there."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge import edge_fault
from ackord.chaos.faults.edge_actions import ReplaceAnswer
from ackord.chaos.faults.edge_views import PastResponse
from ackord.chaos.gateway.rules import FaultRule
from ackord.chaos.gateway.synthetic_responses import NOT_FOUND
from ackord.core.clock import MS

from .edge_cases import on_answer

PAST = PastResponse(20 * MS, 200, b"then", "original")


@pytest.mark.parametrize(
    ("acknowledged_ms", "gone"), [(30, False), (31, True), (60, True), (61, False)], ids=["old", "new", "last", "later"]
)
def test_orders_acknowledged_between_the_moment_and_the_failover_are_gone(acknowledged_ms: float, gone: bool) -> None:
    found = on_answer("stale-after-failover", acknowledged_ms=acknowledged_ms, began_ms=60, behind_ms=30)
    wanted = ReplaceAnswer(NOT_FOUND, detail={"status": 404, "not_found": True, "behind_ms": 30})
    assert found == (wanted if gone else None)


def test_an_older_order_is_as_it_was_at_that_moment_however_long_it_lasts() -> None:
    asked: list[int | None] = []
    found = on_answer("stale-after-failover", past=PAST, acknowledged_ms=5, began_ms=60, behind_ms=30, asked=asked)
    assert found == ReplaceAnswer(PAST, detail={"status": 200, "age_ms": 80, "behind_ms": 30})
    assert asked == [70 * MS], "the moment stands still at 30 ms, and it is 100 ms now"


def test_its_begin_counts_even_without_a_schedule() -> None:
    assert FaultRule.from_json(edge_fault("stale-after-failover", {}).to_rule(7)).began_ns(99) == 7
    again = edge_fault("stale-after-failover", {}).model_copy(update={"after_ms": 1, "for_ms": 2, "every_ms": 10})
    rule = FaultRule.from_json(again.to_rule(0))
    assert [rule.began_ns(ms * MS) // MS for ms in (1, 2, 10, 11, 25)] == [1, 1, 1, 11, 21]
