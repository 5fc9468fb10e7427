"""Judges that a statement's lines have the amount and the currency of what moved."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.statement_events import StatedLine
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .money import may_have_paid
from .statements import lines_by_reading, no_statement, stated_promises, told_line
from .wording import amount

ID = "statement-amounts-match"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.lines or order.key_probes or order.expired:
        return NOTHING
    sent = [x for x in order.submits if may_have_paid(x)]
    currencies = {x.sent_currency for x in sent if x.sent_currency}
    right = {out: _amounts(order, ctx, out=out) for out in (True, False)}
    exposures = 0
    found = []
    for _, lines in lines_by_reading(order):
        for line in lines:
            amounts = right[line.kind == "payout"]
            if not amounts:
                continue
            exposures += 1
            text = ""
            if line.amount_minor not in amounts:
                moved = " or ".join(map(amount, sorted(amounts)))
                text = f"{told_line(line)} stands in the statement, and {moved} moved{_factor(line, amounts)}"
            elif line.currency and currencies and line.currency not in currencies:
                was = " or ".join(sorted(currencies))
                text = f"{told_line(line)} stands in the statement in {line.currency}, and {was} was sent"
            if text:
                found.append(finding(ID, order, Result.VIOLATED, text, (), at_ns=line.at_ns))
    return exposures, worst_of(found)


def _amounts(order: OrderHistory, ctx: JudgeContext, *, out: bool) -> set[int]:
    """Return the amounts of what moved: by the ledger, where there is one and it shows any, or else as it was sent."""
    if stated_promises(ctx.promises).beside_ledger:
        mine = (order.account, "")
        moved = {m.amount_minor for m in order.movements if (m.kind == "payout") is out and m.account in mine}
        if moved:
            return moved
    sent = {x.sent_amount_minor for x in order.submits if may_have_paid(x) and x.sent_amount_minor}
    if not out:
        sent |= {x.sent_amount_minor for x in order.refunds if x.sent_amount_minor}
    return {each for each in sent if each is not None}


def _factor(line: StatedLine, amounts: set[int]) -> str:
    """Return that the units may be confused, if the amount is a hundredfold or a hundredth; empty otherwise."""
    if any(line.amount_minor == 100 * each for each in amounts):
        return ": a hundredfold, as if major units were taken for minor ones"
    if any(100 * line.amount_minor == each for each in amounts):
        return ": a hundredth, as if minor units were taken for major ones"
    return ""


GUARANTEE = Guarantee(
    ID,
    "The statement's amounts are those that moved",
    "A line of a statement MUST have the amount and the currency of what moved, in the statement's own unit.",
    "The merchant books another sum than left its account; with cents taken for units, a hundred times as much.",
    judge,
    no_statement,
    needs_statement=True,
    place="statement",
    exposure="A line of an order whose amount is known (by the ledger, or by what was sent), in a reading of the "
    "statement that came to its end.",
)
