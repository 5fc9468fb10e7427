"""Judge exchanges that another tool made, one by one as they come.

The history of an order begins with its first acknowledgement: what a tool that makes up its inputs sent before (bodies
that were refused, numbers that somebody else uses) says nothing of the order. Payloads are equal only if their bytes
are, so a field that the contract does not name never turns another request into a resubmission. Both rules err towards
silence: whatever is reported is a proof.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field

from ..contract.base.http_messages import HttpRequest, HttpResponse
from ..contract.codec.request_parser import ParsedRequest, RequestParser
from ..contract.codec.response_reader import ResponseContext
from ..contract.loading.loader import LoadedContract
from ..contract.signing import FixedHeaders
from ..core.history import Exchange, OrderHistory
from ..core.operation import ORDER_OPERATIONS, OperationKind, Outcome, acknowledges
from ..guarantees import GUARANTEES, JudgeContext

__all__ = ["OnlineChecker"]


@dataclass(slots=True)
class _CheckedOrder:
    exchanges: list[Exchange] = field(default_factory=list)
    offenders: dict[str, set[int]] = field(default_factory=dict)
    """Operations already reported for breaking a guarantee."""


class OnlineChecker:
    """Safe from any thread."""

    def __init__(self, contract: LoadedContract) -> None:
        codec = contract.codec
        self._codec = codec
        self._understanding = RequestParser(contract.contract)
        self._judging = JudgeContext(codec.promises)
        self._credentials = {
            name: frozenset((n.lower(), value) for n, value in merchant.headers)
            for name, merchant in codec.merchants.items()
            if isinstance(merchant, FixedHeaders)
        }
        self._orders: dict[str, _CheckedOrder] = {}
        self._numbers: dict[str, str] = {}
        """Order numbers by the provider's identifiers."""
        self._operations = 0
        self._lock = threading.Lock()

    def saw(self, request: HttpRequest, answer: HttpResponse, began_ns: int, ended_ns: int) -> Exchange | None:
        """Record an exchange with bounds of its begin and end; return ``None`` for one that is not about an order."""
        understood = self._understanding.read(request)
        if understood is None or understood.operation not in ORDER_OPERATIONS:
            return None
        with self._lock:
            order_no = self._order_number(understood)
            if not order_no:
                return None
            exchange = self._exchange(request, answer, understood, order_no, began_ns, ended_ns)
            order = self._orders.get(order_no)
            if order is None:
                if not acknowledges(exchange.kind, exchange.observation):
                    return None
                order = self._orders[order_no] = _CheckedOrder()
            order.exchanges.append(exchange)
            if acknowledges(exchange.kind, exchange.observation) and exchange.provider_id is not None:
                self._numbers.setdefault(exchange.provider_id, order_no)
            return exchange

    def broken(self, guarantee: str, exchange: Exchange) -> str:
        """Return what of ``guarantee`` is broken for the order of ``exchange``, so far; empty for nothing new."""
        with self._lock:
            order = self._orders[exchange.order]
            told = order.offenders.setdefault(guarantee, set())
            history = OrderHistory(exchange.order, [x for x in order.exchanges if x.op not in told], [], None)
            _, found = GUARANTEES.get(guarantee).judge(history, self._judging)
            if not found:
                return ""
            told.add(found[0].evidence[-1][0])
            return f"order {exchange.order}: {found[0].summary}"

    def _order_number(self, understood: ParsedRequest) -> str:
        number = understood.values.get("order_no")
        if number is None:
            return self._numbers.get(str(understood.values.get("provider_id")), "")
        return str(number)

    def _exchange(
        self,
        request: HttpRequest,
        answer: HttpResponse,
        understood: ParsedRequest,
        order_no: str,
        began_ns: int,
        ended_ns: int,
    ) -> Exchange:
        self._operations += 1
        kind, account = OperationKind(understood.operation), self._account(request)
        provider_id = understood.values.get("provider_id")
        reading = self._codec.read(kind, answer, ResponseContext(order_no, provider_id, account))
        submit = kind is OperationKind.SUBMIT
        if submit and order_no in self._orders:
            kind = OperationKind.RESUBMIT
        amount = understood.values.get("amount.minor") if submit else None
        return Exchange(
            op=self._operations,
            copy=0,
            kind=kind,
            account=account,
            order=order_no,
            attempt=1,
            begin_ns=began_ns,
            complete_ns=ended_ns,
            observation=reading.observation,
            state=reading.state,
            provider_id=reading.provider_id,
            amount_minor=reading.amount_minor,
            sent_amount_minor=amount if type(amount) is int else None,
            fingerprint=_fingerprint(request) if submit else "",
            delivered=True,
            detail=reading.detail,
            node="",
            definite=reading.outcome is Outcome.FAIL,
            sent_currency=str(understood.values.get("currency", "")) if submit else "",
            sent_payee=str(understood.values.get("payee", "")) if submit else "",
            currency=reading.currency,
            payee=reading.payee,
        )

    def _account(self, request: HttpRequest) -> str:
        """Return whose credentials the request carries; empty: nobody's. Signed requests count as the owner's."""
        if not self._credentials:
            return self._codec.contract.owner
        sent = {(name.lower(), value) for name, value in request.headers}
        return next((name for name, headers in self._credentials.items() if headers <= sent), "")


def _fingerprint(request: HttpRequest) -> str:
    content_type = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    payload = f"{request.target}\n{content_type}\n".encode() + request.body
    return hashlib.blake2b(payload, digest_size=8).hexdigest()
