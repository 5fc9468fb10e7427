"""Events of statements survive the journal, with what they leave out."""

from __future__ import annotations

import json

import pytest

from ackord.core.event import Event, event_from_json, event_to_json
from ackord.core.statement_events import StatedLine, StatementPage, StatementRead

EVENTS: list[Event] = [
    StatedLine(1, 1, 1, "A", "m1", 100, "payout", "EUR", 5_000_000),
    StatedLine(1, 1, 1, "", "", 100, "return"),
    StatementPage(2, 1, 1, 1, 10, 20, True, 2, False, {"rows": 2}, {}),
    StatementPage(2, 0, 1, 1, 10, 20, True, 0, True, {}, {"rows": 1}, "status 422", "FEES", "invented"),
    StatementRead(3, 1, 1, 2),
    StatementRead(3, 2, 1, 0, "main", "it was cut"),
    StatementRead(3, 3, 1, 0, "main", "", 2),
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_the_same_after_the_journal(event: Event) -> None:
    assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event
