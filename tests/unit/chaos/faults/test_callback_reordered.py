"""A callback that is overtaken by the next."""

from __future__ import annotations

from ackord.chaos.faults.callbacks import HoldCallback
from ackord.core.clock import MS

from .callback_cases import ordered


def test_it_waits_for_another_but_not_for_ever() -> None:
    assert ordered("callback-reordered", most_ms=300) == HoldCallback(300 * MS)
