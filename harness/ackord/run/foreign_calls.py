"""Record the calls that a user's own client makes through the gateway, as operations that are judged like ours.

The gateway knows when a request went on to the provider and what came back, and nothing of the client. So both
vantages get the gateway's instants. Where a fault hit the request, the gateway also tells what the client was given;
until then the client's answer is open.
What cannot be read as an operation about a known order is counted by its reason, because a verdict says nothing of it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from ..chaos.gateway.exchange_record import DeliveryRecord, ExchangeRecord, FaultRecord
from ..client.provider_client import ClientState
from ..contract.base.http_messages import HttpRequest, HttpResponse
from ..contract.codec.codec import Interpretation, Payment, ResponseContext
from ..contract.codec.request_parser import ParsedRequest
from ..contract.loading.loader import LoadedContract
from ..contract.signing.oauth2 import token_request
from ..core.event import Begin, FaultChange, OrderIntent
from ..core.operation import ORDER_OPERATIONS, SUBMITS, WRITES, Observation, OperationKind, Vantage, acknowledges, knows
from ..record.recorder import NO_ANSWER, Recorder
from ..record.request_reading import RequestReading
from ..workload.order import WorkloadOrder

__all__ = ["ForeignCalls", "TypedExchange"]


_TELLS_NOTHING = frozenset({Observation.RETRYABLE, Observation.UNREADABLE})
"""What a provider may answer to a write and carry it out all the same."""


class TypedExchange(NamedTuple):
    """A request that reached the provider, and what came back. Instants are nanoseconds of the monotonic clock."""

    operation: str
    """``submit``, ``resubmit``, ``query``, ...; empty, as are account and number: it is about no known order."""
    account: str
    """The contract's name of the account that asked."""
    order_no: str
    """The merchant's number of the order."""
    request: HttpRequest
    response: HttpResponse | None
    """``None``: no whole response arrived; ``end`` says why."""
    reading: Interpretation | None
    """What the contract makes of the response; ``None`` without a response, or without an order."""
    node: str
    begin_ns: int
    complete_ns: int | None
    faults: tuple[str, ...]
    """The faults that hit it."""
    end: str
    """``complete``, ``reset``, ``timeout``, ``refused`` or ``garbled``."""


class _Original(NamedTuple):
    """A request that was recorded, by which the gateway's copies of it are known."""

    request: HttpRequest
    op: int


class _OpenCall(NamedTuple):
    """A recorded call whose answer is still on its way to the client."""

    op: int
    kind: OperationKind
    payment: Payment
    request: HttpRequest
    at_ns: int


