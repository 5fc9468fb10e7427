"""Records what was read of a statement in a run as the events that its guarantees are judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..contract.base.periods import Period
from ..contract.codec.ledger_rows import rows_repeated
from ..core.statement_events import StatedLine, StatementPage, StatementRead
from ..record.recorder import Recorder
from .claims import totals_of
from .lines import RunningSums, StatementLine
from .page_reader import ReadPage

__all__ = ["NEVER_GIVEN", "PageMoment", "RecordedReading", "record_invented_cursor"]

NEVER_GIVEN = "ackord-never-given"
"""A cursor that no statement gives."""
_MOVED = ("payout", "return", "refund")
_COUNTS = ("rows", "rows_out", "rows_in")


class PageMoment(NamedTuple):
    """When a page was read, and of what time."""

    window: Period
    whole: bool
    """Whether the window's statement had to be whole by then."""
    began_ns: int
    at_ns: int
    part: str = ""
    """Which of the contract's ``parts`` the page is of."""


class RecordedReading:
    """One reading: its pages come in order, window by window."""

    def __init__(
        self,
        recorder: Recorder,
        number: int,
        account: str,
        began_ns: int,
        concerns: Callable[[str], bool],
        numbers: Mapping[str, str],
        *,
        row_cursor: bool = False,
    ) -> None:
        """``account``: whose statement it is. ``concerns``: whether an order number is the run's. ``numbers``: order
        numbers by the provider's identifiers. ``row_cursor``: a page begins at the row that ended the one before, which
        is then no repetition.
        """
        self._recorder, self.number, self._account, self._began_ns = recorder, number, account, began_ns
        self._concerns, self._numbers, self._row_cursor = concerns, numbers, row_cursor
        self._before: tuple[StatementLine, ...] = ()
        self._pages = 0
        self._lines = 0

    def add(self, moment: PageMoment, page: ReadPage, *, first: bool) -> None:
        """Record a page; ``first``: it is the first of its window."""
        self._pages += 1
        found, last = page.lines, page.following is None
        if self._row_cursor:
            before = () if first else self._before
            self._before = tuple(found)
            found = found[rows_repeated(before, self._before) :]  # type: ignore[arg-type]
        for line in found:
            number = line.order_no or self._numbers.get(line.provider_id, "")
            if line.kind in _MOVED and self._concerns(number):
                self._lines += 1
                self._recorder.add(
                    StatedLine(
                        moment.at_ns, self.number, self._pages, number, line.line_id or "", line.amount_minor,
                        line.kind, line.currency, line.booked_us,
                    )
                )  # fmt: skip
        sums = RunningSums()
        sums.add(found)
        added = totals_of(sums.sums())
        totals = page.totals if last else {}
        if len({line.currency for line in found}) > 1:  # what is in no single currency adds up to nothing
            added = {name: added[name] for name in _COUNTS}
            totals = {name: value for name, value in totals.items() if name in _COUNTS}
        self._recorder.add(_page(self.number, self._pages, moment, len(found), added, totals, last=last))

    def end(self, at_ns: int, problem: str = "", until_ns: int | None = None) -> None:
        """Record that it ended. ``until_ns``: what moved until then lies in its windows."""
        self._recorder.add(
            StatementRead(at_ns, self.number, self._began_ns, self._lines, self._account, problem, until_ns)
        )


def record_invented_cursor(recorder: Recorder, moment: PageMoment, lines: int, problem: str) -> None:
    """Record what was answered to ``NEVER_GIVEN``: a page of so many lines, or a ``problem``."""
    page = _page(0, 1, moment, lines, {}, {}, last=True)
    recorder.add(page._replace(problem=problem, cursor=NEVER_GIVEN))


def _page(
    reading: int,
    number: int,
    moment: PageMoment,
    lines: int,
    sums: Mapping[str, int],
    totals: Mapping[str, int],
    *,
    last: bool,
) -> StatementPage:
    window = moment.window
    return StatementPage(
        moment.at_ns, reading, number, moment.began_ns, window.from_s, window.to_s, moment.whole, lines, last,
        {name: value for name, value in sums.items() if value}, dict(totals), part=moment.part,
    )  # fmt: skip
