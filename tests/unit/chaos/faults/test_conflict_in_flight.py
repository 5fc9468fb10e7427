"""Resubmissions while the first is being worked on."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge_actions import ReplaceAnswer, response_of

from .edge_cases import on_answer

BUSY = response_of(409, {"error": {"type": "idempotency_error"}})


@pytest.mark.parametrize(("acknowledged_ms", "busy"), [(None, True), (51, True), (50, False), (10, False)])
def test_until_some_time_after_the_acknowledgement_it_is_in_flight(acknowledged_ms: float | None, busy: bool) -> None:
    found = on_answer("conflict-in-flight", acknowledged_ms=acknowledged_ms, busy=BUSY, ms=50)
    assert found == (ReplaceAnswer(BUSY, detail={"status": 409, "instead_of": 200}) if busy else None)


def test_where_answers_are_signed_it_passes() -> None:
    assert on_answer("conflict-in-flight", acknowledged_ms=99, busy=None) is None
