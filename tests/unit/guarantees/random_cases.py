"""Small random histories for the comparison with brute force: terminal conflicts, later edges, promised windows,
indeterminate operations, errors and refusals, answers that say that the order is known, copies of the network.
"""

from __future__ import annotations

import random
from itertools import pairwise

from ackord.core.clock import MS
from ackord.core.event import Begin
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import NotFound, Promises, SamePayloadAnswer

from .build import Order, order

__all__ = ["random_case"]

_S = PaymentState


def random_case(seed: int) -> tuple[Order, Promises]:
    """A small history and the promises that it is judged by."""
    r = random.Random(seed)
    span = r.choice([6, 12, 20])
    states = r.choice(
        [
            ["RECEIVED", "PROCESSING", "SUCCEEDED", "NOT_FOUND"],
            ["PROCESSING", "SUCCEEDED", "FAILED", "RETURNED"],
            ["NOT_FOUND", "PROCESSING", "NOT_FOUND", "UNKNOWN"],
            ["PROCESSING", "SUCCEEDED", "FAILED", "CANCELLED", "DECLINED", "RETURNED", "NOT_FOUND", "RETRYABLE"],
            ["SUCCEEDED", "RETURNED", "FAILED"],
        ]
    )
    one = order("A")
    begin = r.randrange(4)
    # A third of the histories is about orders that were not simply acknowledged.
    doubtful = r.random() < 0.33
    shown = r.choice(["UNKNOWN", "RECEIVED", "PROCESSING", "SUCCEEDED"])
    first = r.choice(["RETRYABLE", "RETRYABLE", "REJECTED", "ACK"]) if doubtful else "ACK"
    one.submit(begin, _end(r, begin), first, state=shown if first == "ACK" else "UNKNOWN")
    for _ in range(r.randint(1, 5)):
        begin = r.randint(0, span)
        if r.random() < (0.4 if doubtful else 0.15):
            answer = r.choice(_ANSWERS) if doubtful else "ACK"
            known = r.choice(["RECEIVED", "PROCESSING", "SUCCEEDED", "FAILED"]) if answer == "ACK" else "UNKNOWN"
            one.resubmit(begin, _end(r, begin), answer, state=known)
            if r.random() < 0.3:
                _copy(r, one)
        else:
            one.query(begin, _end(r, begin), "IN_PROGRESS" if doubtful and r.random() < 0.1 else r.choice(states))
    if r.random() < 0.2:
        one.pays(span + 10)
    one.ledger_read(span + 11)
    return one, _random_promises(r)


_ANSWERS = ["ACK", "DUPLICATE", "DUPLICATE", "IN_PROGRESS", "IN_PROGRESS", "RETRYABLE", "REJECTED"]


def _copy(r: random.Random, one: Order) -> None:
    """A copy of the last request, which the network delivered."""
    last = next(e for e in reversed(one.events) if isinstance(e, Begin))
    begin = last.at_ns // MS + r.choice([0, 1, 4])
    one.resubmit(begin, _end(r, begin), r.choice(_ANSWERS), copy=1, op=last.op)


_REPLAYS = [
    SamePayloadAnswer.REPLAY_CURRENT,
    SamePayloadAnswer.REPLAY_CURRENT,
    SamePayloadAnswer.REPLAY_ORIGINAL,
    SamePayloadAnswer.REJECT_PLAIN,
]


def _end(r: random.Random, begin: int) -> int | None:
    return None if r.random() < 0.12 else begin + r.choice([0, 1, 1, 2, 3, 6])


def _random_promises(r: random.Random) -> Promises:
    chain = [_S.SUCCEEDED, _S.RETURNED, _S.FAILED, _S.SUCCEEDED, _S.CANCELLED]
    pool = [*pairwise(chain), (_S.FAILED, _S.PROCESSING), (_S.RETURNED, _S.SUCCEEDED)]
    edges = tuple(
        LaterEdge(s, t, r.choice([None, 0, 2 * MS, 5 * MS])) for s, t in r.sample(pool, r.choice([0, 0, 1, 2, 3]))
    )
    return Promises(
        not_found=r.choice(list(NotFound)), not_found_tolerated_ns=r.choice([0, 1, 3, 8]) * MS, later_edges=edges,
        on_same_payload=r.choice(_REPLAYS)
    )  # fmt: skip
