"""Describes one exchange, or one movement of money, in words."""

from __future__ import annotations

from ..core.event import CallbackDelivered, Movement
from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.payment_state import PaymentState
from ..core.statement_events import StatedLine
from .format import money, printable

__all__ = ["describe", "describe_delivery", "describe_movement", "describe_stated_line", "kind_word"]

_SAYS = {
    Observation.ACK: "acknowledged",
    Observation.STATUS: "shows the order",
    Observation.NOT_FOUND: "order not found",
    Observation.DUPLICATE: "number known already",
    Observation.CONFLICT: "refused, the number is known with another payload",
    Observation.IN_PROGRESS: "still being worked on",
    Observation.REJECTED: "refused for good",
    Observation.RETRYABLE: "a transient error, nothing decided",
    Observation.UNREADABLE: "unreadable by the contract",
}
_NAMES = {OperationKind.RESUBMIT: "resubmission", OperationKind.LEDGER: "ledger query"}
_WRITES = (OperationKind.SUBMIT, OperationKind.RESUBMIT)


def describe(x: Exchange, order: OrderHistory, currency: str) -> str:
    """``query 35: 404 ORDER_NOT_FOUND - order not found``."""
    return f"{_request(x, order, currency)}: {_answer(x, currency)}"


def describe_delivery(call: CallbackDelivered) -> str:
    """``callback order-event, forged (signature: wrong): says FAILED; the merchant answered 200``."""
    copy = f" (copy {call.copy}, made on the way)" if call.copy else ""
    forged = f", forged ({printable(call.forged)})" if call.forged else ""
    answered = f"answered {call.status}" if call.status is not None else f"did not answer ({printable(call.detail)})"
    return f"callback {printable(call.callback)}{copy}{forged}: says {call.state.name}; the merchant {answered}"


def describe_movement(m: Movement, order: OrderHistory, currency: str) -> str:
    """``ledger: payout mv-7 of 19.99 EUR``."""
    whose = f", account {printable(m.account)}" if m.account and m.account != order.account else ""
    whose += f", order {printable(m.order)}" if m.order and m.order != order.number else ""
    return f"ledger: {printable(m.kind)} {printable(m.movement_id)} of {money(m.amount_minor, currency)}{whose}"


def describe_stated_line(line: StatedLine, currency: str) -> str:
    """``statement, page 2 of reading 3: payout ln_7 of 19.99 EUR``."""
    what = f"{printable(line.kind)} {printable(line.line_id)}".rstrip()
    amount = money(line.amount_minor, line.currency or currency)
    return f"statement, page {line.page} of reading {line.reading}: {what} of {amount}"


def kind_word(kind: OperationKind) -> str:
    """``submit``, ``resubmission``, ``query``."""
    return _NAMES.get(kind, kind.value)


def _request(x: Exchange, order: OrderHistory, currency: str) -> str:
    words = f"{kind_word(x.kind)} {x.op}"
    if x.copy:
        words += f" (copy {x.copy}, made on the way)"
    if x.kind in _WRITES:
        amount = money(x.sent_amount_minor, currency)
        words += f" of {amount}" if amount else ""
        if x.order == order.number and order.fingerprint and x.fingerprint != order.fingerprint:
            words += ", another payload"
    if x.refund_no:
        words += f" ({printable(x.refund_no)}) of {money(x.sent_amount_minor, currency)}"
    if x.order != order.number:
        words += f", order {printable(x.order)}"
    if x.account != order.account:
        words += f", by account {printable(x.account)}"
    if x.node:
        words += f", node {printable(x.node)}"
    return words


def _answer(x: Exchange, currency: str) -> str:
    if x.observation is None:
        return f"no answer ({printable(x.detail)})" if x.detail and x.detail != "no answer" else "no answer"
    state = "" if x.state in (PaymentState.UNKNOWN, PaymentState.NOT_FOUND) else x.state.name
    said = _SAYS[x.observation]
    if x.observation is Observation.STATUS and state:
        said = f"shows {state}"
    elif state and state not in x.detail:
        said += f", {state}"
    words = f"{printable(x.detail)} - {said}" if x.detail else said
    if x.kind in _WRITES and x.provider_id:
        words += f" as {printable(x.provider_id)}"
    if x.amount_minor is not None and x.sent_amount_minor is not None and x.amount_minor != x.sent_amount_minor:
        words += f", for {money(x.amount_minor, currency)}"
    return words if x.delivered else f"{words}; the merchant never got this answer"
