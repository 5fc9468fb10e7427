"""Judges the history of a drill: applies every guarantee of a merchant to every intent.

As for a provider nothing passes without an exposure, a crashed judge is ``ERROR``, and one violation stands. What the
merchant did not do, and which faults never met it, is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...core.clock import MS
from ...core.event import CallbackReceived, Complete
from ...core.event_index import gc_disabled
from ...core.history import History
from ...core.operation import OperationKind, Vantage
from ...core.promises import SamePayloadAnswer
from ...core.usable_answers import UsableAnswers
from ...core.verdict import Doubt, GuaranteeVerdict, MissingEvidence, Result, Verdict
from ..tally import GuaranteeTally
from .base import MERCHANT_GUARANTEES, MerchantContext, MerchantGuarantee
from .intent import Intent, MerchantOrder, intents_of

__all__ = ["judge_merchant"]

_STALE_LIST = "stale-list"
_NOTHING = "the merchant submitted no order that the contract can read, so nothing is known of it"


def judge_merchant(history: History) -> Verdict:
    """Judge the merchant by what it did; see ``intent`` for what that is."""
    header = history.header
    cut_by_time = any(phase.name == "time-limit" for phase in history.phases)
    with gc_disabled():
        intents, strangers = intents_of(history)
        answers = {
            e.op: e for e in history.events if isinstance(e, Complete) and e.vantage is Vantage.MERCHANT and not e.copy
        }
    context = MerchantContext(
        header.promises,
        answers,
        cut_by_time,
        cut_off=not history.complete,
        callbacks=_tells_unseen(history),
        stale_lists=tuple(_stale_lists(history)),
        told=any(intent.reports for intent in intents),
    )
    judged = [_judged(guarantee, intents, context, history) for guarantee in MERCHANT_GUARANTEES]
    notes = [*_notes(history, intents, strangers), *(["the command was ended by --time-limit"] if cut_by_time else [])]
    return Verdict(header.contract, header.profile, header.seed, tuple(judged), history.complete, tuple(notes))


def _tells_unseen(history: History) -> bool:
    """Whether callbacks may have reached the merchant that nobody here saw: it may have named another address."""
    terms, settle_ns = history.header.options.get("drill", {}), history.healed_ns()
    if not terms.get("callbacks"):
        return False
    came = (e.at_ns for e in history.events if isinstance(e, CallbackReceived))
    return not (terms.get("callback_edge") and any(settle_ns is None or at_ns < settle_ns for at_ns in came))


def _stale_lists(history: History) -> Iterator[tuple[int, int]]:
    """When the merchant got a list from the past, and the moment that it showed. A list is no call about one order, so
    only the fault tells of it.
    """
    healed_ns = history.healed_ns()
    for f in history.faults:
        if f.fault == _STALE_LIST and f.change == "fired" and (healed_ns is None or f.at_ns < healed_ns):
            yield f.at_ns, f.at_ns - round(float(f.detail.get("age_ms", 0)) * MS)


def _judged(
    guarantee: MerchantGuarantee, intents: Sequence[Intent], context: MerchantContext, history: History
) -> GuaranteeVerdict:
    tally = GuaranteeTally(guarantee)
    for intent in intents:
        try:
            exposures, found = guarantee.judge(intent, context)
        except Exception as error:
            tally.crashed(intent.name, error)
        else:
            tally.add(exposures, found)
    verdict = tally.verdict(history)
    if verdict.exposures or verdict.result not in (Result.INCONCLUSIVE, Result.NOT_APPLICABLE):
        return verdict
    doubt = guarantee.unexposed(context) if intents else Doubt(MissingEvidence.MERCHANT_ORDERS, _NOTHING)
    missing = doubt.missing if verdict.result is Result.INCONCLUSIVE else None
    return GuaranteeVerdict(guarantee.id, verdict.result, 0, 0, reason=doubt.reason, missing=missing)


def _notes(history: History, intents: Sequence[Intent], strangers: int) -> list[str]:
    notes = [] if history.complete else ["the journal was cut off: what is absent from it proves nothing"]
    if not intents:
        return [*notes, _NOTHING]
    orders = [order for intent in intents for order in intent.orders]
    notes += _unnamed_intents(history, orders)
    notes += [shortfall.text() for shortfall in UsableAnswers.of(history).shortfalls if shortfall.too_much]
    kinds = {x.kind for order in orders for x in order.calls}
    if OperationKind.QUERY not in kinds:
        notes.append("not exercised: the merchant never asked for an order")
    if OperationKind.RESUBMIT not in kinds:
        notes.append("not exercised: the merchant never sent an order again under its number")
    if not any(order.history.ledger_read_ns for order in orders):
        why = history.ledger_problem or (
            "the contract has none" if history.complete else "the run was cut off before it"
        )
        notes.append(f"no ledger was read ({why}): whether money moved is what the provider shows of its orders")
    notes += [
        f"{order.number} moved money {order.payouts} times under one number, which the provider promises never to do: "
        "that is not the merchant's fault (ackord certify judges the provider)"
        for order in orders
        if order.payouts > 1 and history.header.promises.on_same_payload is not SamePayloadAnswer.NEW_MOVEMENT
    ][:3]
    notes += _idle_faults(history)
    if strangers:
        notes.append(f"{strangers} reports of the merchant name no order or intent that it submitted")
    return notes


def _unnamed_intents(history: History, orders: Sequence[MerchantOrder]) -> list[str]:
    """Say of how many orders the declared field of the submit tells nothing: they are put together by guess."""
    path = history.header.options.get("drill", {}).get("intent")
    unnamed = sum(order.number not in history.intents for order in orders)
    if not path or not unnamed:
        return []
    who = "no submit has" if unnamed == len(orders) else f"the submits of {unnamed} of {len(orders)} orders do not have"
    return [f"{who} anything at {path}: payments are told apart by payee, amount and currency"]


def _idle_faults(history: History) -> list[str]:
    """Name the faults that the merchant never met: nothing is known of how it bears them."""
    armed = dict.fromkeys(f.fault for f in history.faults if f.change == "armed")
    idle = [name for name in armed if name not in history.effective_faults]
    return [f"not exercised: {', '.join(idle)} never hit a call of the merchant"] if idle else []
