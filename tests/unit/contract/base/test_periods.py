"""Which periods of a statement cover a run, by how the contract writes a period."""

from __future__ import annotations

from typing import Literal

import pytest

from ackord.contract.base.periods import DAY_S, Period, PeriodForm, period_form

NOON_S = 1_767_268_800
"""2026-01-01 12:00:00 UTC."""
MIDNIGHT_S = NOON_S - DAY_S // 2

Window = Literal["day", "half_open", "closed"]


def form(window: Window, *patterns: str) -> PeriodForm:
    return period_form([f"/bills/${{period.from:{pattern}}}" for pattern in patterns], window)


def periods(form: PeriodForm, from_s: int, to_s: int) -> list[Period]:
    return list(form.periods(from_s, to_s, 60))


def test_a_run_within_a_day_needs_one_day() -> None:
    assert periods(form("day", "%Y-%m-%d"), NOON_S, NOON_S + 30) == [Period(MIDNIGHT_S, MIDNIGHT_S + DAY_S)]


def test_a_run_over_midnight_needs_both_days() -> None:
    days = periods(form("day", "%Y%m%d"), MIDNIGHT_S - 5, MIDNIGHT_S + 5)
    assert [day.from_s for day in days] == [MIDNIGHT_S - DAY_S, MIDNIGHT_S]


def test_a_day_begins_in_the_zone_of_its_text() -> None:
    """20:00 in Shanghai, whose day began at 16:00 of the day before in UTC; 23:59:59 is still its."""
    there = form("day", "%Y-%m-%d|+08:00")
    assert [day.from_s for day in periods(there, NOON_S, NOON_S + 1)] == [MIDNIGHT_S - 8 * 3600]
    assert there.day_of(MIDNIGHT_S + 16 * 3600 - 1) == MIDNIGHT_S - 8 * 3600
    assert there.day_of(MIDNIGHT_S + 16 * 3600) == MIDNIGHT_S + 16 * 3600


@pytest.mark.parametrize("window", ["half_open", "closed"])
def test_a_period_of_instants_leaves_room_for_another_clock(window: Window) -> None:
    assert periods(form(window, "%Y-%m-%dT%H:%M:%SZ"), NOON_S, NOON_S + 9) == [Period(NOON_S - 60, NOON_S + 69)]
    assert periods(period_form(["${period.from.unix}"], window), NOON_S, NOON_S) == [Period(NOON_S - 60, NOON_S + 60)]


@pytest.mark.parametrize(
    ("pattern", "unit_s"), [("%Y-%m-%d", DAY_S), ("%d %H", 3600), ("%H:%M", 60), ("%Y-%m", 31 * DAY_S)]
)
def test_an_end_that_is_left_out_is_the_next_one_that_can_be_written(pattern: str, unit_s: int) -> None:
    """A period to "2026-01-01" that leaves its end out would lose the whole day of the run."""
    open_end = form("half_open", pattern)
    assert open_end.unit_s == unit_s
    assert periods(open_end, NOON_S, NOON_S) == [Period(NOON_S - 60, NOON_S + 60 + unit_s)]
    assert periods(form("closed", pattern), NOON_S, NOON_S) == [Period(NOON_S - 60, NOON_S + 60)]


def test_days_on_which_clocks_change_have_their_own_length() -> None:
    form = period_form(["${period.from:%Y-%m-%d|Europe/Berlin}"], "day")
    saturday_s = 1_774_652_400  # 2026-03-28 00:00 in Berlin; the night after it is an hour shorter
    periods = list(form.periods(saturday_s, saturday_s + 2 * DAY_S, 0))
    assert [p.to_s - p.from_s for p in periods] == [DAY_S, DAY_S - 3600, DAY_S]
    assert [p.from_s for p in periods] == [saturday_s, saturday_s + DAY_S, saturday_s + 2 * DAY_S - 3600]
