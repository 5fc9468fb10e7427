"""Judges that a statement does not change once it had to be whole."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.promises import Promises
from ..core.statement_events import StatedLine
from ..core.statement_readings import STATEMENT, StatementReading
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .statements import counted, lines_by_reading, no_statement, stated_promises, told_line, told_period
from .wording import duration

ID = "statement-immutable-after-cutoff"
_Period = tuple[int, int, str]


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if order.number == STATEMENT:
        return _judge_sums(order)
    if not order.lines:
        return NOTHING
    first: dict[_Period, tuple[StatementReading, list[StatedLine]]] = {}
    exposures = 0
    found: list[Finding] = []
    for reading, lines in lines_by_reading(order):
        for window in reading.windows:
            if not window.whole:
                continue
            mine = [line for line in lines if reading.window_of.get(line.page) is window]
            before, had = first.setdefault(window.period, (reading, mine))
            if before is reading or not (had or mine):
                continue
            exposures += 1
            if counted(had) != counted(mine):
                text = (
                    f"the statement had {_told(had, mine)} after its cut-off, and has {_told(mine, had)} "
                    f"{duration(reading.began_ns - before.began_ns)} later (readings {before.number} and "
                    f"{reading.number})"
                )
                found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=reading.began_ns))
    return exposures, worst_of(found)


def _told(lines: list[StatedLine], others: list[StatedLine]) -> str:
    """Return the lines in words; those that the other reading has too are left out, if any others are there."""
    same = counted(others)
    odd = [line for line in lines if not counted([line]) <= same]
    return " and ".join(map(told_line, odd or lines)) or "no line of the order"


def _judge_sums(order: OrderHistory) -> Judgement:
    """Judge what all lines of a period add up to, those of other orders included."""
    first: dict[_Period, dict[str, int]] = {}
    exposures = 0
    found: list[Finding] = []
    for reading in order.statements:
        for window in reading.windows if reading.proves else ():
            if not window.whole:
                continue
            sums = window.sums()
            before = first.setdefault(window.period, sums)
            if before is sums:
                continue
            exposures += 1
            odd = [
                f"{name} was {before.get(name, 0)} and is {value}"
                for name, value in sums.items()
                if before.get(name, 0) != value
            ]
            if odd:
                text = f"{told_period(window)} changed after its cut-off, in minor units: {'; '.join(odd)}"
                found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=reading.began_ns))
    return exposures, worst_of(found)


def _never_whole(promises: Promises) -> str:
    if why := no_statement(promises):
        return why
    if stated_promises(promises).whole_after_ns is None:
        return "the contract does not say how long after its period a statement is whole (statement.available_after)"
    return ""


GUARANTEE = Guarantee(
    ID,
    "A statement does not change after its cut-off",
    "Once the statement of a period must be whole, it MUST NOT change.",
    "The books were closed by it. What is changed afterwards, nobody reads again.",
    judge,
    _never_whole,
    needs_statement=True,
    place="statement",
    exposure="A period, or an order's lines in it, that was read twice after its statement had to be whole.",
)
