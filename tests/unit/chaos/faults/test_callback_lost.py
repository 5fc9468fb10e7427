"""A callback that never arrives."""

from __future__ import annotations

from ackord.chaos.faults.callbacks import LoseCallback

from .callback_cases import ordered


def test_it_is_lost_whichever_it_is() -> None:
    assert ordered("callback-lost") == ordered("callback-lost", number=3) == LoseCallback()
