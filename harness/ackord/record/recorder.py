"""Takes events from every thread and process of a run, and keeps them in one order, in memory and in the journal.

The merchant's side reports each operation; the gateway's records of what reached the provider are read with the same
contract, and joined to the merchant's operation by its number.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import Any

from ..chaos.gateway.exchange_record import DeliveryRecord, ExchangeRecord, FaultRecord, decode_record
from ..contract.base.http_messages import HttpRequest
from ..contract.codec.codec import HttpResponse, Interpretation, ResponseContext
from ..core.event import Begin, Complete, Event, FaultChange
from ..core.history import History, RunHeader
from ..core.operation import Observation, OperationKind, Outcome, Vantage
from ..core.payment_state import PaymentState
from .journal import JournalWriter
from .pending_queries import ArrivedCallback, PendingQueries, PendingQuery
from .redaction import HEADERS, redacted_answer

__all__ = ["NO_ANSWER", "Reader", "Recorder"]

Json = dict[str, Any]


Reader = Callable[[OperationKind, HttpResponse, ResponseContext], Interpretation]
"""What makes a reading of an operation's answer."""

NO_ANSWER = {
    "reset": "connection reset",
    "timeout": "no answer before the merchant gave up",
    "refused": "the provider refused the connection",
    "garbled": "the answer was not HTTP",
}
"""What it means that an exchange ended as the gateway's record says."""


_ASIDE = 1 << 32
"""Above all numbers of operations."""


