"""Earlier lists, and what is a list."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge_actions import ReplaceAnswer, response_of
from ackord.chaos.faults.edge_views import PastResponse
from ackord.core.clock import MS

from .edge_cases import on_answer

PAST = PastResponse(40 * MS, 200, b"[]", "original")
EMPTY = response_of(200, {"items": []})


@pytest.mark.parametrize("body", [b"[1]", b'{"items": [1]}', b'{"_embedded": {"transfers": [1]}, "total": 1}'])
def test_a_list_is_replaced_by_an_earlier_one(body: bytes) -> None:
    found = on_answer("stale-list", body, past=PAST, acknowledged_ms=99, lag_ms=50)
    assert found == ReplaceAnswer(PAST, detail={"status": 200, "age_ms": 60, "lag_ms": 50})


@pytest.mark.parametrize("body", [b'{"status": "PAID"}', b'{"order": {"status": "PAID"}}', b'"x"', b"<p>", b""])
def test_what_is_no_list_passes(body: bytes) -> None:
    assert on_answer("stale-list", body, past=PAST, acknowledged_ms=99) is None


def test_an_order_is_not_in_the_list_that_asks_for_it_while_it_was_acknowledged_within_the_lag() -> None:
    found = on_answer("stale-list", b'{"items": [1]}', acknowledged_ms=60, missing=EMPTY, lag_ms=50)
    assert found == ReplaceAnswer(EMPTY, detail={"status": 200, "not_found": True, "lag_ms": 50})
    assert on_answer("stale-list", b'{"items": [1]}', acknowledged_ms=40, missing=EMPTY, lag_ms=50) is None
    assert on_answer("stale-list", b'{"items": [1]}', acknowledged_ms=60, lag_ms=50) is None, "a 404 is no list"