class ForeignCalls:
    """Takes the gateway's records of other clients. Safe from any thread."""

    def __init__(
        self,
        loaded: LoadedContract,
        recorder: Recorder,
        state: ClientState,
        adopt: Callable[[Payment], WorkloadOrder],
        *,
        since_ns: int,
        intent_of: Callable[[HttpRequest], str] = lambda request: "",
    ) -> None:
        """``adopt`` makes a new order the run's; what began before ``since_ns`` is somebody else's. ``intent_of`` gives
        the payable thing that a submit says it is for; empty: it does not say.
        """
        self._contract = loaded.contract
        self._codec = loaded.codec
        self._requests = RequestReading(loaded)
        self._recorder = recorder
        self._state = state
        self._adopt = adopt
        self._orders: dict[str, WorkloadOrder] = {}
        self._since_ns = since_ns
        self._intent_of = intent_of
        self._ops: dict[int, int] = {}
        """Operations by the gateway's number of the request; 0: it is none about a known order."""
        self._open: dict[int, _OpenCall] = {}
        """By the gateway's number of the request."""
        self._early_faults: list[FaultRecord] = []
        self.fired: Counter[str] = Counter()
        """How often each fault hit a call that is judged."""
        tokens = [token_request(holder.settings) for holder in self._codec.token_holders.values()]
        self._tokens = {f"{each.method} {each.target.partition('?')[0]}" for each in tokens}
        """What fetches an access token: it is nobody's order, and the harness asks for one too."""
        self._attempts: Counter[tuple[str, OperationKind]] = Counter()
        self._originals: list[_Original] = []
        self._early_copies: list[ExchangeRecord] = []
        self._lock = threading.Lock()
        self.judged = 0
        """Calls that are operations of the contract, and recorded."""
        self.unread: Counter[str] = Counter()
        """Calls that are not, by the reason."""
        self.seen: Callable[[TypedExchange], None] = lambda exchange: None
        """Called with each exchange that the gateway tells, copies left out."""

    @property
    def total(self) -> int:
        """How many calls came, judged or not. What fetches a token is none."""
        return self.judged + self.unread.total()

    def __str__(self) -> str:
        if not self.total:
            return "no calls of your own client"
        text = f"{self.judged} call{'s' * (self.judged != 1)} of your own client judged"
        if self.unread:
            told = "; ".join(f"{count} x {reason}" for reason, count in self.unread.most_common(5))
            text += f", {self.unread.total()} not judged: {told}"
        return text

    def take(self, x: ExchangeRecord | FaultRecord | DeliveryRecord) -> None:
        """Record what the gateway tells of a call, or count why it is not recorded."""
        with self._lock:
            if isinstance(x, FaultRecord):
                if x.at_ns >= self._since_ns:
                    self._early_faults.append(x)
            elif isinstance(x, DeliveryRecord):
                if x.at_ns >= self._since_ns:
                    self._delivered(x)
            elif x.begin_ns < self._since_ns:
                return
            elif x.copy:
                self._early_copies.append(x)
            else:
                self._original(x)
            self._early_copies = [copy for copy in self._early_copies if not self._copy(copy)]
            self._early_faults = [fault for fault in self._early_faults if not self._fired(fault)]

    def flush(self) -> None:
        """End what is open: no more is coming from the gateway. Answers that it did not give were not given."""
        with self._lock:
            for fault in self._early_faults:
                self._recorder.add(FaultChange(fault.at_ns, fault.fault, "fired", "edge", 0, dict(fault.detail)))
            self._early_faults = []
            for call in self._open.values():
                self._recorder.gave_up(call.op, call.at_ns, "the answer did not reach the client")
            self._open = {}

    def _original(self, x: ExchangeRecord) -> None:
        read = self._read(x.request)
        if read is None:
            self._ops[x.op] = 0
            self._show(x)
            return
        ended_ns = x.complete_ns or x.begin_ns
        call = self._begin(x.op, x.begin_ns, x.request, x.node, *read)
        self._show(x, call)
        self._learn(call, x)
        if x.faults and x.complete and x.op:
            self._open[x.op] = call._replace(at_ns=ended_ns)  # the gateway will tell what became of it
        else:
            self._answered(call, x.response if x.complete else None, ended_ns, _why(x))
        self._recorder.reached(
            call.op, 0, x.begin_ns, x.complete_ns, x.response if x.complete else None, request=x.request, node=x.node,
            detail=_why(x),
        )  # fmt: skip

    def _show(self, x: ExchangeRecord, call: _OpenCall | None = None) -> None:
        response = x.response if x.complete else None
        about, reading = ("", "", ""), None
        if call is not None:
            about = (call.kind.value, call.payment.account, call.payment.order_no)
            reading = None if response is None else self._codec.read(call.kind, response, self._context(call))
        self.seen(
            TypedExchange(*about, x.request, response, reading, x.node, x.begin_ns, x.complete_ns, x.faults, x.end)
        )

    def _delivered(self, x: DeliveryRecord) -> None:
        """Record what the client got for a request that a fault hit."""
        call = self._open.pop(x.op, None)
        if call is None:
            read = None if x.op in self._ops else self._read(x.request)
            if read is None:  # it is no call about an order, or was given up before
                return
            call = self._begin(x.op, x.at_ns, x.request, x.node, *read)  # it never reached the provider
        self._answered(call, x.response, x.at_ns, x.detail)

    def _fired(self, x: FaultRecord) -> bool:
        """Record that a fault hit a call; ``False``: the call has not been recorded."""
        op = self._ops.get(x.op)
        if op is None:
            return False
        if op:
            self.fired[x.fault] += 1
        self._recorder.add(FaultChange(x.at_ns, x.fault, "fired", "edge", op, dict(x.detail)))
        return True

    def _read(self, request: HttpRequest) -> tuple[ParsedRequest, Payment] | None:
        """Return what a request asks for; ``None``, and counted, where that is not about a known order."""
        place = f"{request.method} {request.target.partition('?')[0]}"
        if place in self._tokens:
            return None
        asked = self._requests.read(request)
        if asked is not None and asked.operation.startswith("prerequisite:"):
            return None
        if asked is None:
            self.unread[f"{place}: no operation of the contract"] += 1
        elif asked.operation not in ORDER_OPERATIONS:
            self.unread[f"{place}: a call of the {asked.operation.replace(':', ' ')}, which is about no order"] += 1
        else:
            payment = self._requests.payment(request, asked, self._state.numbers)
            if payment.order_no:
                return asked, payment
            self.unread[f"{place}: its order is not known"] += 1
        return None

    def _begin(
        self, number: int, at_ns: int, request: HttpRequest, node: str, asked: ParsedRequest, payment: Payment
    ) -> _OpenCall:
        """Record that the client made a call; ``number`` is the gateway's."""
        kind = OperationKind(asked.operation)
        write = kind in WRITES
        self._attempts[payment.order_no, kind] += 1
        attempt = self._attempts[payment.order_no, kind]
        ours = payment.account in self._contract.accounts
        if kind is OperationKind.SUBMIT:
            if attempt > 1:
                kind = OperationKind.RESUBMIT
            if ours and payment.order_no not in self._orders:
                self._orders[payment.order_no] = self._adopt(payment)
        refund = self._requests.refund(asked, payment)
        sent_minor = payment.amount_minor if refund is None else refund.amount_minor
        amount_minor = sent_minor or None if write else None  # 0: the request has none that can be read
        op = self._recorder.next_op()
        known = payment if ours else payment._replace(account=self._contract.owner)
        self._recorder.add(
            Begin(
                at_ns, Vantage.MERCHANT, op, 0, kind, payment.account, payment.order_no, attempt,
                self._codec.fingerprint(known) if write else "", amount_minor, node,
                payment.currency if amount_minor else "", payment.payee if write else "",
                refund.number if refund is not None else "",
            )
        )  # fmt: skip
        self._originals.append(_Original(request, op))
        self.judged += 1
        if number:
            self._ops[number] = op
        if kind in SUBMITS and (intent := self._intent_of(request)):
            self._recorder.add(OrderIntent(at_ns, payment.order_no, intent))
        return _OpenCall(op, kind, payment, request, at_ns)

    def _learn(self, call: _OpenCall, x: ExchangeRecord) -> None:
        """Remember what the provider said, whether or not the client got it: the run asks for the order later."""
        order = self._orders.get(call.payment.order_no)
        if not x.complete or x.response is None:
            if order is not None and call.kind in SUBMITS and x.end != "refused":
                order.in_doubt = True
            return
        reading = self._codec.read(call.kind, x.response, self._context(call))
        self._state.note(call.payment, reading, call.kind)
        if order is not None:
            if call.kind in SUBMITS and reading.observation in _TELLS_NOTHING:
                order.in_doubt = True
            order.acknowledged = order.acknowledged or acknowledges(call.kind, reading.observation)
            order.known = order.known or knows(call.kind, reading.observation)

    def _answered(self, call: _OpenCall, response: HttpResponse | None, at_ns: int, why: str) -> None:
        """Record what the client got; ``None``: nothing."""
        if response is None:
            self._recorder.gave_up(call.op, at_ns, why)
        else:
            reading = self._codec.read(call.kind, response, self._context(call))
            self._recorder.complete(call.op, at_ns, reading, response)

    def _context(self, call: _OpenCall) -> ResponseContext:
        account, order_no = call.payment.account, call.payment.order_no
        return ResponseContext(order_no, self._state.provider_ids.get((account, order_no)), account, call.request)

    def _copy(self, x: ExchangeRecord) -> bool:
        """Record a copy that the gateway made; ``False``: the request that it is a copy of has not been recorded."""
        original = next((each for each in reversed(self._originals) if each.request == x.request), None)
        if original is None:
            return False
        self._recorder.reached(
            original.op, x.copy, x.begin_ns, x.complete_ns, x.response if x.complete else None, request=x.request,
            node=x.node, detail=_why(x),
        )  # fmt: skip
        return True


def _why(x: ExchangeRecord) -> str:
    """Why there is no answer."""
    return x.detail or NO_ANSWER.get(x.end, x.end)
