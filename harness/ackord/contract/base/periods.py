"""Choose the periods of statements that cover a span of time, by how a contract writes a period."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from .variables import split_format

__all__ = ["DAY_S", "Period", "PeriodForm", "period_form"]

DAY_S = 24 * 3600
_UNITS_S = (1, 60, 3600, DAY_S)
_LONGEST_S = 31 * DAY_S
_BOUND = re.compile(r"\$\{period\.(?:from|to):([^}]*)\}")


class Period(NamedTuple):
    """The period of a statement, in seconds since 1970. The contract says whether its end is included (``window``)."""

    from_s: int
    to_s: int


class PeriodForm(NamedTuple):
    """How requests write a period."""

    window: Literal["day", "half_open", "closed"]
    zone: tzinfo
    unit_s: int
    """The smallest step that the text of a bound tells, in seconds."""

    def periods(self, from_s: int, to_s: int, slack_s: int) -> Iterator[Period]:
        """Yield the periods that hold every instant from ``from_s`` to ``to_s``.

        ``slack_s``: how far the provider's clock may be from ours. Days that have not begun are left out.
        """
        if self.window == "day":
            day_s, last_s = self.day_of(from_s), self.day_of(to_s)
            while day_s <= last_s:
                next_s = self.day_of(day_s + DAY_S * 3 // 2)  # a day on which clocks change has 23 or 25 hours
                yield Period(day_s, next_s)
                day_s = next_s
            return
        # A bound in whole minutes or days loses what is smaller: an end that is left out must be the next one.
        beyond_s = self.unit_s if self.window == "half_open" and self.unit_s > 1 else 0
        yield Period(max(0, from_s - slack_s), to_s + slack_s + beyond_s)

    def day_of(self, at_s: int) -> int:
        """Return when the day of an instant begins, in seconds since 1970."""
        midnight = datetime.fromtimestamp(at_s, self.zone).replace(hour=0, minute=0, second=0)
        return int(midnight.timestamp())


def period_form(texts: Iterable[str], window: Literal["day", "half_open", "closed"]) -> PeriodForm:
    """Return the form of the periods that the templates ``texts`` of a request write.

    Raises ``ValueError`` for a zone that is none.
    """
    patterns = [split_format(pattern) for text in texts for pattern in _BOUND.findall(text)]
    zone = patterns[0][1] if patterns else UTC
    return PeriodForm(window, zone, max((_unit_s(pattern) for pattern, _ in patterns), default=1))


def _unit_s(pattern: str) -> int:
    """Return the smallest step that changes a time's text; a month for a format without days."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    steps = (s for s in _UNITS_S if (start + timedelta(seconds=s)).strftime(pattern) != start.strftime(pattern))
    return next(steps, _LONGEST_S)
