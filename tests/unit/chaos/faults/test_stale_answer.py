"""Stale answers: when the merchant gets the past, and when the present."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge_actions import ReplaceAnswer, response_of
from ackord.chaos.faults.edge_views import PastResponse
from ackord.core.clock import MS

from .edge_cases import on_answer

PAST = PastResponse(40 * MS, 200, b"then", "original")


def test_an_earlier_answer_is_given_if_it_says_anything_else() -> None:
    assert on_answer("stale-answer", past=PAST) == ReplaceAnswer(PAST, detail={"status": 200, "age_ms": 60})
    assert on_answer("stale-answer", past=None) is None
    assert on_answer("stale-answer", b"then", past=PAST) is None
    assert on_answer("stale-answer", b"then", answered=404, past=PAST) is not None


def test_an_order_that_is_not_there() -> None:
    found = on_answer("stale-answer", hidden_ms=5, not_found=True, lag_ms=6)
    detail = {"status": 404, "not_found": True}
    assert found == ReplaceAnswer(response_of(404, {"code": "ORDER_NOT_FOUND"}), detail=detail)
    found = on_answer("stale-answer", hidden_ms=5, not_found=True, lag_ms=6, status=200, body={"status": "UNKNOWN"})
    assert isinstance(found, ReplaceAnswer)
    assert found.response == response_of(200, {"status": "UNKNOWN"})


def test_an_order_that_is_not_there_is_said_in_the_provider_s_words_or_not_at_all() -> None:
    own = response_of(200, {"items": []})
    found = on_answer("stale-answer", hidden_ms=5, missing=own, not_found=True, lag_ms=6)
    assert found == ReplaceAnswer(own, detail={"status": 200, "not_found": True})
    assert on_answer("stale-answer", hidden_ms=5, missing=None, not_found=True, lag_ms=6) is None


@pytest.mark.parametrize(("status", "lag_ms"), [(404, 6), (200, 5)])
def test_an_order_that_is_missing_anyway_or_landed_by_now_passes(status: int, lag_ms: float) -> None:
    assert on_answer("stale-answer", answered=status, hidden_ms=5, not_found=True, lag_ms=lag_ms) is None
