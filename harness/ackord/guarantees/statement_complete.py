"""Judges that all that moved for an order stands in the statement of its time, once that must be whole."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .statements import distinct_lines, lines_by_reading, movements_known, must_be_stated, no_statement
from .wording import duration

ID = "statement-complete"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.statements or not order.submits or order.key_probes or order.expired:
        return NOTHING
    moved = movements_known(order, ctx.promises)
    exposures = 0
    found = []
    for reading, lines in lines_by_reading(order) if moved else ():
        for out, way in ((True, "payouts"), (False, "movements back")):
            due = [m for m in moved if m.out is out and must_be_stated(m, reading, ctx)]
            if any(not m.by_answer for m in due):
                due = [m for m in due if not m.by_answer]
            stated = distinct_lines(lines, out=out)
            exposures += len(due)
            if stated >= len(due):
                continue
            last = max(due, key=lambda m: m.known_ns)
            text = (
                f"{last.words}, and the statement that was read {duration(reading.began_ns - last.known_ns)} later has "
                f"{stated} of {len(due)} {way} of the order (reading {reading.number}, to its end)"
            )
            found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=reading.began_ns))
    return exposures, worst_of(found)


GUARANTEE = Guarantee(
    ID,
    "All that moved stands in the statement",
    "Once it must be whole, the statement of a time MUST hold every movement of that time.",
    "The merchant closes its books by the statement. What is missing there was paid and is never missed, or is paid "
    "again.",
    judge,
    no_statement,
    depends_on="posts_within",
    needs_statement=True,
    place="statement",
    exposure="A movement of an order (in the ledger, or by the order's end), with a reading of the statement that "
    "holds its time, came to its end, and began when the statement had to be whole.",
)
