"""Words findings: durations, exchanges and answers in a payment engineer's terms."""

from __future__ import annotations

from ..core.clock import MS, SECOND
from ..core.event import Begin, CallbackDelivered, CallbackReceived
from ..core.history import Exchange
from ..core.operation import OperationKind, acknowledges
from ..core.payment_state import PaymentState

__all__ = [
    "BUFFER",
    "MERGE_ORDER",
    "NEVER_NEW_NUMBER",
    "POLL",
    "RESUBMIT",
    "amount",
    "answer",
    "callback",
    "delivery",
    "duration",
    "first_word",
    "request",
    "requests",
]

BUFFER, POLL, RESUBMIT, MERGE_ORDER = "buffer", "poll", "resubmit", "merge: order"
NEVER_NEW_NUMBER = "never a new number"
"""Merchant policies, as ``safe_policies`` names them."""

_NOUNS = {OperationKind.RESUBMIT: "resubmission", OperationKind.LEDGER: "ledger query"}


def duration(ns: int) -> str:
    """``0.8 ms``, ``31 ms``, ``2.5 s``."""
    if abs(ns) >= SECOND:
        return f"{ns / SECOND:.3g} s" if abs(ns) < 1000 * SECOND else f"{ns / SECOND:.0f} s"
    return f"{ns / MS:.3g} ms" if abs(ns) >= MS // 1000 else f"{ns} ns"


def request(x: Exchange | Begin) -> str:
    """``query 12``, ``resubmission 14, copy 1``, with the node where there are several, and with what is unusual
    about it.
    """
    copy = f", copy {x.copy}" if x.copy else ""
    node = f" (node {x.node})" if x.node else ""
    refund = f" ({x.refund_no})" if x.refund_no else ""
    variation = f" ({x.variation})" if x.variation else ""
    return f"{_NOUNS.get(x.kind, x.kind.value)} {x.op}{refund}{copy}{node}{variation}"


def requests(xs: list[Exchange]) -> str:
    """Name several exchanges in one phrase."""
    return " and ".join(request(x) for x in xs)


def answer(x: Exchange) -> str:
    """Describe an answer: the contract's short text, and the state if the text does not name it."""
    state = x.state.name if x.state is not PaymentState.UNKNOWN else ""
    text = x.detail or (x.observation.value if x.observation is not None else "nothing")
    return text if not state or state in text else f"{text} ({state})"


def callback(x: CallbackReceived) -> str:
    """``the callback order-event (PAID)``."""
    return f"the callback {x.callback} ({x.detail})" if x.detail else f"the callback {x.callback}"


def first_word(known: Exchange) -> str:
    """Name the answer by which the provider first said that it has the order."""
    if acknowledges(known.kind, known.observation):
        return "the acknowledgement"
    return f"the answer {answer(known)} to {request(known)}"


def amount(minor: int | None) -> str:
    return "no amount" if minor is None else f"{minor} minor units"


def delivery(x: CallbackDelivered) -> str:
    """``the callback order-event (PAID)``; ``the forged callback order-event (FAILED; signature: wrong)``."""
    if x.forged:
        return f"the forged callback {x.callback} ({x.state.name}; {x.forged})"
    return f"the callback {x.callback} ({x.state.name})"
