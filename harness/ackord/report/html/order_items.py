"""Lists what happened to one order as numbered items in words, each with its raw exchange behind one click."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...core.event import Begin, CallbackReceived, Complete, MerchantReport
from ...core.operation import Vantage
from ...core.payment_state import PaymentState
from ..exchange_text import describe, describe_delivery, describe_movement, kind_word
from ..fault_context import fault_detail
from ..format import money, relative
from .markup import details, raw, safe
from .order_record import OrderRecord, TwoSidedExchange
from .run_activity import OperationResult, outcome_of

__all__ = ["CLASSES", "Lane", "OrderItem", "PageAllowance", "Place", "item_list", "order_items"]

CLASSES = {
    OperationResult.OK: "ok",
    OperationResult.NOT_FOUND: "missing",
    OperationResult.FAILED: "failed",
    OperationResult.OTHER: "other",
    OperationResult.NONE: "none",
}
"""CSS classes of outcomes; every mark also names its outcome in words."""
_HEADERS = 40
_RAW_LIMIT = 2_000_000
_ORDERS = 40
"""The most orders that a page draws."""


class Lane(NamedTuple):
    """A row of the drawing: who, where, and who saw it. Sorted from the merchant to the money."""

    rank: int
    name: str
    seen: str


class Place(NamedTuple):
    """Where an item stands in the drawing."""

    lane: Lane
    begin_ns: int
    end_ns: int


class OrderItem(NamedTuple):
    """One thing that happened to an order. Texts are markup already."""

    at_ns: int
    places: tuple[Place, ...]
    classes: str
    label: str
    """In a few words: ``query 35: NOT_FOUND``."""
    marks: tuple[str, ...]
    """What is special about it: ``acknowledged the order``, ``broke the guarantee``."""
    words: str
    times: str
    more: str = ""
    number: int = 0


@dataclass(slots=True)
class PageAllowance:
    """How much a page may still show of single orders, so that it stays small; the rest is in the journals."""

    left: int = _RAW_LIMIT
    """Bytes of raw exchanges."""
    left_out: int = 0
    """Exchanges whose raw answer did not fit."""
    orders: int = _ORDERS
    """Orders that may still be drawn."""

    def take(self, markup: str) -> str:
        """Return a raw exchange, or where it is if it does not fit."""
        size = len(markup.encode("utf-8", "replace"))
        if size > self.left:
            self.left_out += 1
            return '<p class="soft">Its raw answer is in the journal: this page holds no more of them.</p>'
        self.left -= size
        return markup

    def take_order(self) -> bool:
        """Return whether one more order may be drawn."""
        self.orders -= 1
        return self.orders >= 0


def order_items(record: OrderRecord, options: Mapping[str, Any], allowance: PageAllowance) -> list[OrderItem]:
    """Return all items by time, numbered from 1. ``options`` are those of the journal's header."""
    found = [*_exchanges(record, options, allowance), *_callbacks(record), *_reports(record)]
    found += [*_movements(record, str(options.get("currency", ""))), *_strikes(record)]
    found.sort(key=lambda item: item.at_ns)
    return [item._replace(number=n) for n, item in enumerate(found, 1)]


def item_list(items: list[OrderItem], anchor: str, left_out: str) -> str:
    """Return the items as an ordered list. ``left_out`` says what is not shown of the order."""
    rows = []
    for item in items:
        marks = "".join(f' <strong class="mark {_mark_class(m)}">{m}</strong>' for m in item.marks)
        rows.append(
            f'<li id="{anchor}-{item.number}" class="item {item.classes}{" broke" if _breaks(item) else ""}">'
            f'<span class="number {item.classes}" aria-hidden="true">{item.number}</span><div>'
            f"<p>{item.words}{marks}</p>"
            f'<p class="times">{item.times}</p>{item.more}</div></li>'
        )
    rest = f'<p class="soft">{left_out}</p>' if left_out else ""
    return f'<ol class="items">{"".join(rows)}</ol>{rest}'


def _mark_class(mark: str) -> str:
    return "alarm" if mark == BROKE else "ack" if mark == ACKNOWLEDGED else "proof"


def _breaks(item: OrderItem) -> bool:
    return BROKE in item.marks


ACKNOWLEDGED = "acknowledged the order"
BROKE = "broke the guarantee"
_PROOF = "part of the proof"


