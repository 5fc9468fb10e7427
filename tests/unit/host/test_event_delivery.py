"""An event handler that raises does not end the reader; the next call raises it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.errors import EnvironmentFailed, FileError
from ackord.host.event_delivery import EventDelivery


def test_the_first_error_is_raised_once_and_events_go_on() -> None:
    seen: list[Any] = []

    def handler(event: dict[str, Any]) -> None:
        seen.append(event["i"])
        if event["i"] in (1, 2):
            raise KeyError(f"broken at {event['i']}")

    delivery = EventDelivery("the chaos process", handler)
    delivery.check()
    for i in range(4):
        delivery.hand_over({"i": i})
    with pytest.raises(EnvironmentFailed, match=r"an event of the chaos process .*KeyError: 'broken at 1'") as caught:
        delivery.check()
    assert isinstance(caught.value.__cause__, KeyError)
    delivery.check()
    assert seen == [0, 1, 2, 3]


def test_an_error_that_is_worded_for_users_is_raised_as_it_is() -> None:
    full = FileError(Path("journal.jsonl"), None, "the journal cannot be written: No space left on device")

    def handler(event: dict[str, Any]) -> None:
        raise full

    delivery = EventDelivery("the chaos process", handler)
    delivery.hand_over({})
    with pytest.raises(FileError) as caught:
        delivery.check()
    assert caught.value is full
