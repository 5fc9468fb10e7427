"""Groups the orders of a drill into intents: the payable things that the merchant means.

Two order numbers for one intent that both move money are a double payment, so everything depends on telling them apart.
Where the contract or the user declares the field of a submit that names the thing, that is certain. Otherwise orders of
the same payee, amount and currency that begin within a window of the intent's first are taken for one, unless the
merchant had been told before that the earlier one succeeded: it pays twice by not knowing, and one who knows means
another payment. Findings of such intents say so.

What the merchant did is what happened before the phase ``settle``. From then on no fault is in force and the harness
itself asks for every order: those answers, and the ledger, say what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...core.event import CallbackDelivered, MerchantReport
from ...core.history import Exchange, History, OrderHistory
from ...core.operation import SUBMITS, Observation, OperationKind, acknowledges
from ...core.payment_state import MONEY_MOVED, NO_MONEY, RANK, TERMINAL, PaymentState

__all__ = ["Intent", "MerchantOrder", "intents_of"]

_S = PaymentState
_OPEN = frozenset({_S.RECEIVED, _S.PROCESSING})
_TELLS = frozenset({Observation.ACK, Observation.STATUS, Observation.DUPLICATE, Observation.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class MerchantOrder:
    """One order number: what the merchant did with it, and what became of it."""

    history: OrderHistory
    calls: tuple[Exchange, ...]
    """The merchant's own, by begin."""
    last: PaymentState
    """What the provider showed of it in the end; NOT_FOUND where it was not there, UNKNOWN where nothing was said."""
    callbacks: tuple[CallbackDelivered, ...] = ()
    """Those that reached the merchant, forged ones included, by the instant at which they were sent to it."""

    @property
    def number(self) -> str:
        return self.history.number

    @property
    def submits(self) -> list[Exchange]:
        return [x for x in self.calls if x.kind in SUBMITS]

    @property
    def first_submit(self) -> Exchange:
        return next(x for x in self.calls if x.kind in SUBMITS)

    @property
    def payouts(self) -> int:
        """Return how often it moved money. A provider without a ledger is believed what it shows."""
        if self.history.ledger_read_ns is None:
            return int(self.last in MONEY_MOVED)
        return len(self.history.payouts)

    @property
    def moves(self) -> bool:
        """Return whether it moved money, or may still do so."""
        return bool(self.payouts) or self.last in _OPEN

    @property
    def came_back(self) -> bool:
        """Return whether the money came back: it was returned, or all of it was refunded."""
        if self.last is _S.RETURNED or any(m.kind == "return" for m in self.history.movements):
            return True
        refunds = {m.movement_id: m.amount_minor for m in self.history.movements if m.kind == "refund"}
        return bool(refunds) and sum(refunds.values()) >= sum(m.amount_minor for m in self.history.payouts)

    @property
    def acknowledged(self) -> bool:
        """Return whether the merchant was told that the order was accepted."""
        return any(acknowledges(x.kind, x.observation) for x in self.calls)

    @property
    def seen(self) -> PaymentState:
        """Return the highest state that the merchant was shown."""
        return max((state for _, state in self.genuine()), key=RANK.__getitem__, default=_S.UNKNOWN)

    def genuine(self) -> Iterator[tuple[int, PaymentState]]:
        """Yield what the provider told the merchant, and when: by its answers, and by callbacks that it took."""
        for x in self.calls:
            if x.complete_ns is not None:
                yield x.complete_ns, x.state
        for call in self.callbacks:
            if not call.forged and (call.status is None or 200 <= call.status < 300):
                yield call.sent_ns, call.state

    def told_of_return(self, before_ns: int) -> bool:
        """Return whether the merchant had been told by then that the money came back."""
        return any(state is _S.RETURNED and at_ns < before_ns for at_ns, state in self.genuine())

    def callback_since(self, x: Exchange | None, before_ns: int) -> CallbackDelivered | None:
        """Return the last callback that the merchant got after a call of its own and before an instant."""
        since_ns = -1 if x is None else (x.complete_ns or x.begin_ns)
        return next((c for c in reversed(self.callbacks) if since_ns < c.sent_ns < before_ns), None)

    def told_before(self, at_ns: int) -> Exchange | None:
        """Return the last call of the merchant that had ended before an instant, answered or not."""
        before = [x for x in self.calls if (x.complete_ns if x.complete_ns is not None else x.begin_ns) < at_ns]
        return before[-1] if before else None

    def shown_by(self, x: Exchange) -> bool:
        """Return whether an answer plainly shows that the order is there, and not failed.

        One that calls it a duplicate, or in progress, is taken for a failure by many a client.
        """
        return x.observation in (Observation.ACK, Observation.STATUS) and x.state not in NO_MONEY

    def misleading(self) -> list[Exchange]:
        """Return the merchant's calls that did not show the order although it was there or came to be.

        Each is an occasion to take a payment for failed that was not.
        """
        if not self.moves:
            return []
        found, best = [], _S.UNKNOWN
        for x in self.calls:
            if not self.shown_by(x) or (RANK[x.state] < RANK[best] and x.kind is OperationKind.QUERY):
                found.append(x)
            elif RANK[x.state] > RANK[best]:
                best = x.state
        return found

    def misleading_callbacks(self) -> list[CallbackDelivered]:
        """Return the callbacks that showed less than the merchant knew, or that no money moves although it does."""
        if not self.moves:
            return []
        found = []
        for call in self.callbacks:
            known = (RANK[state] for at_ns, state in self.genuine() if at_ns < call.sent_ns)
            if call.state in NO_MONEY or RANK[call.state] < max(known, default=-1):
                found.append(call)
        return found


