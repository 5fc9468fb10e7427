"""Judges that a statement's lines add up to the totals that it states."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.promises import Promises
from ..core.statement_readings import STATEMENT, StatementWindow
from ..core.statement_totals import contradictions
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .statements import no_statement, stated_promises, told_period

ID = "statement-totals-match"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if order.number != STATEMENT:
        return NOTHING
    exposures = 0
    found = []
    for reading in order.statements:
        for window in reading.windows if reading.proves else ():
            totals = window.pages[-1].totals
            if not totals or not _stands(window):
                continue
            exposures += 1
            if wrong := contradictions(totals, window.sums()):
                text = f"{told_period(window)} contradicts its lines, in minor units: {'; '.join(wrong)}"
                found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=window.pages[-1].at_ns))
    return exposures, worst_of(found)


def _stands(window: StatementWindow) -> bool:
    """Return whether lines and totals are of one moment: the statement was whole, or came in one answer."""
    return window.ended and (window.whole or len(window.pages) == 1)


def _no_totals(promises: Promises) -> str:
    if why := no_statement(promises):
        return why
    return "" if stated_promises(promises).totals else "the contract's statement states no totals"


GUARANTEE = Guarantee(
    ID,
    "A statement's totals are those of its lines",
    "The lines of a statement MUST add up to the totals that it states.",
    "The totals are what a merchant checks its pull by. When they are wrong, a loss looks like a mistake of addition, "
    "and a mistake like a loss.",
    judge,
    _no_totals,
    needs_statement=True,
    place="statement",
    exposure="Totals of a period whose statement was read to its end, once it had to be whole or in a single page.",
)
