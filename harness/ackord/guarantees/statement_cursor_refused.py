"""Judges that a cursor which a statement never gave is refused."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.promises import Promises
from ..core.statement_readings import STATEMENT
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .statements import no_statement_pages, stated_promises

ID = "statement-cursor-refused"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if order.number != STATEMENT:
        return NOTHING
    found = []
    for page in order.statements.invented:
        if page.problem:
            continue
        what = f"a page of {page.lines} lines" if page.lines else "an empty page, as if the statement ended there"
        result = Result.VIOLATED if page.lines else Result.UNSAFE
        text = f"the cursor {page.cursor!r}, which the statement never gave, was answered with {what}"
        found.append(finding(ID, order, result, text, (), at_ns=page.at_ns))
    return len(order.statements.invented), worst_of(found)


def _no_cursor(promises: Promises) -> str:
    if why := no_statement_pages(promises):
        return why
    if stated_promises(promises).paging != "cursor":
        return "the statement gives no cursors: its pages are counted, or begin after a row"
    return ""


GUARANTEE = Guarantee(
    ID,
    "A cursor that the statement never gave is refused",
    "A page that is asked for with a cursor which the statement never gave MUST be refused.",
    "A cursor that was cut off or has expired begins at the first page again, or ends the list: lines are booked "
    "twice, or are missing, and nothing tells.",
    judge,
    _no_cursor,
    needs_statement=True,
    place="statement",
    exposure="A page that was asked for with a cursor which the statement never gave, and an answer of the provider.",
)
