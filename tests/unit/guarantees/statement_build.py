"""Readings of statements in few words: ``reading(1, at=50, pages=[page(line("m1"))])``. Times are in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ackord.core.clock import MS
from ackord.core.event import Event
from ackord.core.promises import Promises
from ackord.core.statement_events import StatedLine, StatementPage, StatementRead
from ackord.core.statement_promises import StatementPromises
from ackord.core.verdict import GuaranteeVerdict
from ackord.guarantees.judge import judge

from .build import OURS, Order, history

__all__ = ["BOOKED_S", "GROWS", "OPENED", "WHOLE", "Page", "invented", "line", "page", "reading", "word"]

BOOKED_S = 1_000
"""When all lines are booked, unless they say otherwise."""
OPENED = (BOOKED_S - 10, BOOKED_S + 10)
"""The usual window."""
_WHOLE = StatementPromises(whole_after_ns=500 * MS, grows=False, paging="cursor", totals=True)
WHOLE = Promises(statement=_WHOLE)
"""Whole half a second after its period."""
GROWS = Promises(
    posts_within_ns=10 * MS, statement=replace(_WHOLE, whole_after_ns=None, grows=True, beside_ledger=False)
)
"""Holds within ten milliseconds what moved; there is no ledger beside it."""


def line(
    line_id: str = "m1", amount: int = 100, kind: str = "payout", *, of: str = "A", booked: int | None = BOOKED_S,
    currency: str = "EUR",
) -> StatedLine:  # fmt: skip
    return StatedLine(0, 0, 0, of, line_id, amount, kind, currency, None if booked is None else booked * 1_000_000)


@dataclass(frozen=True)
class Page:
    """A page of a reading."""

    lines: tuple[StatedLine, ...]
    window: tuple[int, int] = OPENED
    whole: bool = True
    last: bool = False
    totals: tuple[tuple[str, int], ...] = ()
    sums: tuple[tuple[str, int], ...] = ()


def page(*lines: StatedLine, **more: Any) -> Page:
    return Page(lines, **more)


def reading(
    number: int, at: float, pages: Sequence[Page], *, until: float | None = None, problem: str = "", account: str = OURS
) -> list[Event]:
    """A reading that begins at an instant; each page takes a millisecond. ``until``: what moved by then lies in it, by
    default all.
    """
    began_ns, found = round(at * MS), list[Event]()
    count = 0
    for n, one in enumerate(pages, 1):
        at_ns = began_ns + n * MS
        for each in one.lines:
            count += 1
            found.append(each._replace(at_ns=at_ns, reading=number, page=n))
        sums = dict(one.sums) or {"rows": len(one.lines), "amount": sum(each.amount_minor for each in one.lines)}
        last = one.last or n == len(pages) or pages[n].window != one.window
        found.append(
            StatementPage(at_ns, number, n, at_ns - MS, *one.window, one.whole, len(one.lines), last, sums,
                          dict(one.totals))
        )  # fmt: skip
    until_ns = began_ns if until is None else round(until * MS)
    found.append(
        StatementRead(
            began_ns + len(pages) * MS, number, began_ns, count, account, problem, None if problem else until_ns
        )
    )
    return found


def invented(at: float, lines: int = 0, problem: str = "") -> list[Event]:
    """What a cursor that was never given was answered."""
    at_ns = round(at * MS)
    return [StatementPage(at_ns, 0, 1, at_ns, *OPENED, True, lines, True, {}, {}, problem=problem, cursor="invented")]


def word(
    guarantee: str, *read: list[Event], of: Order | None = None, promises: Promises = WHOLE, expected: bool = True,
    **more: Any,
) -> GuaranteeVerdict:  # fmt: skip
    """The verdict of one guarantee over one order, ``A``, and readings."""
    events = [event for events in read for event in events]
    exposes = (guarantee,) if expected else ()
    run = history(*([of] if of else []), promises=promises, events=events, exposes=exposes, **more)
    [verdict] = judge(run, [guarantee]).guarantees
    return verdict
