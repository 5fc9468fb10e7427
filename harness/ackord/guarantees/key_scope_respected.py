"""Judges that another account that uses the same number gets no answer about the owner's order.

Orders are compared, not names. An identifier that holds the merchant's number is equal for both accounts and proves
nothing; then the amount tells whose order an answer shows, because the other account sends another one. So it does
where an identifier derives from the number in a way that cannot be seen: each account is shown its own amount.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import amount, answer, request

ID = "key-scope-respected"

_SUBMITS = (OperationKind.SUBMIT, OperationKind.RESUBMIT)
_EVIDENCE = (
    Observation.ACK,
    Observation.STATUS,
    Observation.NOT_FOUND,
    Observation.DUPLICATE,
    Observation.CONFLICT,
    Observation.REJECTED,
)


_TELLING = 6
"""Letters that two texts do not have in common by chance."""


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.foreign or not order.submits:
        return NOTHING
    acked_ns = order.acknowledged_ns
    exposures = 0
    for x in order.foreign:
        if x.observation not in _EVIDENCE or not _first_of_its_account(order, x):
            continue
        exposures += acked_ns is not None and x.begin_ns > acked_ns
        leak = _leak(order, x)
        if leak:
            proof = [*order.acks[:1], x] if order.acks else [order.submits[0], x]
            text = f"{request(x)} of account {x.account} {leak}; the number is account {order.account}'s"
            return max(exposures, 1), [finding(ID, order, Result.VIOLATED, text, proof)]
    return exposures, ()


def _first_of_its_account(order: OrderHistory, x: Exchange) -> bool:
    """Return whether no submit of that account began before ``x`` was complete, so that ``x`` can only refer to the
    owner's order.
    """
    return not any(
        y.kind in _SUBMITS and y.account == x.account and y is not x and y.begin_ns <= (x.complete_ns or 0)
        for y in order.foreign
    )


def _leak(order: OrderHistory, x: Exchange) -> str:
    """Return what ``x`` discloses of the owner's order, if anything."""
    if x.complete_ns is None or x.complete_ns < order.submits[0].begin_ns:
        return ""
    ours = {y.provider_id for y in order.exchanges if y.provider_id is not None}
    if x.kind is OperationKind.QUERY:
        return (
            f"was answered {answer(x)} for a number that it never submitted"
            if x.observation is Observation.STATUS
            else ""
        )
    if x.kind not in _SUBMITS:
        return ""
    if x.observation in (Observation.ACK, Observation.DUPLICATE) and x.provider_id in ours:
        amounts = {y.sent_amount_minor for y in order.submits}
        if x.amount_minor != x.sent_amount_minor and x.amount_minor is not None and x.amount_minor in amounts:
            return f"was answered with our order {x.provider_id}, of {amount(x.amount_minor)}"
        if not _derives(x.provider_id, order.number) and not _two_orders(order, x, amounts):
            return f"was answered with our order {x.provider_id}"
    if x.observation in (Observation.CONFLICT, Observation.DUPLICATE):
        return f"was answered {answer(x)}, because of our submit"
    return ""


def _two_orders(order: OrderHistory, x: Exchange, ours: set[int | None]) -> bool:
    """Return whether ``x`` shows their amount, and a later answer to the owner shows his own."""
    if x.amount_minor is None or x.amount_minor != x.sent_amount_minor or x.amount_minor in ours:
        return False
    ended_ns = x.complete_ns or 0
    later = [y.amount_minor for y in order.exchanges if y.begin_ns > ended_ns and y.kind is not OperationKind.REFUND]
    return any(minor in ours for minor in later if minor is not None)


def _derives(provider_id: str, number: str) -> bool:
    """Return whether the identifier holds the merchant's number, or a part of it, however it is spelt."""
    mine, theirs = _letters(number), _letters(provider_id)
    longest, shortest = max(mine, theirs, key=len), min(mine, theirs, key=len)
    return provider_id == number or (len(shortest) >= _TELLING and shortest in longest)


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).lower()


def _unless(promises: Promises) -> str:
    if not promises.several_accounts:
        return "the contract has one account only"
    return "" if promises.key_scoped_by_account else "the contract does not scope numbers by account"


GUARANTEE = Guarantee(
    ID,
    "A number belongs to its account",
    "A number that one account used MUST mean nothing in the answers to another account.",
    "One customer reads another's payments, or has his own refused or answered with a stranger's receipt.",
    judge,
    _unless,
    depends_on="key_scope",
    exposure="Another account's request under a number of ours that began after the acknowledgement.",
)
