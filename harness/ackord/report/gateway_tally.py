"""Counts what passes a standing gateway: requests by operation and outcome, faults by order, the last exchanges."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..chaos.gateway.exchange_record import ExchangeRecord, FaultRecord, decode_record
from ..contract.codec.codec import ResponseContext
from ..contract.loading.loader import LoadedContract
from ..core.operation import ORDER_OPERATIONS, OperationKind
from ..core.recent_dict import RecentDict
from ..record.request_reading import RequestReading

__all__ = ["GatewayTally", "SeenExchange", "SeenFault", "TallySnapshot"]

_LAST = 12
_ORDERS_REMEMBERED = 1000
_OTHER = "other"


class SeenExchange(NamedTuple):
    """One request and what the provider answered."""

    at_ns: int
    operation: str
    order: str
    """Its number; empty if it is not known."""
    request: str
    outcome: str
    faults: tuple[str, ...]
    """Faults that could hit it."""

    def __str__(self) -> str:
        under = f"  under {', '.join(self.faults)}" if self.faults else ""
        return f"{self.operation} {self.order or '-'}: {self.request} -> {self.outcome}{under}"


class SeenFault(NamedTuple):
    """One effect of a fault."""

    at_ns: int
    fault: str
    operation: str
    order: str
    detail: str

    def __str__(self) -> str:
        where = f"{self.operation or _OTHER} {self.order or '-'}"
        return f"  {self.fault} hit {where}{f': {self.detail}' if self.detail else ''}"


class TallySnapshot(NamedTuple):
    """What was counted so far."""

    outcomes: Mapping[str, Mapping[str, int]]
    """Operation -> outcome -> requests."""
    faults: Mapping[str, int]
    """Fault -> effects."""
    orders: Mapping[str, Mapping[str, int]]
    """Order -> fault -> effects, those that were hit last."""
    exchanges: tuple[SeenExchange, ...]
    """The last ones, the newest last."""
    refused: tuple[str, ...]
    """What the proxy refused last."""

    @property
    def requests(self) -> int:
        return sum(sum(found.values()) for found in self.outcomes.values())


class GatewayTally:
    """Takes the events of the chaos process. Safe from any thread; what it remembers is bounded."""

    def __init__(self, loaded: LoadedContract) -> None:
        self._codec = loaded.codec
        self._requests = RequestReading(loaded)
        self._numbers = RecentDict[str, str]()
        """Order numbers by the provider's identifiers."""
        self._outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._faults = Counter[str]()
        self._orders = RecentDict[str, Counter[str]](_ORDERS_REMEMBERED)
        self._exchanges = deque[SeenExchange](maxlen=_LAST)
        self._refused = deque[str](maxlen=_LAST)
        self._lock = threading.Lock()

    def take(self, event: Mapping[str, Any]) -> SeenExchange | SeenFault | str | None:
        """Count an event; return what is to be said of it, and ``None`` for one that says nothing.

        Raises ``EnvironmentFailed`` for a record in another version's format.
        """
        with self._lock:
            if event["event"] == "proxy-refused":
                said = f"refused {event['target'] or 'a request'}: {event['problem']}"
                self._refused.append(said)
                return said
            match decode_record(event):
                case ExchangeRecord() as exchange:
                    return self._exchange(exchange)
                case FaultRecord() as fired:
                    return self._fault(fired)
                case _:
                    return None

    def _exchange(self, x: ExchangeRecord) -> SeenExchange:
        place = f"{x.request.method} {x.request.target.partition('?')[0]}"
        asked = self._requests.read(x.request)
        order, operation, outcome = "", _OTHER, f"{x.response.status}" if x.response is not None else x.end
        if asked is not None:
            operation = asked.operation
            payment = self._requests.payment(x.request, asked, self._numbers)
            order = payment.order_no
            if operation in ORDER_OPERATIONS and x.complete and x.response is not None:
                context = ResponseContext(order, None, payment.account, x.request)
                reading = self._codec.read(OperationKind(operation), x.response, context)
                if reading.provider_id and order:
                    self._numbers[reading.provider_id] = order
                known = reading.state.name if reading.observation.value == "STATUS" else reading.observation.value
                outcome = f"{x.response.status} {known}"
        seen = SeenExchange(x.complete_ns or x.begin_ns, operation, order, place, outcome, tuple(x.faults))
        self._outcomes[operation][outcome] += 1
        self._exchanges.append(seen)
        return seen

    def _fault(self, fired: FaultRecord) -> SeenFault:
        detail = dict(fired.detail)
        operation, order = str(detail.pop("operation", "")), str(detail.pop("order", ""))
        self._faults[fired.fault] += 1
        if order:
            found = self._orders.pop(order, Counter())
            found[fired.fault] += 1
            self._orders[order] = found
        words = ", ".join(f"{name} {value}" for name, value in detail.items())
        return SeenFault(fired.at_ns, fired.fault, operation, order, words)

    def snapshot(self) -> TallySnapshot:
        with self._lock:
            newest = list(self._orders.items())[-_LAST:]
            return TallySnapshot(
                {operation: dict(found) for operation, found in self._outcomes.items()},
                dict(self._faults),
                {order: dict(found) for order, found in newest},
                tuple(self._exchanges),
                tuple(self._refused),
            )
