"""Selects what the guarantees about statements compare: an order's lines, reading by reading, and what must stand in
them.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

from ..core.event import Movement
from ..core.history import OrderHistory
from ..core.payment_state import PaymentState
from ..core.promises import Promises
from ..core.statement_events import StatedLine
from ..core.statement_promises import StatementPromises
from ..core.statement_readings import StatementReading, StatementWindow
from .base import JudgeContext
from .money import posted_by_ns
from .wording import amount

__all__ = [
    "LineContent",
    "SeenMovement",
    "content_of",
    "counted",
    "distinct_lines",
    "lines_by_reading",
    "movements_known",
    "must_be_stated",
    "no_statement",
    "no_statement_pages",
    "stated_promises",
    "told_instant",
    "told_line",
    "told_period",
]

_PAID = (PaymentState.SUCCEEDED, PaymentState.RETURNED)


class LineContent(NamedTuple):
    """What makes two lines the same."""

    line_id: str
    amount_minor: int
    kind: str
    currency: str
    booked_us: int | None


class SeenMovement(NamedTuple):
    """A movement of money that must stand in a statement."""

    out: bool
    """Whether money left; otherwise it came back."""
    known_ns: int
    """When it was known to have moved, at the latest."""
    words: str
    by_answer: bool = False
    """Whether an answer told it: it is the same as the first that the ledger has."""


def no_statement(promises: Promises) -> str:
    """Return why a guarantee about statements does not apply to a contract; empty when it does."""
    return "" if promises.statement is not None else "the contract has no statement"


def no_statement_pages(promises: Promises) -> str:
    """Return why a guarantee about a statement's pages does not apply; empty when it does."""
    if promises.statement is not None and not promises.statement.paging:
        return "the contract's statement is one file, without pages"
    return no_statement(promises)


def stated_promises(promises: Promises) -> StatementPromises:
    """Return what is promised of a statement that there is."""
    assert promises.statement is not None  # the guarantee does not apply otherwise
    return promises.statement


def content_of(line: StatedLine) -> LineContent:
    return LineContent(line.line_id, line.amount_minor, line.kind, line.currency, line.booked_us)


def told_line(line: StatedLine) -> str:
    """Return what a finding calls a line: ``the payout m17 (12.00)``."""
    name = f" {line.line_id}" if line.line_id else ""
    return f"the {line.kind}{name} ({amount(line.amount_minor)})"


def told_instant(unix_s: int) -> str:
    """Return an instant as findings write it: ``2026-11-28T09:00:00Z``."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told_period(window: StatementWindow) -> str:
    """Return which statement findings mean: ``the statement from ... until before ...``."""
    part = f" {window.part}" if window.part else ""
    return f"the statement{part} from {told_instant(window.from_s)} until before {told_instant(window.to_s)}"


def lines_by_reading(order: OrderHistory) -> list[tuple[StatementReading, list[StatedLine]]]:
    """Return the readings of the owner's statement that came to their end, each with the order's lines in it."""
    found: dict[int, list[StatedLine]] = {number: [] for number in order.statements.proving(order.account)}
    for line in order.lines:
        if line.reading in found:
            found[line.reading].append(line)
    return [(order.statements.by_number[number], lines) for number, lines in found.items()]


def distinct_lines(lines: list[StatedLine], *, out: bool) -> int:
    """Return how many lines of a direction there are; the same one counts once, where lines have identifiers."""
    mine = [line for line in lines if (line.kind == "payout") is out]
    named = {line.line_id for line in mine if line.line_id}
    return len(named) + sum(not line.line_id for line in mine)


def movements_known(order: OrderHistory, promises: Promises) -> list[SeenMovement]:
    """Return what moved for an order, as far as its answers tell and, where there is one beside the statement, the
    ledger, each with when that was known first.
    """
    statement = stated_promises(promises)
    first: dict[str, Movement] = {}
    for m in order.movements if statement.beside_ledger else ():
        if m.account in (order.account, ""):
            first.setdefault(m.movement_id, m)
    found = [
        SeenMovement(m.kind == "payout", m.at_ns, f"the ledger has the {m.kind} {m.movement_id}")
        for m in first.values()
    ]
    for state, out in ((_PAID, True), ((PaymentState.RETURNED,), False)):
        told = [x for x in order.exchanges if x.state in state and x.complete_ns is not None]
        if told:
            x = min(told, key=lambda x: x.complete_ns or 0)
            found.append(SeenMovement(out, x.complete_ns or 0, f"it was answered {x.state.name}", by_answer=True))
    back = statement.shows_returns or statement.shows_refunds
    return [m for m in found if m.out or back]


def must_be_stated(seen: SeenMovement, reading: StatementReading, ctx: JudgeContext) -> bool:
    """Return whether a movement must stand in a reading: it lies in its windows, and the time that the statement has
    for it was over.
    """
    end = reading.end
    if end is None or end.until_ns is None or seen.known_ns > end.until_ns:
        return False
    if not stated_promises(ctx.promises).grows:
        return reading.whole
    return posted_by_ns(ctx.promises, seen.known_ns, ctx.healed_ns) < reading.began_ns


def counted(lines: list[StatedLine]) -> Counter[LineContent]:
    """Return the lines as a bag."""
    return Counter(map(content_of, lines))
