from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.chaos.timing.schedule import ALWAYS, Schedule
from ackord.core.clock import MS

schedules = st.builds(
    lambda after, length, pause, ramp: Schedule(
        after, length, None if pause is None or length is None else length + pause, ramp
    ),
    st.integers(0, 50),
    st.none() | st.integers(0, 50),
    st.none() | st.integers(1, 50),
    st.integers(0, 50),
)


def test_the_default_is_in_force_from_arming_to_healing() -> None:
    assert ALWAYS.strength(0) == ALWAYS.strength(10**15) == 1.0
    assert ALWAYS.next_change_ns(0) is None


def test_an_outage_begins_ends_and_comes_again() -> None:
    outage = Schedule(after_ms=10, for_ms=5, every_ms=20)
    on = [ms for ms in range(60) if outage.is_on(ms * MS)]
    assert on == [*range(10, 15), *range(30, 35), *range(50, 55)]
    changes, at_ns = [], -1
    while (at_ns := outage.next_change_ns(at_ns) or 0) < 60 * MS:
        changes.append(at_ns // MS)
    assert changes == [10, 15, 30, 35, 50, 55]


def test_a_ramp_grows_evenly_and_stays() -> None:
    ramp = Schedule(after_ms=10, ramp_ms=100)
    assert [ramp.strength(ms * MS) for ms in (0, 10, 35, 60, 110, 500)] == [0, 0, 0.25, 0.5, 1, 1]


@given(schedules, st.integers(0, 300))
def test_nothing_changes_before_the_next_change(schedule: Schedule, now_ms: int) -> None:
    change_ns = schedule.next_change_ns(now_ms * MS)
    until_ms = 400 if change_ns is None else change_ns // MS
    assert until_ms > now_ms
    assert {schedule.is_on(ms * MS) for ms in range(now_ms, until_ms)} == {schedule.is_on(now_ms * MS)}
    if change_ns is not None and schedule.for_ms != 0 and schedule.every_ms != schedule.for_ms:
        assert schedule.is_on(change_ns) != schedule.is_on(now_ms * MS)


@pytest.mark.parametrize(("for_ms", "every_ms"), [(0, 0), (20, 10), (None, 0)])
def test_an_outage_that_comes_again_before_it_ended_is_refused(for_ms: float | None, every_ms: float) -> None:
    with pytest.raises(ValueError, match="every_ms"):
        Schedule(for_ms=for_ms, every_ms=every_ms)


@given(schedules)
def test_it_survives_json(schedule: Schedule) -> None:
    assert Schedule.from_json(schedule.to_json()) == schedule
