"""What is remembered is bounded, and the oldest goes first."""

from __future__ import annotations

from ackord.core.recent_dict import RecentDict


def test_the_oldest_key_is_dropped() -> None:
    recent: RecentDict[str, int] = RecentDict(2)
    for number, key in enumerate("abac"):
        recent[key] = number
    assert dict(recent) == {"b": 1, "c": 3}


def test_a_dropped_key_can_come_again() -> None:
    recent: RecentDict[int, None] = RecentDict(3)
    for key in (*range(1000), 5):
        recent[key] = None
    assert list(recent) == [998, 999, 5]
