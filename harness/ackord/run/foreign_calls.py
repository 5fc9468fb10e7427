"""Record the calls that a user's own client makes through the gateway, as operations that are judged like ours.

The gateway knows when a request went on to the provider and what came back, and nothing of the client. So both
vantages get the gateway's instants. The answer counts as delivered unless a fault took it or put another in its place.
What cannot be read as an operation about a known order is counted by its reason, because a verdict says nothing of it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from ..chaos.faults.edge import edge_faults
from ..chaos.gateway.exchange_record import ExchangeRecord
from ..client.provider_client import ClientState
from ..contract.base.http_messages import HttpRequest
from ..contract.codec.codec import Payment, ResponseContext
from ..contract.codec.request_parser import ParsedRequest
from ..contract.loading.loader import LoadedContract
from ..contract.signing.oauth2 import token_request
from ..core.event import Begin
from ..core.operation import ORDER_OPERATIONS, WRITES, OperationKind, Vantage, acknowledges
from ..record.recorder import NO_ANSWER, Recorder
from ..record.request_reading import RequestReading
from ..workload.order import WorkloadOrder

__all__ = ["ForeignCalls"]


class _Original(NamedTuple):
    """A request that was recorded, by which the gateway's copies of it are known."""

    request: HttpRequest
    op: int


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
    ) -> None:
        """``adopt`` makes a new order the run's; what began before ``since_ns`` is somebody else's."""
        self._contract = loaded.contract
        self._codec = loaded.codec
        self._requests = RequestReading(loaded)
        self._recorder = recorder
        self._state = state
        self._adopt = adopt
        self._orders: dict[str, WorkloadOrder] = {}
        self._since_ns = since_ns
        tokens = [token_request(holder.settings) for holder in self._codec.token_holders.values()]
        self._tokens = {f"{each.method} {each.target.partition('?')[0]}" for each in tokens}
        """What fetches an access token: it is nobody's order, and the harness asks for one too."""
        self._attempts: Counter[tuple[str, bool]] = Counter()
        self._originals: list[_Original] = []
        self._early_copies: list[ExchangeRecord] = []
        self._lock = threading.Lock()
        self.judged = 0
        """Calls that are operations of the contract, and recorded."""
        self.unread: Counter[str] = Counter()
        """Calls that are not, by the reason."""

    def __str__(self) -> str:
        if not self.judged and not self.unread:
            return "no calls of your own client"
        text = f"{self.judged} call{'s' * (self.judged != 1)} of your own client judged"
        if self.unread:
            told = "; ".join(f"{count} x {reason}" for reason, count in self.unread.most_common(5))
            text += f", {self.unread.total()} not judged: {told}"
        return text

    def take(self, x: ExchangeRecord) -> None:
        """Record an exchange, or count why it is not recorded."""
        if x.begin_ns < self._since_ns:
            return
        with self._lock:
            if x.copy:
                if not self._copy(x):
                    self._early_copies.append(x)
                return
            self._original(x)
            self._early_copies = [copy for copy in self._early_copies if not self._copy(copy)]

    def _original(self, x: ExchangeRecord) -> None:
        place = f"{x.request.method} {x.request.target.partition('?')[0]}"
        if place in self._tokens:
            return
        asked = self._requests.read(x.request)
        if asked is not None and asked.operation.startswith("prerequisite:"):
            return
        if asked is None:
            self.unread[f"{place}: no operation of the contract"] += 1
        elif asked.operation not in ORDER_OPERATIONS:
            self.unread[f"{place}: a call of the {asked.operation.replace(':', ' ')}, which is about no order"] += 1
        else:
            payment = self._requests.payment(x.request, asked, self._state.numbers)
            if payment.order_no:
                self._record(x, asked, payment)
            else:
                self.unread[f"{place}: its order is not known"] += 1

    def _record(self, x: ExchangeRecord, asked: ParsedRequest, payment: Payment) -> None:
        kind = OperationKind(asked.operation)
        write = kind in WRITES
        self._attempts[payment.order_no, write] += 1
        attempt = self._attempts[payment.order_no, write]
        ours = payment.account in self._contract.accounts
        if kind is OperationKind.SUBMIT:
            if attempt > 1:
                kind = OperationKind.RESUBMIT
            if ours and payment.order_no not in self._orders:
                self._orders[payment.order_no] = self._adopt(payment)
        amount_minor = payment.amount_minor or None if write else None  # 0: the request has none that can be read
        op = self._recorder.next_op()
        known = payment if ours else payment._replace(account=self._contract.owner)
        self._recorder.add(
            Begin(
                x.begin_ns, Vantage.MERCHANT, op, 0, kind, payment.account, payment.order_no, attempt,
                self._codec.fingerprint(known) if write else "", amount_minor, x.node,
                payment.currency if amount_minor else "", payment.payee if write else "",
            )
        )  # fmt: skip
        self._originals.append(_Original(x.request, op))
        self.judged += 1
        self._answered(x, op, kind, payment)
        self._recorder.reached(
            op, 0, x.begin_ns, x.complete_ns, x.response if x.complete else None, request=x.request, node=x.node,
            detail=_why(x),
        )  # fmt: skip

    def _answered(self, x: ExchangeRecord, op: int, kind: OperationKind, payment: Payment) -> None:
        """Record what the client got, as far as the gateway knows."""
        at_ns = x.complete_ns or x.begin_ns
        faults = edge_faults()
        taken = [name for name in x.faults if name in faults and not faults[name].composable]
        if not x.complete or x.response is None:
            self._recorder.gave_up(op, at_ns, _why(x))
            return
        context = ResponseContext(
            payment.order_no,
            self._state.provider_ids.get((payment.account, payment.order_no)),
            payment.account,
            x.request,
        )
        reading = self._codec.read(kind, x.response, context)
        self._state.note(payment, reading)
        order = self._orders.get(payment.order_no)
        if order is not None and acknowledges(kind, reading.observation):
            order.acknowledged = True
        if taken:
            self._recorder.gave_up(op, at_ns, f"{taken[0]} kept the answer from the client")
        else:
            self._recorder.complete(op, at_ns, reading, x.response)

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
