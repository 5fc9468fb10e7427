"""Hand-written histories in few words: ``order("A").submit(0, 5, ack=True).query(6, 7, not_found=True)``. Times are in
milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from ackord.core.clock import MS
from ackord.core.event import Begin, CallbackReceived, Complete, Event, LedgerRead, Movement, Phase
from ackord.core.history import History, OrderHistory, RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.verdict import Finding
from ackord.guarantees import GUARANTEES, JudgeContext

__all__ = ["OURS", "Order", "history", "judged", "order", "result_of"]

OURS = "ours"
_numbers = count(1)


def ns(ms: float) -> int:
    return round(ms * MS)


class Order:
    """One order number's events at the provider's vantage, and at the merchant's where an answer arrived there."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.events: list[Event] = []
        self._movements = count(1)
        self._read = 0
        """How many events there were when the ledger was read last."""

    def _exchange(
        self,
        kind: OperationKind,
        begin: float,
        end: float | None,
        observation: Observation | None,
        state: PaymentState = PaymentState.UNKNOWN,
        *,
        id: str | None = None,
        amount: int | None = None,
        sent: int | None = None,
        payload: str = "",
        account: str = OURS,
        delivered: bool = True,
        copy: int = 0,
        op: int = 0,
        detail: str = "",
        definite: bool | None = None,
        currency: str | None = None,
        payee: str | None = None,
        to: str = "payee",
        no: str = "",
        variation: str = "",
    ) -> Order:
        """``op``: of the request that this is a copy of; 0: a number of its own."""
        op = op or next(_numbers)
        attempt = 1
        started = Begin(ns(begin), Vantage.PROVIDER, op, copy, kind, account, self.number, attempt, payload, sent, "")
        started = started._replace(variation=variation)
        if sent is not None:
            started = started._replace(currency="EUR", payee=to)
        started = started._replace(refund_no=no)
        self.events.append(started)
        if copy == 0:
            self.events.append(started._replace(vantage=Vantage.MERCHANT))
        if end is not None:
            if definite is None:
                definite = observation in (Observation.REJECTED, Observation.CONFLICT)
            outcome = Outcome.FAIL if definite else Outcome.OK if observation is not None else Outcome.INFO
            done = Complete(
                ns(end), Vantage.PROVIDER, op, copy, outcome, observation, state, id, amount, detail, None,
                currency, payee,
            )  # fmt: skip
            self.events.append(done)
            if delivered and copy == 0:
                self.events.append(done._replace(vantage=Vantage.MERCHANT))
        return self

    def submit(self, begin: float, end: float | None = None, answer: str = "ACK", **more: Any) -> Order:
        """A submit; ``end=None`` leaves it without an answer."""
        return self._write(OperationKind.SUBMIT, begin, end, answer, **more)

    def resubmit(self, begin: float, end: float | None = None, answer: str = "ACK", **more: Any) -> Order:
        return self._write(OperationKind.RESUBMIT, begin, end, answer, **more)

    def cancel(self, begin: float, end: float | None = None, answer: str = "ACK", **more: Any) -> Order:
        return self._write(OperationKind.CANCEL, begin, end, answer, **more)

    def refund(self, begin: float, end: float | None = None, answer: str = "ACK", **more: Any) -> Order:
        """A refund; ``no`` is its number, ``sent`` what is to be given back."""
        return self._write(OperationKind.REFUND, begin, end, answer, **({"no": "R1", "sent": 40} | more))

    def _write(
        self, kind: OperationKind, begin: float, end: float | None, answer: str,
        state: str = "UNKNOWN", payload: str = "p1", sent: int | None = 100, **more: Any,
    ) -> Order:  # fmt: skip
        observation = Observation[answer] if end is not None else None
        return self._exchange(kind, begin, end, observation, PaymentState[state], payload=payload, sent=sent, **more)

    def query(self, begin: float, end: float | None = None, state: str = "PROCESSING", **more: Any) -> Order:
        """A query that is answered with ``state``; ``NOT_FOUND``, ``RETRYABLE``, ... are observations."""
        observation: Observation | None = None
        shown = PaymentState.UNKNOWN
        if end is not None:
            bare = state in ("NOT_FOUND", "RETRYABLE", "UNREADABLE", "REJECTED", "IN_PROGRESS")
            observation = Observation[state] if bare else Observation.STATUS
            shown = PaymentState[state] if state in PaymentState.__members__ else PaymentState.UNKNOWN
        return self._exchange(OperationKind.QUERY, begin, end, observation, shown, **more)

    def pays(
        self, at: float, amount: int = 100, *, id: str = "", account: str = OURS, kind: str = "payout",
        currency: str = "", no: str = "",
    ) -> Order:  # fmt: skip
        movement = id or f"mv-{self.number}-{next(self._movements)}"
        self.events.append(Movement(ns(at), account, self.number, movement, amount, kind, currency, no))
        return self

    def gives_back(self, at: float, amount: int = 40, *, no: str = "R1", **more: Any) -> Order:
        """A refund in the ledger."""
        return self.pays(at, amount, kind="refund", no=no, **more)

    def ledger_read(self, at: float, *, began: float | None = None, of: str = "", problem: str = "") -> Order:
        """The ledger was read at one instant, unless ``began`` says otherwise; ``of``: for one order only.

        As in a run, the movements since it was read last are as old as this reading.
        """
        if began is None:
            self.events[self._read :] = [
                e._replace(at_ns=ns(at)) if isinstance(e, Movement) else e for e in self.events[self._read :]
            ]
        self._read = len(self.events)
        began_ns = None if problem else ns(at if began is None else began)
        self.events.append(LedgerRead(ns(at), 0, problem, began_ns, of))
        return self

    def called(self, at: float, state: str = "PROCESSING", *, account: str = OURS, **shown: Any) -> Order:
        """A callback of the provider; ``shown``: ``provider_id``, ``amount_minor``, ``currency``, ``payee``."""
        self.events.append(
            CallbackReceived(
                ns(at), self.number, "status", Observation.STATUS, PaymentState[state], "", account, **shown
            )
        )
        return self


