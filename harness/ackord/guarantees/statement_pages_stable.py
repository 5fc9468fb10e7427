"""Judges that paging through a statement gives every line once, also while lines come."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.statement_events import StatedLine
from ..core.statement_readings import StatementReading
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .statements import content_of, lines_by_reading, no_statement_pages, told_line
from .wording import duration

ID = "statement-pages-stable"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.lines:
        return NOTHING
    first: dict[object, StatedLine] = {}
    for line in order.lines:
        first.setdefault(_key(line), line)
    exposures = 0
    found: list[Finding] = []
    for reading, lines in lines_by_reading(order):
        exposures += len(lines) if reading.pages > 1 else 0
        there: dict[object, StatedLine] = {}
        for line in lines:
            before = there.setdefault(_key(line), line)
            if before is not line and line.line_id and _window(reading, before) == _window(reading, line):
                text = (
                    f"{told_line(line)} stands on page {line.page} of the statement, and on page {before.page} of the "
                    f"same reading ({reading.number})"
                )
                found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=line.at_ns))
        for key, line in first.items():
            if key in there or not _must_hold(reading, line, order):
                continue
            exposures += 1
            text = (
                f"{told_line(line)} stood on page {line.page} of reading {line.reading} of the statement, and on no "
                f"page of reading {reading.number}, which began {duration(reading.began_ns - line.at_ns)} later"
            )
            found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=reading.began_ns))
    return exposures, worst_of(found)


def _key(line: StatedLine) -> object:
    return line.line_id or content_of(line)


def _window(reading: StatementReading, line: StatedLine) -> tuple[int, int, str]:
    window = reading.window_of.get(line.page)
    return (0, 0, "") if window is None else window.period


def _must_hold(reading: StatementReading, line: StatedLine, order: OrderHistory) -> bool:
    """Return whether a reading began after the line was seen, and its windows hold the line's time."""
    if reading.began_ns <= line.at_ns:
        return False
    if line.booked_us is not None:
        return any(window.holds(line.booked_us) for window in reading.windows)
    earlier = order.statements.by_number.get(line.reading)
    window = None if earlier is None else earlier.window_of.get(line.page)
    return window is not None and any(window.period == other.period for other in reading.windows)


GUARANTEE = Guarantee(
    ID,
    "Pages of a statement neither skip nor repeat lines",
    "Whoever reads a statement page by page MUST get each line once, also while lines come, and MUST get each line "
    "again that it got before.",
    "Lines move while they are read: one is booked twice, and one is never seen.",
    judge,
    no_statement_pages,
    needs_statement=True,
    place="statement",
    exposure="A line of the run's orders in a reading of at least two pages, or one that an earlier reading had.",
)
