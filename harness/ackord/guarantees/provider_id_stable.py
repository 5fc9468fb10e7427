"""Judges that queries and callbacks show the identifier that the acknowledgement gave the order."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.operation import SUBMITS, Observation
from ..core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, callback, request

ID = "provider-id-stable"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    submits = order.submits
    if not submits or _several_orders(order, ctx):
        return NOTHING
    # Read by position (kind, complete, provider_id), because this runs for every order of a run.
    given = {x[10] for x in submits if x[10] is not None}
    began_ns, exposures = submits[0].begin_ns, 0
    reference = next((x for x in submits if x[10] is not None), None)
    for x in order.answers.states:
        provider_id = x[10]
        if provider_id is None or x[2] in SUBMITS or (x[7] or 0) < began_ns:
            continue
        if reference is None:
            reference, given = x, {provider_id}
            continue
        exposures += 1
        if provider_id not in given:
            text = (
                f"{request(x)} was answered {answer(x)} with the identifier {provider_id}, and {request(reference)} "
                f"with {reference.provider_id}"
            )
            return exposures, [finding(ID, order, Result.VIOLATED, text, [reference, x])]
    if order.callbacks and reference is not None:
        return _in_callbacks(order, given, exposures)
    return exposures, ()


def _in_callbacks(order: OrderHistory, given: set[str], exposures: int) -> Judgement:
    strangers = any(x.kind in SUBMITS for x in order.foreign)
    found: list[Finding] = []
    for called in order.callbacks:
        owners = (order.account,) if strangers else (order.account, "")
        if called.provider_id is None or called.account not in owners or called.observation is not Observation.STATUS:
            continue
        exposures += 1
        if called.provider_id not in given:
            first = order.submits[0]
            text = (
                f"{callback(called)} shows the identifier {called.provider_id} for the "
                f"order of {request(first)}, which answers call {', '.join(sorted(given))}"
            )
            found = [finding(ID, order, Result.VIOLATED, text, [first], at_ns=called.at_ns)]
            break
    return exposures, found


def _several_orders(order: OrderHistory, ctx: JudgeContext) -> bool:
    """Return whether the contract lets one number stand for several orders, of which one may never have been told."""
    promises = ctx.promises
    return len(order.submits) > 1 and (
        promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT
        or promises.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT
        or promises.key_retention_ns is not None
    )


GUARANTEE = Guarantee(
    ID,
    "The provider's identifier of an order never changes",
    "A query or a callback MUST show the identifier under which the order was acknowledged, or that was shown first.",
    "The merchant files the payment under an identifier that support, statement and refund do not know.",
    judge,
    place="submit.extract",
    exposure="An answer or a callback with the provider's identifier, after one was given before.",
)