def order(number: str = "A") -> Order:
    return Order(number)


_HEADER = RunHeader("contract", "profile", "provider", Vantage.PROVIDER, 7, Promises())


def history(
    *orders: Order,
    promises: Promises | None = None,
    healed: float | None = None,
    complete: bool = True,
    events: Sequence[Event] = (),
    **header: Any,
) -> History:
    """A history of these orders; ``healed`` is when the phase ``settle`` began."""
    everything = [e for o in orders for e in o.events] + list(events)
    if healed is not None:
        everything.append(Phase(ns(healed), "settle"))
    everything.sort(key=lambda e: e.at_ns)
    return History(replace(_HEADER, promises=promises or Promises(), **header), everything, complete=complete)


def judged(
    guarantee: str,
    one: Order,
    promises: Promises | None = None,
    *,
    healed: float | None = None,
    window: float | None = None,
    first_words: frozenset[str] = frozenset(),
) -> tuple[int, list[Finding]]:
    """Exposures and findings of one guarantee over one order."""
    cut: list[OrderHistory] = history(one, promises=promises).orders
    assert len(cut) == 1
    context = JudgeContext(
        promises or Promises(),
        healed_ns=None if healed is None else ns(healed),
        exposure_window_ns=None if window is None else ns(window),
        first_words=first_words,
        end_ns=max((event.at_ns for event in one.events), default=0),
    )
    exposures, findings = GUARANTEES.get(guarantee).judge(cut[0], context)
    return exposures, list(findings)


def result_of(
    guarantee: str,
    one: Order,
    promises: Promises | None = None,
    *,
    healed: float | None = None,
    window: float | None = None,
    first_words: frozenset[str] = frozenset(),
) -> str:
    """``none`` (no exposure), ``held``, ``UNSAFE`` or ``VIOLATED``: one word for one order."""
    exposures, findings = judged(guarantee, one, promises, healed=healed, window=window, first_words=first_words)
    assert len(findings) <= 1, findings
    if findings:
        found = findings[0]
        assert found.guarantee == guarantee
        assert found.order == one.number
        assert found.summary and "None" not in found.summary
        assert (found.result.value == "UNSAFE") == bool(found.safe_policies)
        return found.result.value
    return "held" if exposures else "none"
