"""A callback that comes late."""

from __future__ import annotations

from ackord.chaos.faults.callbacks import DelayCallback
from ackord.core.clock import MS

from .callback_cases import ordered


def test_it_comes_so_many_milliseconds_later() -> None:
    assert ordered("callback-late", ms=250) == DelayCallback(250 * MS)
