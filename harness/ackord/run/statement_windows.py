"""Chooses the windows of time in which a run reads a statement, by how the contract writes a period."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from ..contract.base.periods import DAY_S, Period
from ..contract.spec.statement import StatementSpec
from ..core.clock import SECOND

__all__ = ["StatementWindows"]

_AHEAD_S = 60
"""How far the end of a statement that grows lies ahead."""


class StatementWindows:
    """The windows of one run that began at ``began_s``, in seconds since 1970."""

    LONGEST_WAIT_NS: ClassVar = 30 * SECOND
    """A statement that is whole later than this is not waited for."""

    def __init__(self, statement: StatementSpec, began_s: int, slack_s: int) -> None:
        """``slack_s``: how far the provider's clock may be from ours."""
        self._form, self._whole_after_ns = statement.period_form(), statement.whole_after_ns
        self._slack_s = slack_s
        self._from_s = self._down(began_s - slack_s)

    def growing(self, now_s: int) -> list[Period]:
        """Return the windows of a reading while money moves: they end ahead of it."""
        if self._form.window == "day":
            return self._days(now_s)
        return [Period(self._from_s, self._up(now_s + self._slack_s + _AHEAD_S))]

    def settled(self, now_s: int, border_s: int | None) -> list[Period]:
        """Return the windows of what moved until now: the last ends as soon as can be.

        ``border_s``: where there should be a border between two, so that lines stand at both sides of it.
        """
        if self._form.window == "day":
            return self._days(now_s)
        to_s = self._up(now_s + self._slack_s + 1)
        if border_s is None or self._form.unit_s > 1 or not self._from_s < border_s < to_s:
            return [Period(self._from_s, to_s)]
        return [Period(self._from_s, border_s), Period(border_s, to_s)]

    def asked(self, window: Period) -> Period:
        """Return what a request says for a window whose end is left out."""
        if self._form.window == "closed":
            return Period(window.from_s, window.to_s - self._form.unit_s)
        return window

    def day(self, window: Period) -> date:
        return datetime.fromtimestamp(window.from_s, self._form.zone).date()

    def whole(self, window: Period, unix_ns: int) -> bool:
        """Return whether a window's statement must be whole by now."""
        return self._whole_after_ns is not None and not self.until_whole_ns(window, unix_ns)

    def until_whole_ns(self, window: Period, unix_ns: int) -> int:
        """Return how long it is until a window's statement must be whole; 0 as well where no run knows it."""
        if self._whole_after_ns is None:
            return 0
        return max(0, (window.to_s + self._slack_s) * SECOND + self._whole_after_ns - unix_ns)

    def _days(self, now_s: int) -> list[Period]:
        return list(self._form.periods(self._from_s, now_s + self._slack_s, 0))

    def _down(self, at_s: int) -> int:
        """Return the last instant until ``at_s`` that a request can write."""
        unit_s = self._form.unit_s
        return self._form.day_of(at_s) if unit_s >= DAY_S else at_s - at_s % unit_s

    def _up(self, at_s: int) -> int:
        down_s = self._down(at_s)
        if down_s == at_s:
            return at_s
        unit_s = self._form.unit_s
        return self._form.day_of(down_s + DAY_S * 3 // 2) if unit_s >= DAY_S else down_s + unit_s
