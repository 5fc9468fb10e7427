"""Judges that a statement holds no line for what did not move, and each line once."""

from __future__ import annotations

from ..core.event import Movement
from ..core.history import UNNAMED, OrderHistory
from ..core.operation import SUBMITS
from ..core.statement_events import StatedLine
from ..core.statement_readings import StatementReading
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .money import posted_of_owner
from .statements import (
    distinct_lines,
    lines_by_reading,
    no_statement,
    stated_promises,
    told_instant,
    told_line,
    told_period,
)

ID = "statement-no-phantoms"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.lines or order.key_probes or order.expired:
        return NOTHING
    ordered = bool(order.submits) or any(x.kind in SUBMITS for x in order.foreign)
    exposures = 0
    found: list[Finding] = []
    for reading, lines in lines_by_reading(order):
        exposures += len(lines)
        if not lines:
            continue
        text = "" if ordered else _of_nobody(order, lines)
        text = text or _elsewhere(reading, lines, ctx) or _too_many(order, reading, lines, ctx)
        if text:
            found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=lines[-1].at_ns))
    return exposures, worst_of(found)


def _of_nobody(order: OrderHistory, lines: list[StatedLine]) -> str:
    what = "no order number" if order.number == UNNAMED else f"the number {order.number}, which nobody submitted"
    return f"the statement has {told_line(lines[0])} under {what}"


def _elsewhere(reading: StatementReading, lines: list[StatedLine], ctx: JudgeContext) -> str:
    """Return how a line stands in the statement of two periods, or of another than its own; empty: none does."""
    periods: dict[str, set[tuple[int, int, str]]] = {}
    for line in lines:
        window = reading.window_of.get(line.page)
        if window is None:
            continue
        if stated_promises(ctx.promises).dated and line.booked_us is not None and not window.holds(line.booked_us):
            moved = told_instant(line.booked_us // 1_000_000)
            return f"{told_line(line)} moved at {moved} by its own words, and stands in {told_period(window)}"
        if line.line_id:
            periods.setdefault(line.line_id, set()).add(window.period)
            if len(periods[line.line_id]) > 1:
                return f"{told_line(line)} stands in the statements of two periods"
    return ""


def _too_many(order: OrderHistory, reading: StatementReading, lines: list[StatedLine], ctx: JudgeContext) -> str:
    """Return how there are more lines than movements; empty: there are not."""
    out, back = distinct_lines(lines, out=True), distinct_lines(lines, out=False)
    end = reading.end
    by_ledger = stated_promises(ctx.promises).beside_ledger and order.ledger_began_ns is not None
    if by_ledger and end is not None and (order.ledger_began_ns or 0) > end.at_ns:
        payouts = posted_of_owner(order, "payout")
        came: list[Movement] = [m for kind in ("return", "refund") for m in posted_of_owner(order, kind)]
        for stated, moved, way in ((out, payouts, "payouts"), (back, came, "movements back")):
            if stated > len(moved):
                return (
                    f"the statement has {stated} {way} of the order, and the ledger, which was read after it, "
                    f"{len(moved)}"
                )
        return ""
    if out > 1 + back:
        return f"the statement has {out} payouts of the order, and {back} of them came back"
    return ""


GUARANTEE = Guarantee(
    ID,
    "The statement has no line for what did not move",
    "A statement MUST NOT hold a line for what did not move in its time, nor a line twice.",
    "The merchant books money that never left, or books it twice, and searches for the difference by hand.",
    judge,
    no_statement,
    needs_statement=True,
    place="statement",
    exposure="A line of the run's orders in a reading of the statement that came to its end.",
)