# -- exchanges ---------------------------------------------------------------------------------------------------------


def _exchanges(record: OrderRecord, options: Mapping[str, Any], allowance: PageAllowance) -> Iterator[OrderItem]:
    currency = str(options.get("currency", ""))
    for x in record.exchanges:
        judged = x.judged
        marks = [ACKNOWLEDGED] if x.acknowledges else []
        marks += [BROKE] if x.offending else [_PROOF] if x.evidence and not x.acknowledges else []
        places = tuple(
            Place(_lane(begin), begin.at_ns, max(begin.at_ns, end.at_ns) if end else begin.at_ns)
            for begin, end in x.sides
        )
        times = [f"{_seen(begin)}: {_span(begin, end, record.origin_ns)}" for begin, end in x.sides]
        yield OrderItem(
            x.begin_ns,
            places
            or (Place(Lane(2, "provider", "as judged"), judged.begin_ns, judged.complete_ns or judged.begin_ns),),
            CLASSES[outcome_of(judged)],
            f"{safe(kind_word(judged.kind))} {judged.op}: {_answer(x)}",
            tuple(marks),
            safe(describe(judged, record.order, currency), 400),
            "; ".join(times),
            _fired(x) + allowance.take(_raw_exchange(x, options)),
        )


def _lane(begin: Begin) -> Lane:
    node = f"node {safe(begin.node, 40)}" if begin.node else ""
    if begin.vantage is Vantage.MERCHANT:
        return Lane(1, f"merchant {safe(begin.account, 40)}" + (f" to {node}" if node else ""), "seen at the merchant")
    return Lane(2, f"provider{', ' + node if node else ''}", "seen at the provider")


def _seen(begin: Begin) -> str:
    return "at the merchant" if begin.vantage is Vantage.MERCHANT else "at the provider"


def _span(begin: Begin, end: Complete | None, origin_ns: int) -> str:
    ended = "never ended" if end is None else f"{relative(end.at_ns - origin_ns)}"
    if end is not None and end.observation is None:
        ended = f"given up {ended}"
    return f"{relative(begin.at_ns - origin_ns)} → {ended}"


def _answer(x: TwoSidedExchange) -> str:
    """Return the answer in a word or two: ``acknowledged``, ``NOT_FOUND``, ``PROCESSING``, ``no answer``."""
    judged = x.judged
    if judged.observation is None:
        return "no answer"
    if judged.observation.value == "ACK":
        return "acknowledged"
    if judged.state is not PaymentState.UNKNOWN:
        return judged.state.name
    return judged.observation.value


def _fired(x: TwoSidedExchange) -> str:
    if not x.fired:
        return ""
    said = dict.fromkeys(
        safe(f.fault, 60) + (f" ({safe(detail, 160)})" if (detail := fault_detail(f.detail)) else "") for f in x.fired
    )
    return f'<p class="soft">Faults that fired on it: {"; ".join(said)}.</p>'


def _raw_exchange(x: TwoSidedExchange, options: Mapping[str, Any]) -> str:
    begin = x.sent or x.reached
    parts = [f"<h5>Request</h5><pre>{_raw_request(begin, options)}</pre>"] if begin is not None else []
    answers = [(_seen(begin), _raw_answer(end)) for begin, end in x.sides]
    if len(answers) == 2 and answers[0][1] == answers[1][1]:
        answers = [("the same at both", answers[0][1])]
    parts += [f"<h5>Answer, {where}</h5><pre>{text}</pre>" for where, text in answers]
    return details("Raw exchange", "".join(parts), classes="raw") if parts else ""


def _raw_request(begin: Begin, options: Mapping[str, Any]) -> str:
    """Return what is recorded of a request: its line as the contract has it, and what it was about."""
    requests = options.get("requests")
    line = requests.get(begin.kind.value, requests.get("submit", "")) if isinstance(requests, Mapping) else ""
    amount = money(begin.amount_minor, begin.currency or str(options.get("currency", "")))
    facts = {
        "order number": begin.order,
        "account": begin.account,
        "node": begin.node,
        "amount": amount,
        "payee": begin.payee,
        "payload": begin.fingerprint,
    }
    lines = [raw(str(line), 400)] if line else []
    return "\n".join([*lines, *(f"{name}: {safe(said, 400)}" for name, said in facts.items() if said)])