@dataclass(slots=True)
class Intent:
    """One payable thing."""

    name: str
    declared: bool
    """Whether the merchant's requests named it; otherwise it was put together by payee, amount and time."""
    orders: list[MerchantOrder] = field(default_factory=list)
    """By their first submits."""
    reports: list[MerchantReport] = field(default_factory=list)
    """What the merchant said of it or of one of its orders, by instant."""
    path: str = ""
    """Where a submit was to name the thing and does not; empty: nobody declared a place."""

    @property
    def guessed(self) -> str:
        """Return what a finding about two of its orders must add; empty where the intent is certain."""
        if self.declared:
            return ""
        mend = (
            f"their submits hold nothing at {self.path}, which is to tell payments apart"
            if self.path
            else "name the field that tells payments apart (--intent, or drill.intent in the contract) to be certain"
        )
        return (
            ". Both are taken for one payable thing because payee, amount and currency are the same and the first was "
            f"open: {mend}"
        )

    def misleading(self, stale_lists: Iterable[tuple[int, int]] = ()) -> int:
        """Return how many answers and callbacks could have been misread, among them lists that lack an order (see
        ``MerchantContext.stale_lists``).
        """
        answers = sum(len(order.misleading()) + len(order.misleading_callbacks()) for order in self.orders)
        begun = [order.first_submit.begin_ns for order in self.orders if order.moves]
        return answers + sum(any(shown_ns <= at < got_ns for at in begun) for got_ns, shown_ns in stale_lists)

    def reports_of(self, order: MerchantOrder) -> list[MerchantReport]:
        """Return what was said of an order, or of the intent as a whole."""
        return [r for r in self.reports if r.order in ("", order.number)]


def intents_of(history: History) -> tuple[list[Intent], int]:
    """Return the intents of a drill by their first submits, and how many reports of the merchant fit none of them."""
    terms = history.header.options.get("drill", {})
    window_ns = int(terms.get("intent_window_ns", 0))
    orders = sorted(_orders(history), key=lambda order: order.first_submit.begin_ns)
    intents = list(_declared(orders, history.intents))
    unnamed = (o for o in orders if o.number not in history.intents)
    intents += _guessed(unnamed, window_ns, str(terms.get("intent", "")))
    intents.sort(key=lambda intent: intent.orders[0].first_submit.begin_ns)
    return intents, _add_reports(intents, history.merchant_reports)


def _orders(history: History) -> Iterator[MerchantOrder]:
    settle_ns = history.healed_ns()
    for order in history.orders:
        calls = [x for x in order.exchanges if settle_ns is None or x.begin_ns < settle_ns]
        if not any(x.kind in SUBMITS for x in calls):
            continue
        after = [x for x in order.exchanges if settle_ns is not None and x.begin_ns >= settle_ns]
        told = [c for c in history.callback_deliveries.get(order.number, ()) if _reached(c)]
        callbacks = sorted((c for c in told if settle_ns is None or c.sent_ns < settle_ns), key=lambda c: c.sent_ns)
        yield MerchantOrder(order, tuple(calls), _last(after, calls), tuple(callbacks))


def _reached(call: CallbackDelivered) -> bool:
    """Whether the merchant got a callback: it answered it, or took too long to do so."""
    return call.status is not None or "time-out" in call.detail


def _last(after: list[Exchange], calls: list[Exchange]) -> PaymentState:
    """What the harness was told last; without that, the highest that the merchant was shown."""
    for x in reversed(after):
        if x.observation is Observation.NOT_FOUND:
            return _S.NOT_FOUND
        if x.observation is Observation.STATUS and x.state is not _S.UNKNOWN:
            return x.state
    if after:
        return _S.UNKNOWN
    shown = [x.state for x in calls if x.observation in _TELLS]
    return max(shown, key=RANK.__getitem__, default=_S.UNKNOWN)


def _declared(orders: Iterable[MerchantOrder], names: dict[str, str]) -> Iterator[Intent]:
    found: dict[str, Intent] = {}
    for order in orders:
        name = names.get(order.number)
        if name is not None:
            found.setdefault(name, Intent(name, declared=True)).orders.append(order)
    return iter(found.values())


def _guessed(orders: Iterable[MerchantOrder], window_ns: int, path: str) -> Iterator[Intent]:
    last: dict[tuple[str, str, str, int], Intent] = {}
    for order in orders:
        first = order.first_submit
        intent = None
        if first.sent_amount_minor is not None:
            key = (first.account, first.sent_payee, first.sent_currency, first.sent_amount_minor)
            intent = last.get(key)
            if intent is not None and not _continues(intent, first, window_ns):
                intent = None
            if intent is None:
                last[key] = intent = Intent(order.number, declared=False, path=path)
                yield intent
        else:
            intent = Intent(order.number, declared=False, path=path)
            yield intent
        intent.orders.append(order)


def _continues(intent: Intent, submit: Exchange, window_ns: int) -> bool:
    """Whether a submit of the same payee and amount belongs to an intent that has begun."""
    if submit.begin_ns - intent.orders[0].first_submit.begin_ns > window_ns:
        return False
    told = (told for order in intent.orders for told in order.genuine())
    known = [(at_ns, state) for at_ns, state in told if at_ns < submit.begin_ns and state in TERMINAL]
    return not known or max(known, key=lambda told: told[0])[1] not in MONEY_MOVED


def _add_reports(intents: list[Intent], reports: Iterable[MerchantReport]) -> int:
    by_name = {intent.name: intent for intent in intents if intent.declared}
    by_order = {order.number: intent for intent in intents for order in intent.orders}
    strangers = 0
    for report in sorted(reports, key=lambda r: r.at_ns):
        intent = by_order.get(report.order) if report.order else by_name.get(report.intent)
        if intent is None:
            strangers += 1
        else:
            intent.reports.append(report)
    return strangers
