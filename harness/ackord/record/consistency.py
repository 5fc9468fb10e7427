"""Checks what must agree in the journal of a run that Ackord itself wrote, besides its hashes.

Operations are numbered from 1 without a gap, each begun by the merchant before the provider gets it and completed at
most once. What reached the provider is the merchant's request. The ledger holds as many movements as it counted, and
each reading of a statement as many lines. A complete journal leaves nothing open. An edit that breaks none of these,
such as another amount in a movement, is not found here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..core.clock import SECOND
from ..core.event import Begin, Complete, FaultChange, LedgerRead, Movement
from ..core.history import History
from ..core.operation import Vantage
from ..core.statement_events import StatedLine, StatementRead

__all__ = ["inconsistency"]

_JITTER_NS = 10 * SECOND
"""How much later than its instant an operation may be written down: a thread may be stopped in between."""

_Key = tuple[Vantage, int, int]


def inconsistency(history: History) -> tuple[int, str] | None:
    """Return the index of the first event that does not fit, and why; ``None``: all agree."""
    return next(_Check(history).problems(), None)


class _Check:
    def __init__(self, history: History) -> None:
        self._history = history
        self._begun: dict[_Key, tuple[int, Begin]] = {}
        self._completed: dict[_Key, Complete] = {}
        self._fired = {e.op for e in history.events if isinstance(e, FaultChange) and e.change == "fired"}
        self._latest_ns = 0
        self._movements = 0
        self._lines: Counter[int] = Counter()
        """Of statements, by reading."""

    def problems(self) -> Iterator[tuple[int, str]]:
        for index, event in enumerate(self._history.events):
            problem = ""
            if isinstance(event, Begin):
                problem = self._begin(index, event)
            elif isinstance(event, Complete):
                problem = self._complete(event)
            elif isinstance(event, Movement):
                self._movements += 1
            elif isinstance(event, LedgerRead) and not event.problem:
                if event.movements != self._movements:
                    problem = f"the ledger had {event.movements} movements, and {self._movements} stand before it"
                self._movements = 0
            elif isinstance(event, StatedLine):
                self._lines[event.reading] += 1
            elif isinstance(event, StatementRead) and event.lines != self._lines[event.reading]:
                stand = self._lines[event.reading]
                problem = (
                    f"reading {event.reading} of the statement had {event.lines} lines, and {stand} stand before it"
                )
            if problem:
                yield index, problem
        if self._history.complete:
            yield from self._left_open()

    def _begin(self, index: int, event: Begin) -> str:
        key = (event.vantage, event.op, event.copy)
        if key in self._begun:
            return f"operation {event.op} begins twice"
        self._begun[key] = index, event
        if event.vantage is Vantage.MERCHANT:
            before = self._latest_ns
            self._latest_ns = max(before, event.at_ns)
            if before - event.at_ns > _JITTER_NS:
                return f"operation {event.op} begins {(before - event.at_ns) / SECOND:.0f} s before the one before it"
            return ""
        merchant = self._begun.get((Vantage.MERCHANT, event.op, 0))
        if merchant is None:
            return f"operation {event.op} reached the provider, and no merchant began it"
        sent = merchant[1]
        if event.at_ns < sent.at_ns:
            return f"operation {event.op} reached the provider before the merchant began it"
        if _payload(event) != _payload(sent):
            return f"operation {event.op} is another one at the provider than at the merchant"
        return ""

    def _complete(self, event: Complete) -> str:
        key = (event.vantage, event.op, event.copy)
        begun = self._begun.get(key)
        if begun is None:
            return f"operation {event.op} is complete, and did not begin"
        if key in self._completed:
            return f"operation {event.op} is completed twice"
        self._completed[key] = event
        if event.at_ns < begun[1].at_ns:
            return f"operation {event.op} is complete before it began"
        return ""

    def _left_open(self) -> Iterator[tuple[int, str]]:
        """Problems of a journal that is whole: its operations are all there, and all ended."""
        expected = 0
        for (vantage, op, copy), (index, _) in self._begun.items():
            if (vantage, op, copy) not in self._completed:
                yield index, f"operation {op} never ends"
            if vantage is Vantage.MERCHANT:
                expected += 1
                if (Vantage.MERCHANT, expected, 0) not in self._begun:
                    yield index, f"operation {expected} is missing"
                answered = self._completed.get((vantage, op, 0))
                reached = (Vantage.PROVIDER, op, 0) in self._begun
                if answered is not None and answered.answer is not None and not reached and op not in self._fired:
                    yield index, f"operation {op} was answered, and never reached the provider"


def _payload(event: Begin) -> tuple[object, ...]:
    """Return what an operation asks for, which is the same wherever it is seen."""
    return (
        event.kind, event.account, event.order, event.fingerprint, event.amount_minor, event.currency, event.payee,
    )  # fmt: skip