def _raw_answer(end: Complete | None) -> str:
    if end is None:
        return "none: the record ends before"
    if end.answer is None:
        return safe(end.detail or "no answer")
    answer = end.answer
    headers = answer.get("headers")
    lines = [f"HTTP {safe(answer.get('status', ''), 20)}"]
    if isinstance(headers, Mapping):
        lines += [f"{safe(name, 100)}: {safe(value, 400)}" for name, value in list(headers.items())[:_HEADERS]]
        lines += [f"… ({len(headers) - _HEADERS} more headers)"] if len(headers) > _HEADERS else []
    body = answer.get("body")
    lines += ["", raw(body if isinstance(body, str) else str(body or ""))]
    if answer.get("truncated"):
        lines.append("… (the body was longer; the journal holds no more of it)")
    return "\n".join(lines)


# -- everything else ---------------------------------------------------------------------------------------------------


def _callbacks(record: OrderRecord) -> Iterator[OrderItem]:
    lane = Lane(3, "callbacks", "provider to merchant")
    for d in record.deliveries:
        began = d.received_ns if d.received_ns is not None else d.sent_ns
        words = safe(describe_delivery(d), 400)
        times = f"passed on {relative(d.sent_ns - record.origin_ns)} → {relative(d.at_ns - record.origin_ns)}"
        if d.received_ns is not None:
            times = f"came from the provider {relative(d.received_ns - record.origin_ns)}; {times}"
        place = Place(lane, began, max(began, d.at_ns))
        yield OrderItem(began, (place,), "other" if d.forged else "call", f"callback: {d.state.name}", (), words, times)
    for c in record.callbacks:
        words = f"callback {safe(c.callback, 60)}: {_told(c)}"
        place = Place(lane, c.at_ns, c.at_ns)
        times = f"arrived {relative(c.at_ns - record.origin_ns)}"
        yield OrderItem(c.at_ns, (place,), "call", f"callback: {c.state.name}", (), words, times)


def _told(c: CallbackReceived) -> str:
    said = f"says {c.state.name}" if c.state is not PaymentState.UNKNOWN else safe(c.observation.value)
    return f"{said} ({safe(c.detail, 200)})" if c.detail else said


def _reports(record: OrderRecord) -> Iterator[OrderItem]:
    lane = Lane(4, "merchant's word", "what it takes the payment for")
    for r in record.reports:
        at = f"{relative(r.at_ns - record.origin_ns)}"
        yield OrderItem(
            r.at_ns, (Place(lane, r.at_ns, r.at_ns),), "word", _word(r), (), f"the merchant says: {_word(r)}", at
        )


def _word(r: MerchantReport) -> str:
    said = [r.outcome.value] if r.outcome is not None else []
    said += [f"{r.payments} payments in its books"] if r.payments is not None else []
    return safe(", ".join(said) or "nothing", 100)


def _movements(record: OrderRecord, currency: str) -> Iterator[OrderItem]:
    lane = Lane(5, "money", "as the ledger shows it")
    for m in record.movements:
        words = safe(describe_movement(m, record.order, m.currency or currency), 400)
        proof = m.movement_id in record.finding.movements
        yield OrderItem(
            m.at_ns,
            (Place(lane, m.at_ns, m.at_ns),),
            "money",
            f"{safe(m.kind, 20)} of {safe(money(m.amount_minor, m.currency or currency), 40)}",
            (BROKE,) if proof else (),
            words,
            f"read from the ledger {relative(m.at_ns - record.origin_ns)}",
        )


def _strikes(record: OrderRecord) -> Iterator[OrderItem]:
    """Return momentary faults that struck while the order was under way."""
    first_ns, last_ns = record.span
    lane = Lane(0, "faults that strike", "as they were injected")
    blows = [f for story in record.faults for f in story.blows if first_ns <= f.at_ns <= last_ns]
    for f in sorted(blows, key=lambda f: f.at_ns)[:8]:
        detail = fault_detail(f.detail)
        words = f"fault {safe(f.fault, 60)} struck" + (f": {safe(detail, 200)}" if detail else "")
        times = relative(f.at_ns - record.origin_ns)
        yield OrderItem(f.at_ns, (Place(lane, f.at_ns, f.at_ns),), "blow", words, (), words, times)
