"""Judges that a submit with an unusual key is answered as the contract declares: refused, or taken as an order of its
own.

Only first submits with the form are judged. An answer that decides nothing (IN_PROGRESS, RETRYABLE, UNREADABLE) is no
evidence. Two orders are one if the provider says that it has the second already, or gives both one identifier.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.key_promises import KeyAnswer, KeyVariation
from ..core.operation import Observation, OperationKind
from ..core.promises import Promises
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .wording import answer, request

ID = "key-form-respected"

_NO_EVIDENCE = (None, Observation.IN_PROGRESS, Observation.RETRYABLE, Observation.UNREADABLE)
_REFUSES = (Observation.REJECTED, Observation.CONFLICT)
_KNOWN = (Observation.CONFLICT, Observation.DUPLICATE)
_FORMS = {
    KeyVariation.MISSING: ("had no key", "missing"),
    KeyVariation.EMPTY: ("had an empty key", "empty"),
    KeyVariation.OVERLONG: ("had a key that is too long", "overlong"),
    KeyVariation.OTHER_CASE: ("had another order's key in the other case", "case_sensitive"),
}
"""What a submit with the form is said to be, and the promise about it."""


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.key_probes:
        return NOTHING
    keys = ctx.promises.keys
    judged = [
        x
        for x in order.key_probes
        if x.kind is OperationKind.SUBMIT
        and not x.copy
        and x.observation not in _NO_EVIDENCE
        and keys.declared(x.variation) is not None
    ]
    found = [f for x in judged if (f := _wrong(order, ctx, x)) is not None]
    return len(judged), worst_of(found)


def _wrong(order: OrderHistory, ctx: JudgeContext, x: Exchange) -> Finding | None:
    what, name = _FORMS[KeyVariation(x.variation)]
    declared = ctx.promises.keys.declared(x.variation)
    others = None if x.provider_id is None else ctx.first_op.get(x.provider_id)
    if declared is KeyAnswer.REJECT:
        if x.observation in _REFUSES:
            return None
        how = f"{answer(x)}, where the contract declares that it is refused"
    elif x.observation is Observation.REJECTED:
        how = f"refused ({answer(x)}), where the contract declares that it is taken"
    elif x.observation in _KNOWN:
        how = f"taken for an order that the provider has already ({answer(x)}), although nobody sent this key before"
    elif others is not None and others != x.op:
        how = f"answered with {x.provider_id}, which is the order of operation {others}: two orders became one"
    else:
        return None
    text = f"{request(x)} {what} (promises.keys.{name}) and was {how}"
    return finding(ID, order, Result.VIOLATED, text, [x])


def _nothing_declared(promises: Promises) -> str:
    return "" if promises.keys.of_forms else "the contract says nothing of a key's form under promises.keys"


GUARANTEE = Guarantee(
    ID,
    "A key of an unusual form is treated as declared",
    "A submit without a key, with an empty or an overlong key, or with a key in the other case MUST be refused or "
    "taken as an order of its own, as the contract declares; it MUST NOT be taken for another order.",
    "Two orders whose keys become one are one payment: the second payee gets nothing, and the merchant is told "
    "that it was paid.",
    judge,
    _nothing_declared,
    depends_on="keys",
    exposure="An answered first submit whose key has a form that the contract declares something about.",
)
