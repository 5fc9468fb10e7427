"""Derives from a contract which merchant policies are safe with it, and what makes it unsafe for a naive merchant.

A naive merchant takes "not found" and any refusal for a failure, and pays a failed order again under a new number. Each
hazard is one rule: what the contract allows, how that ends in two payments or in none, and the policies that prevent
it. The functions are pure and use the wording of findings.

Policies: *poll* queries repeatedly and believes only an answer that ends the order. *resubmit* sends the same number
with the same payload until an answer shows the order. *buffer* waits until "not found" is reliable, then believes it.
*never a new number* pays an order under its one number, or leaves it to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..contract.base.contract_error import DocumentPath
from ..contract.base.field_types import Duration
from ..contract.loading.loader import LoadedContract
from ..contract.spec.promises import NotFoundTolerated
from ..core.operation import Observation
from ..core.payment_state import PaymentState
from ..core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ..guarantees.wording import BUFFER, NEVER_NEW_NUMBER, POLL, RESUBMIT
from .contract_claims import is_open

__all__ = ["Hazard", "PolicyAdvice", "hazards", "policies"]


class Hazard(NamedTuple):
    path: DocumentPath
    what: str
    """What the contract allows."""
    why: str
    """What a naive merchant makes of it."""
    safe: tuple[str, ...]
    """Policies and other means that prevent it, of those that are safe with the contract; empty if nothing helps."""


class PolicyAdvice(NamedTuple):
    """One policy with this contract."""

    policy: str
    safe: bool
    text: str
    """Under which condition it is safe, or why it is not."""


def policies(loaded: LoadedContract) -> list[PolicyAdvice]:
    """Return every policy with its verdict for this contract."""
    return [rule(loaded) for rule in (_poll, _resubmit, _buffer, _never_new_number)]


def _poll(loaded: LoadedContract) -> PolicyAdvice:
    contract = loaded.contract
    if loaded.codec.asks_by_provider_id:
        return PolicyAdvice(POLL, False, "after a lost answer there is no identifier to ask by")
    if contract.limits.query_window is not None:
        return PolicyAdvice(
            POLL, True, f"for {contract.limits.query_window}; after that an order is not found because it aged out"
        )
    if contract.promises.not_found == "inconclusive":
        return PolicyAdvice(POLL, True, "as long as not found is never believed; it may not end by itself")
    return PolicyAdvice(POLL, True, "until an answer ends the order")


def _resubmit(loaded: LoadedContract) -> PolicyAdvice:
    promises = loaded.contract.promises
    if promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT:
        return PolicyAdvice(RESUBMIT, False, "each resubmission is a new order and moves the money again")
    if is_open(loaded, ("promises", "on_same_payload")):
        return PolicyAdvice(RESUBMIT, False, "what a resubmission does is not documented: nothing may be built on it")
    if promises.on_same_payload is SamePayloadAnswer.REJECT_PLAIN:
        return PolicyAdvice(
            RESUBMIT,
            True,
            "as long as the refusal of a known number is never taken for a failure: ask for the order then",
        )
    if promises.key_retention == "unpublished" or is_open(loaded, ("promises", "key_retention")):
        return PolicyAdvice(RESUBMIT, True, "for the time being: how long numbers are remembered is not published")
    if isinstance(promises.key_retention, Duration):
        return PolicyAdvice(
            RESUBMIT, True, f"for less than {promises.key_retention} from the first submit, then never again"
        )
    return PolicyAdvice(RESUBMIT, True, "at any time, with the payload that was sent first")


def _buffer(loaded: LoadedContract) -> PolicyAdvice:
    not_found = loaded.contract.promises.not_found
    if is_open(loaded, ("promises", "not_found")):
        return PolicyAdvice(BUFFER, False, "how long not found means nothing is not documented")
    if isinstance(not_found, NotFoundTolerated):
        return PolicyAdvice(
            BUFFER,
            True,
            f"for {not_found.tolerated_for} from the acknowledgement; it says nothing of an order whose "
            "acknowledgement was lost",
        )
    if not_found == "forbidden":
        return PolicyAdvice(
            BUFFER, True, "though an acknowledged order needs none; one whose acknowledgement was lost may still arrive"
        )
    return PolicyAdvice(BUFFER, False, "no wait is long enough: not found proves nothing at any time")


def _never_new_number(loaded: LoadedContract) -> PolicyAdvice:
    return PolicyAdvice(NEVER_NEW_NUMBER, True, "always, and together with each of the others")


def hazards(loaded: LoadedContract) -> list[Hazard]:
    """Return what is unsafe for a naive merchant, the costliest first."""
    refused = {advice.policy for advice in policies(loaded) if not advice.safe}
    found = [hazard for rule in _RULES for hazard in rule(loaded)]
    return [hazard._replace(safe=tuple(p for p in hazard.safe if p not in refused)) for hazard in found]


def _sends_again(loaded: LoadedContract) -> Iterator[Hazard]:
    promises = loaded.contract.promises
    at: DocumentPath = ("promises", "on_same_payload")
    if promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT:
        yield Hazard(at, "there is no idempotency", "every retry after a lost answer pays again", (POLL,))
    elif promises.on_same_payload is SamePayloadAnswer.REJECT_PLAIN:
        yield Hazard(
            at,
            "a resubmission is refused without a word of the order that is there",
            "the refusal is taken for a failure of the order, which is then paid under a new number",
            (POLL, NEVER_NEW_NUMBER),
        )
    if is_open(loaded, at):
        yield Hazard(at, "what a resubmission does is not documented", "a retry may pay again", (POLL,))


def _not_found(loaded: LoadedContract) -> Iterator[Hazard]:
    not_found = loaded.contract.promises.not_found
    at: DocumentPath = ("promises", "not_found")
    why = "not found is taken for a failure, and the order is paid again under a new number"
    if is_open(loaded, at):
        yield Hazard(at, "what not found means for an acknowledged order is not documented", why, (NEVER_NEW_NUMBER,))
    elif isinstance(not_found, NotFoundTolerated):
        what = f"an acknowledged order may be not found for {not_found.tolerated_for}"
        yield Hazard(at, what, why, (BUFFER, POLL, RESUBMIT, NEVER_NEW_NUMBER))
    elif not_found == "inconclusive":
        what = "an acknowledged order may be not found at any time"
        yield Hazard(at, what, why, (POLL, RESUBMIT, NEVER_NEW_NUMBER))


def _lost_answers(loaded: LoadedContract) -> Iterator[Hazard]:
    if not loaded.codec.asks_by_provider_id:
        return
    what = "an order cannot be asked for by the merchant's own number"
    if loaded.contract.promises.on_same_payload in (SamePayloadAnswer.NEW_MOVEMENT, SamePayloadAnswer.REJECT_PLAIN):
        yield Hazard(("query", "request"), what, "after a lost answer nothing leads back to the order", ())
    else:
        why = (
            "after a lost answer only a resubmission leads back to the order; a merchant that waits instead "
            "never learns of it"
        )
        yield Hazard(("query", "request"), what, why, (RESUBMIT,))


def _other_payload(loaded: LoadedContract) -> Iterator[Hazard]:
    at: DocumentPath = ("promises", "on_other_payload")
    safe = (POLL, "the payload of the first attempt, stored and sent again as it was")
    if loaded.contract.promises.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT:
        what = "another payload under the same number is another order"
        yield Hazard(at, what, "a retry that rounds, reorders or recomputes anything pays a second time", safe)
    elif loaded.contract.promises.on_other_payload is OtherPayloadAnswer.REPLAY_ORIGINAL:
        what = "another payload under the same number is answered as if it had been accepted"
        yield Hazard(at, what, "a number that was used twice by mistake looks paid, and is not", safe)


def _forgetting(loaded: LoadedContract) -> Iterator[Hazard]:
    retention = loaded.contract.promises.key_retention
    at: DocumentPath = ("promises", "key_retention")
    if retention is None and not is_open(loaded, at):
        return
    open_ = retention == "unpublished" or is_open(loaded, at)
    what = "how long a number is remembered is not published" if open_ else f"a number is forgotten after {retention}"
    yield Hazard(
        at, what, "a resubmission that comes later is a new order and moves the money again", (POLL, NEVER_NEW_NUMBER)
    )


def _late_edges(loaded: LoadedContract) -> Iterator[Hazard]:
    for index, edge in enumerate(loaded.contract.promises.later_edges):
        source, target = PaymentState[edge.source], PaymentState[edge.target]
        at: DocumentPath = ("promises", "later_edges", index)
        what = (
            f"{edge.source} may become {edge.target} {f'for {edge.within}' if edge.within is not None else 'for ever'}"
        )
        if source is PaymentState.SUCCEEDED:
            why = "the order is booked as paid for good, and nobody notices that the money did not arrive, or came back"
            later = (
                f"ask again after {edge.within}"
                if edge.within is not None
                else "compare with the provider's statements"
            )
            yield Hazard(at, what, why, (later,))
        elif target is PaymentState.SUCCEEDED:
            why = "the order is paid again as soon as it has failed or come back, and then succeeds as well"
            yield Hazard(at, what, why, (NEVER_NEW_NUMBER,))
        elif target is PaymentState.RETURNED:
            why = "the order had been paid after all: paid again, it is paid twice until the first money is back"
            yield Hazard(at, what, why, (NEVER_NEW_NUMBER,))


def _ageing(loaded: LoadedContract) -> Iterator[Hazard]:
    window = loaded.contract.limits.query_window
    if window is not None:
        what = f"an order can be asked for during {window} only"
        why = "an order that aged out is not found, and is paid again under a new number"
        yield Hazard(("limits", "query_window"), what, why, (NEVER_NEW_NUMBER,))


def _errors_that_stay(loaded: LoadedContract) -> Iterator[Hazard]:
    if loaded.contract.promises.caches_transient_errors:
        what = "a transient error is the number's answer from then on"
        why = "no retry gets past it; a merchant that then takes a new number pays twice if the first had got through"
        yield Hazard(
            ("promises", "caches_transient_errors"), what, why, () if loaded.codec.asks_by_provider_id else (POLL,)
        )


def _scope(loaded: LoadedContract) -> Iterator[Hazard]:
    for word in ("endpoint", "region"):
        if word in loaded.contract.promises.key_scope:
            what = f"the same number at another {word} is another order"
            yield Hazard(
                ("promises", "key_scope"),
                what,
                f"a merchant that fails over to another {word} pays again",
                (POLL, NEVER_NEW_NUMBER),
            )
    if "account" not in loaded.contract.promises.key_scope:
        what = "all accounts share one space of numbers"
        yield Hazard(
            ("promises", "key_scope"),
            what,
            "two accounts that count alike collide, and one of the two is not paid",
            (NEVER_NEW_NUMBER,),
        )


def _strangers(loaded: LoadedContract) -> Iterator[Hazard]:
    for index, rule in enumerate(loaded.contract.query.answers):
        if rule.observation is Observation.NOT_FOUND and set(rule.when) == {"status"}:
            what = "a bare status code is read as not found"
            why = "a proxy's answer, or one for a path that is wrong, passes for the provider's word"
            yield Hazard(("query", "answers", index), what, why, (NEVER_NEW_NUMBER,))


def _batches(loaded: LoadedContract) -> Iterator[Hazard]:
    batch = loaded.contract.batch
    if batch is not None and batch.identity == "batch":
        why = "an order that is retried in another batch is paid again"
        yield Hazard(
            ("batch", "identity"),
            "only the batch's number is remembered, not an item's",
            why,
            (POLL, "retry an order in its own batch"),
        )


_RULES: tuple[Callable[[LoadedContract], Iterator[Hazard]], ...] = (
    _sends_again,
    _not_found,
    _lost_answers,
    _other_payload,
    _forgetting,
    _late_edges,
    _errors_that_stay,
    _ageing,
    _scope,
    _batches,
    _strangers,
)
