"""Judges that a callback and a query, or two callbacks, never show terminal states of one order that contradict each
other.

Callbacks come late, twice and in any order, so only states are compared, never instants: two terminal states contradict
each other if no declared later edge leads from one to the other, in either direction.

Not every callback tells whose order it is about, or which payload. A number that several accounts or payloads used, or
that is sent again where each submit is an order of its own, is therefore not judged.
"""

from __future__ import annotations

from itertools import combinations

from ..core.event import CallbackReceived
from ..core.history import Exchange, OrderHistory
from ..core.payment_state import TERMINAL
from ..core.promises import SamePayloadAnswer
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, request

ID = "callback-agrees-with-query"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.callbacks or order.foreign or not order.submits:
        return NOTHING
    new_order = ctx.promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT
    if len({x.fingerprint for x in order.submits}) > 1 or (new_order and len(order.submits) > 1):
        return NOTHING
    ends = [c for c in order.callbacks if c.state in TERMINAL]
    shown = {x.state: x for x in reversed(order.answers.states) if x.state in TERMINAL}
    if not ends or (len(ends) < 2 and not shown):
        return NOTHING
    exposures = len(ends)
    called = {c.state: c for c in reversed(ends)}
    states = sorted({*called, *shown})
    for a, b in combinations(states, 2):
        if (a not in called and b not in called) or ctx.edges.declared(a, b) or ctx.edges.declared(b, a):
            continue
        # A pair of which only one was called back: the callback is told last.
        call = called[b] if b in called else called[a]
        other = a if call.state is b else b
        witness: Exchange | CallbackReceived = shown[other] if other in shown else called[other]
        told = f"{_name(witness)} showed {other.name}; {_name(call)} showed {call.state.name}"
        proof = [witness] if isinstance(witness, Exchange) else list(order.acks[:1] or order.submits[:1])
        text = f"{told}; no declared edge leads from one to the other, in whatever order they came"
        return exposures, [finding(ID, order, Result.VIOLATED, text, proof, at_ns=call.at_ns)]
    return exposures, ()


def _name(x: Exchange | CallbackReceived) -> str:
    if isinstance(x, CallbackReceived):
        return f"callback {x.callback} ({x.detail})" if x.detail else f"callback {x.callback}"
    return f"{request(x)} ({answer(x)})"


GUARANTEE = Guarantee(
    ID,
    "Callbacks and queries agree on the end",
    "Callbacks and answers about one order MUST NOT show two terminal states, unless a declared later edge leads from "
    "one to the other.",
    "The merchant books what the callback says and reconciles by the query, or the reverse: one of the two is wrong "
    "about where the money is.",
    judge,
    depends_on="later_edges",
    exposure="A callback that tells how an order ended, where a query or another callback tells it too.",
)
