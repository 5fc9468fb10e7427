"""Groups what was read of statements: readings with their pages and windows, and what a judge needs of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .statement_events import StatementPage, StatementRead

__all__ = ["STATEMENT", "StatementReading", "StatementReadings", "StatementWindow"]

STATEMENT = "(statement)"
"""Stands for the number of what is about a statement as a whole."""


@dataclass(slots=True)
class StatementWindow:
    """The pages of one reading's window of time."""

    from_s: int
    to_s: int
    part: str = ""
    pages: list[StatementPage] = field(default_factory=list)

    @property
    def period(self) -> tuple[int, int, str]:
        return self.from_s, self.to_s, self.part

    @property
    def whole(self) -> bool:
        """Whether the statement of this time must have been whole before its first page was asked for."""
        return bool(self.pages) and all(page.whole for page in self.pages)

    @property
    def ended(self) -> bool:
        """Whether it was read to its end."""
        return bool(self.pages) and self.pages[-1].last

    def holds(self, booked_us: int | None) -> bool:
        """Return whether a line that was booked then belongs into it."""
        return booked_us is not None and self.from_s * 1_000_000 <= booked_us < self.to_s * 1_000_000

    def sums(self) -> dict[str, int]:
        """Return what the lines of all pages add up to."""
        found: dict[str, int] = {}
        for page in self.pages:
            for name, value in page.sums.items():
                found[name] = found.get(name, 0) + value
        return found


@dataclass(slots=True)
class StatementReading:
    """One reading."""

    number: int
    windows: list[StatementWindow] = field(default_factory=list)
    window_of: dict[int, StatementWindow] = field(default_factory=dict)
    """The window that each page stands in, by the page's number."""
    end: StatementRead | None = None
    """``None``: the run ended before the reading did."""

    @property
    def proves(self) -> bool:
        """Whether it came to the end of the statement."""
        return self.end is not None and not self.end.problem

    @property
    def account(self) -> str:
        """Whose statement was read; empty if nobody knows."""
        return "" if self.end is None else self.end.account

    @property
    def whole(self) -> bool:
        return bool(self.windows) and all(window.whole for window in self.windows)

    @property
    def began_ns(self) -> int:
        return self.windows[0].pages[0].began_ns if self.windows else 0

    @property
    def pages(self) -> int:
        return sum(len(window.pages) for window in self.windows)

    def add(self, page: StatementPage) -> None:
        if not self.windows or self.windows[-1].period != (page.from_s, page.to_s, page.part):
            self.windows.append(StatementWindow(page.from_s, page.to_s, page.part))
        self.windows[-1].pages.append(page)
        self.window_of[page.page] = self.windows[-1]


class StatementReadings:
    """All readings of a run, in the order in which they began."""

    __slots__ = ("_proving", "by_number", "invented")

    def __init__(self) -> None:
        self.by_number: dict[int, StatementReading] = {}
        self.invented: list[StatementPage] = []
        """What was answered to cursors that the statement never gave."""
        self._proving: dict[str, list[int]] = {}

    def __iter__(self) -> Iterator[StatementReading]:
        return iter(self.by_number.values())

    def __bool__(self) -> bool:
        return bool(self.by_number or self.invented)

    @property
    def failed(self) -> list[StatementRead]:
        """The ends of readings that did not come to the end of the statement."""
        return [r.end for r in self if r.end is not None and r.end.problem]

    @property
    def problem(self) -> str:
        """Why the last reading that failed did so; empty if none failed."""
        return self.failed[-1].problem if self.failed else ""

    @property
    def mostly_failed(self) -> bool:
        return 2 * len(self.failed) > len(self.by_number)

    def proving(self, account: str) -> list[int]:
        """Return the numbers of the readings that came to the end of the account's statement, or of nobody knows
        whose. Without an account: of all that came to their end.
        """
        numbers = self._proving.get(account)
        if numbers is None:
            whose = (account, "")
            numbers = [r.number for r in self if r.proves and (not account or r.account in whose)]
            self._proving[account] = numbers
        return numbers

    def add(self, event: StatementPage | StatementRead) -> None:
        self._proving.clear()
        if isinstance(event, StatementPage) and event.cursor:
            self.invented.append(event)
            return
        reading = self.by_number.setdefault(event.reading, StatementReading(event.reading))
        if isinstance(event, StatementPage):
            reading.add(event)
        else:
            reading.end = event
