"""Checks what must agree in the journal of a run that Ackord itself wrote, besides its hashes.

Operations are numbered from 1 without a gap, each begun by the merchant before the provider gets it and completed at
most once. What reached the provider is the merchant's request. The ledger holds as many movements as it counted, and
each reading of a statement as many lines. A complete journal leaves nothing open. An edit that breaks none of these,
such as another amount in a movement, is not found here.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator

from ..core.clock import SECOND
from ..core.event import Begin, Complete, Event, FaultChange, LedgerRead, Movement
from ..core.history import History
from ..core.operation import Vantage
from ..core.operation_numbers import OperationNumbers
from ..core.statement_events import StatedLine, StatementRead

__all__ = ["ConsistencyCheck", "inconsistency"]

_JITTER_NS = 10 * SECOND
"""How much later than its instant an operation may be written down: a thread may be stopped in between."""

_MOST = 1 << 62
_COMPLETED, _ANSWERED = 1, 2


def inconsistency(history: History) -> tuple[int, str] | None:
    """Return the index of the first event that does not fit, and why; ``None``: all agree."""
    check = ConsistencyCheck()
    for event in history.events:
        check.add(event)
    return check.end(complete=history.complete)


class ConsistencyCheck:
    """Checks one journal's events as they are read. It keeps some 50 bytes for each vantage of an operation."""

    def __init__(self) -> None:
        self._found: tuple[int, str] | None = None
        self._events = 0
        self._places = {Vantage.MERCHANT: OperationNumbers(), Vantage.PROVIDER: OperationNumbers()}
        """Where an operation stands in the arrays, for the first copy; the others stand in ``_copies``."""
        self._copies: dict[tuple[Vantage, int, int], int] = {}
        self._op, self._copy, self._index = array("q"), array("q"), array("q")
        self._at_ns, self._payload = array("q"), array("q")
        self._at_merchant, self._flags = bytearray(), bytearray()
        self._fired: set[int] = set()
        self._latest_ns = 0
        self._movements = 0
        self._lines: Counter[int] = Counter()
        """Of statements, by reading."""

    def add(self, event: Event) -> None:
        """Check the next event."""
        if self._found is None and (problem := self._problem(event)):
            self._found = self._events, problem
        self._events += 1

    def end(self, *, complete: bool) -> tuple[int, str] | None:
        """Return the index of the first event that does not fit, and why; ``complete``: the journal has its footer."""
        return self._found or (next(self._left_open(), None) if complete else None)

    def _problem(self, event: Event) -> str:
        if isinstance(event, Begin):
            return self._begin(event)
        if isinstance(event, Complete):
            return self._complete(event)
        if isinstance(event, Movement):
            self._movements += 1
        elif isinstance(event, LedgerRead) and not event.problem:
            stand, self._movements = self._movements, 0
            if event.movements != stand:
                return f"the ledger had {event.movements} movements, and {stand} stand before it"
        elif isinstance(event, StatedLine):
            self._lines[event.reading] += 1
        elif isinstance(event, StatementRead) and event.lines != self._lines[event.reading]:
            stand = self._lines[event.reading]
            return f"reading {event.reading} of the statement had {event.lines} lines, and {stand} stand before it"
        elif isinstance(event, FaultChange) and event.change == "fired":
            self._fired.add(event.op)
        return ""

    def _place(self, vantage: Vantage, op: int, copy: int) -> int:
        """Return where an operation stands in the arrays; -1: it did not begin."""
        return self._copies.get((vantage, op, copy), -1) if copy else self._places[vantage].get(op)

    def _begin(self, event: Begin) -> str:
        vantage, op, copy, at_ns = event.vantage, event.op, event.copy, event.at_ns
        if max(map(abs, (op, copy, at_ns))) > _MOST:
            return f"operation {op} has a number that no run gives"
        if self._place(vantage, op, copy) >= 0:
            return f"operation {op} begins twice"
        payload = hash(_payload(event))
        if copy:
            self._copies[vantage, op, copy] = len(self._op)
        else:
            self._places[vantage].put(op, len(self._op))
        for column, value in (
            (self._op, op), (self._copy, copy), (self._index, self._events), (self._at_ns, at_ns),
            (self._payload, payload),
        ):  # fmt: skip
            column.append(value)
        self._at_merchant.append(vantage is Vantage.MERCHANT)
        self._flags.append(0)
        if vantage is Vantage.MERCHANT:
            before = self._latest_ns
            self._latest_ns = max(before, at_ns)
            if before - at_ns > _JITTER_NS:
                return f"operation {op} begins {(before - at_ns) / SECOND:.0f} s before the one before it"
            return ""
        sent = self._place(Vantage.MERCHANT, op, 0)
        if sent < 0:
            return f"operation {op} reached the provider, and no merchant began it"
        if at_ns < self._at_ns[sent]:
            return f"operation {op} reached the provider before the merchant began it"
        if payload != self._payload[sent]:
            return f"operation {op} is another one at the provider than at the merchant"
        return ""

    def _complete(self, event: Complete) -> str:
        begun = self._place(event.vantage, event.op, event.copy)
        if begun < 0:
            return f"operation {event.op} is complete, and did not begin"
        if self._flags[begun] & _COMPLETED:
            return f"operation {event.op} is completed twice"
        self._flags[begun] = _COMPLETED | (_ANSWERED if event.answer is not None else 0)
        if event.at_ns < self._at_ns[begun]:
            return f"operation {event.op} is complete before it began"
        return ""

    def _left_open(self) -> Iterator[tuple[int, str]]:
        """Problems of a journal that is whole: its operations are all there, and all ended."""
        expected = 0
        for place, (op, index) in enumerate(zip(self._op, self._index, strict=True)):
            if not self._flags[place] & _COMPLETED:
                yield index, f"operation {op} never ends"
            if self._at_merchant[place]:
                expected += 1
                if self._place(Vantage.MERCHANT, expected, 0) < 0:
                    yield index, f"operation {expected} is missing"
                first = self._place(Vantage.MERCHANT, op, 0)
                answered = first >= 0 and self._flags[first] & _ANSWERED
                if answered and self._place(Vantage.PROVIDER, op, 0) < 0 and op not in self._fired:
                    yield index, f"operation {op} was answered, and never reached the provider"


def _payload(event: Begin) -> tuple[object, ...]:
    """Return what an operation asks for, which is the same wherever it is seen."""
    return (
        event.kind, event.account, event.order, event.fingerprint, event.amount_minor, event.currency, event.payee,
    )  # fmt: skip