class Recorder:
    """Safe from any thread."""

    def __init__(
        self,
        header: RunHeader,
        read: Reader,
        journal: JournalWriter | None = None,
        *,
        provider_id_of: Callable[[str, str], str | None] = lambda account, order_no: None,
        announced: bool = False,
        answer_headers: Collection[str] = (),
        redact: Collection[str] = (),
    ) -> None:
        """``provider_id_of`` gives the provider's identifier of an account's order, once the merchant knows it;
        ``announced``: callbacks that end queries also come by themselves; ``answer_headers``: what is kept of an
        answer's headers besides the usual ones; ``redact``: names of fields in bodies whose values are not kept."""
        self.header = header
        self._provider_id_of = provider_id_of
        self.events: list[Event] = []
        self._read = read
        self._kept_headers = HEADERS.union(answer_headers)
        self._redact = redact
        self._journal = journal
        self._begun: dict[int, Begin] = {}
        self._deferrals = {vantage: PendingQueries(announced) for vantage in Vantage}
        self._results: dict[int, Future[Interpretation]] = {}
        """By the merchant's operation: what is done when its callback came."""
        self._last_op = self._last_aside = 0
        self.on_foreign: Callable[[ExchangeRecord | FaultRecord | DeliveryRecord], None] | None = None
        """Takes the records of other clients than the harness's; ``None``: they are not recorded."""
        self.numbers: dict[str, str] = {}
        """Order numbers by the provider's identifiers, as soon as an answer that passed the gateway told one."""
        self.unanswered_in_a_row = 0
        """Requests to the provider that got no answer since the last one that got any."""
        self._lock = threading.Lock()

    def next_op(self) -> int:
        with self._lock:
            self._last_op += 1
            return self._last_op

    def next_aside(self) -> int:
        """Return a number for what is sent and not recorded, such as a prerequisite: the numbers of operations have no
        gap, by which an operation that was taken out of a journal is found.
        """
        with self._lock:
            self._last_aside += 1
            return _ASIDE + self._last_aside

    @property
    def operations(self) -> int:
        return self._last_op

    def add(self, event: Event) -> None:
        """Append an event. Raises ``EnvironmentFailed`` when the journal cannot be written."""
        with self._lock:
            self._add(event)

    def _add(self, event: Event) -> None:
        """The lock is held."""
        if type(event) is Begin and event.vantage is Vantage.MERCHANT:
            self._begun[event.op] = event
        self.events.append(event)
        if self._journal is not None:
            self._journal.add(event)

    def complete(
        self, op: int, at_ns: int, reading: Interpretation, answer: HttpResponse
    ) -> Future[Interpretation] | None:
        """Record the merchant's answer. For one that is DEFERRED: what is done when its callback has come.

        The future cannot be cancelled; whoever waits no longer calls ``gave_up``.
        """
        if reading.observation is not Observation.DEFERRED:
            self.add(self._completed(at_ns, Vantage.MERCHANT, op, 0, reading, answer))
            return None
        result = Future[Interpretation]()
        result.set_running_or_notify_cancel()
        with self._lock:
            self._results[op] = result
            self._defer(Vantage.MERCHANT, PendingQuery(op, 0, self._begun[op].at_ns))
        return result

    def called_back(self, account: str, order: str, arrived: ArrivedCallback) -> None:
        """Record a callback that ends queries of an account's order."""
        with self._lock:
            for vantage, deferrals in self._deferrals.items():
                pair = deferrals.arrive((account, order), arrived)
                if pair is not None:
                    self._end(vantage, *pair)

    def _defer(self, vantage: Vantage, query: PendingQuery) -> None:
        """The lock is held."""
        begun = self._begun[query.op]
        pair = self._deferrals[vantage].wait((begun.account, begun.order), query)
        if pair is not None:
            self._end(vantage, *pair)

    def _end(self, vantage: Vantage, query: PendingQuery, arrived: ArrivedCallback) -> None:
        """The lock is held: a time-out of the merchant's at the same moment must find the query ended, or still
        waiting.
        """
        self._add(self._completed(arrived.at_ns, vantage, query.op, query.copy, arrived.reading, arrived.answer))
        if vantage is Vantage.MERCHANT:
            self._results[query.op].set_result(arrived.reading)

    def gave_up(self, op: int, at_ns: int, detail: str) -> bool:
        """Record that the merchant got no answer: whether the operation happened is not known.

        Return False, and record nothing, if the callback that it waited for came first.
        """
        with self._lock:
            result = self._results.get(op)
            if result is not None:
                if result.done():
                    return False
                begun = self._begun[op]
                self._deferrals[Vantage.MERCHANT].give_up((begun.account, begun.order), op)
            self._add(_unanswered(at_ns, Vantage.MERCHANT, op, 0, detail))
            return True

    def chaos_event(self, message: Json) -> None:
        """Take a message of the chaos process. Raises ``EnvironmentFailed`` for a record in another
        version's format.
        """
        match decode_record(message):
            case ExchangeRecord() as exchange:
                self._exchange(exchange)
            case DeliveryRecord() as delivery:
                if self.on_foreign is not None:
                    self.on_foreign(delivery)
            case FaultRecord(op=op) as fired if op < 0 and self.on_foreign is not None:
                self.on_foreign(fired)
            case FaultRecord(_, fault, op, at_ns, detail):
                self.add(FaultChange(at_ns, fault, "fired", "edge", max(0, op), dict(detail)))

    def _exchange(self, x: ExchangeRecord) -> None:
        if x.op not in self._begun:
            if x.op <= 0 and self.on_foreign is not None:
                self.on_foreign(x)
            return  # not an operation of ours: a health check, or a foreign merchant's
        detail = x.detail or NO_ANSWER.get(x.end, x.end)
        answer = x.response if x.complete else None
        self.reached(x.op, x.copy, x.begin_ns, x.complete_ns, answer, request=x.request, node=x.node, detail=detail)

    def reached(
        self,
        op: int,
        copy: int,
        begin_ns: int,
        complete_ns: int | None,
        answer: HttpResponse | None,
        *,
        request: HttpRequest,
        node: str = "",
        detail: str = "",
    ) -> None:
        """Record that an operation reached the provider as ``request``, which signed answers are verified with.

        ``answer`` is ``None`` if no complete answer came, and ``detail`` says why.
        """
        begun = self._begun[op]
        vantage = Vantage.PROVIDER
        arrived = Begin(begin_ns, vantage, op, copy, *begun[4:10], node or begun.node, *begun[11:])
        if answer is None or complete_ns is None:
            self.unanswered_in_a_row += 1
            ended = _unanswered(complete_ns or begin_ns, vantage, op, copy, detail)
        else:
            self.unanswered_in_a_row = 0
            response_context = ResponseContext(
                begun.order, self._provider_id_of(begun.account, begun.order), begun.account, request
            )
            reading = self._read(begun.kind, answer, response_context)
            if reading.observation is Observation.DEFERRED:
                with self._lock:
                    self._add(arrived)
                    self._defer(vantage, PendingQuery(op, copy, begin_ns))
                return
            if reading.provider_id is not None:
                self.numbers.setdefault(reading.provider_id, begun.order)
            ended = self._completed(complete_ns, vantage, op, copy, reading, answer)
        with self._lock:
            self._add(arrived)
            self._add(ended)

    def _completed(
        self, at_ns: int, vantage: Vantage, op: int, copy: int, r: Interpretation, a: HttpResponse
    ) -> Complete:
        return Complete(
            at_ns, vantage, op, copy, r.outcome, r.observation, r.state, r.provider_id, r.amount_minor, r.detail,
            self.kept(a), r.currency, r.payee,
        )  # fmt: skip

    def kept(self, a: HttpResponse) -> Json:
        """Return what is recorded of an answer."""
        return redacted_answer(
            a.status, a.headers, a.body, truncated=a.truncated, kept_headers=self._kept_headers, fields=self._redact
        )

    def history(self, *, complete: bool = True) -> History:
        """The history so far."""
        with self._lock:
            return History(self.header, list(self.events), complete=complete)


def _unanswered(at_ns: int, vantage: Vantage, op: int, copy: int, detail: str) -> Complete:
    return Complete(at_ns, vantage, op, copy, Outcome.INFO, None, PaymentState.UNKNOWN, None, None, detail, None)
