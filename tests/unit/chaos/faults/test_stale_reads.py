"""Reads from a replica that lags: not there yet, there with an earlier status, or as it is."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge import edge_fault
from ackord.chaos.faults.edge_actions import ReplaceAnswer
from ackord.chaos.faults.edge_views import KeyedRandom, PastResponse
from ackord.chaos.gateway.synthetic_responses import NOT_FOUND
from ackord.core.clock import MS
from ackord.core.seed import Seed
from ackord.errors import UsageError

from .edge_cases import on_answer

PAST = PastResponse(40 * MS, 200, b"then", "original")


@pytest.mark.parametrize(("acknowledged_ms", "missing"), [(81, True), (80, False), (10, False), (None, False)])
def test_an_order_is_missing_while_it_was_acknowledged_within_the_lag(
    acknowledged_ms: float | None, missing: bool
) -> None:
    found = on_answer("stale-reads", acknowledged_ms=acknowledged_ms, least_ms=0, most_ms=20)
    wanted = ReplaceAnswer(NOT_FOUND, detail={"status": 404, "not_found": True, "lag_ms": 20})
    assert found == (wanted if missing else None)


def test_afterwards_it_shows_what_it_showed_then() -> None:
    asked: list[int | None] = []
    found = on_answer("stale-reads", past=PAST, acknowledged_ms=10, asked=asked, least_ms=0, most_ms=20)
    assert found == ReplaceAnswer(PAST, detail={"status": 200, "age_ms": 60, "lag_ms": 20})
    assert asked == [20 * MS]
    assert on_answer("stale-reads", b"then", past=PAST, acknowledged_ms=10, most_ms=60) is None, "nothing differs"


def test_where_answers_are_signed_only_earlier_ones_are_given() -> None:
    found = on_answer("stale-reads", past=PAST, acknowledged_ms=90, missing=None)
    assert isinstance(found, ReplaceAnswer)
    assert found.response == PAST
    assert on_answer("stale-reads", acknowledged_ms=90, missing=None) is None


def test_an_answer_that_is_an_error_anyway_passes() -> None:
    assert on_answer("stale-reads", answered=404, past=PAST, acknowledged_ms=90) is None


def test_each_order_has_a_lag_of_its_own_in_all_its_requests() -> None:
    lags = [KeyedRandom(Seed(3), n, "query", attempt).of_order(0, 1000, "x") for n in range(9) for attempt in (1, 2)]
    assert lags[::2] == lags[1::2]
    assert len(set(lags)) == 9


def test_the_least_lag_is_not_over_the_greatest() -> None:
    with pytest.raises(UsageError, match=r"5 is over most_ms. Expected at most 4"):
        edge_fault("stale-reads", {"least_ms": 5, "most_ms": 4})
