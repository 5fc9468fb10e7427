"""Incidents of merchants, each as a provider of a few lines: the mapping that paid twice does so here, too, and the safe
one does not.

An incident's provider says what each call is answered and keeps its own book. Times are drawn from the seed.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from ackord.core.clock import MS, SECOND
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.seed import Seed
from ackord.merchant.events import Action, Answered, CallbackArrived, Conclusion, Event, Send, Unanswered, WakeAt, Woken
from ackord.merchant.machine import MerchantMachine
from ackord.merchant.policy import MerchantPolicy
from ackord.merchant.presets import PRESETS

O, S = Observation, PaymentState  # noqa: E741
MINUTE = 60 * SECOND
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
SEEDS = range(20)

Answer = tuple[Observation, PaymentState] | None
"""What a call is answered; ``None``: nothing."""


@dataclass
class Provider:
    """One incident's provider. ``paid`` is its book: payouts by order number."""

    seed: Seed
    paid: Counter[int] = field(default_factory=Counter)
    first_ns: dict[int, int] = field(default_factory=dict)
    """When each number was submitted first."""
    callbacks: list[tuple[int, CallbackArrived]] = field(default_factory=list)
    """Instants and what they bring."""

    def __post_init__(self) -> None:
        self.plan()

    def plan(self) -> None:
        """Make the callbacks."""

    def between(self, low_ns: int, high_ns: int, name: str) -> int:
        return round(self.seed.between(low_ns, high_ns, name))

    def answer(self, kind: OperationKind, number: int, attempt: int, now_ns: int) -> Answer:
        age_ns = now_ns - self.first_ns.setdefault(number, now_ns) if kind is not OperationKind.QUERY else 0
        if kind is OperationKind.QUERY:
            return self.query(number, now_ns - self.first_ns.get(number, now_ns), now_ns)
        return self.submit(number, attempt) if attempt == 1 else self.resubmit(number, age_ns)

    def submit(self, number: int, attempt: int) -> Answer:
        self.paid[number] += 1
        return O.ACK, S.RECEIVED

    def resubmit(self, number: int, age_ns: int) -> Answer:
        return O.ACK, S.SUCCEEDED

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        return O.STATUS, S.SUCCEEDED


class Ended(NamedTuple):
    machine: MerchantMachine
    paid: int
    """Payouts of the intent, under all numbers."""


def play(policy: MerchantPolicy, provider: Provider, edges: tuple[LaterEdge, ...] = ()) -> Ended:
    """Run an intent to its end, and on until nothing is under way."""
    machine = MerchantMachine(policy, lambda n: provider.seed.unit("jitter", n), edges)
    queue: list[tuple[int, int, Event]] = []
    wake_ns: int | None = None
    count = now_ns = 0

    def put(at_ns: int, event: Event) -> None:
        nonlocal count
        count += 1
        heapq.heappush(queue, (at_ns, count, event))

    def do(actions: list[Action]) -> None:
        nonlocal wake_ns
        for action in actions:
            if isinstance(action, WakeAt):
                wake_ns = action.at_ns
            elif isinstance(action, Send):
                sent = machine.numbers[action.number]
                attempt = sent.queries if action.kind is OperationKind.QUERY else sent.writes
                answer = provider.answer(action.kind, action.number, attempt, now_ns)
                if answer is None:
                    put(now_ns + policy.timeout.ns, Unanswered(action.call))
                else:
                    put(now_ns + 20 * MS, Answered(action.call, *answer))

    do(machine.begin(0))
    for at_ns, callback in provider.callbacks:
        put(at_ns, callback)
    while queue or machine.conclusion is None:
        if machine.conclusion is None and wake_ns is not None and (not queue or wake_ns < queue[0][0]):
            now_ns, wake_ns = max(now_ns, wake_ns), None
            do(machine.on(Woken(), now_ns))
        else:
            now_ns, _, event = heapq.heappop(queue)
            do(machine.on(event, now_ns))
    return Ended(machine, sum(provider.paid.values()))


def careful(**settings: Any) -> MerchantPolicy:
    """The recommended policy with other settings."""
    recommended = PRESETS.get("recommended").model_dump(mode="json")
    return MerchantPolicy.model_validate({**recommended, **settings})


class SaysNeitherYesNorNo(Provider):
    """The first answer is lost; every query says "no such order", every resubmission "ask for it", for days."""

    def submit(self, number: int, attempt: int) -> Answer:
        self.paid[number] += 1
        return None

    def resubmit(self, number: int, age_ns: int) -> Answer:
        return O.IN_PROGRESS, S.UNKNOWN

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        return O.NOT_FOUND, S.NOT_FOUND


class HidesForMinutes(Provider):
    """The payee has the money, and every query says "no such order" for ten minutes to an hour."""

    least_ns, most_ns = 10 * MINUTE, HOUR

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        hidden = age_ns < self.between(self.least_ns, self.most_ns, f"hidden{number}")
        return (O.NOT_FOUND, S.NOT_FOUND) if hidden else (O.STATUS, S.SUCCEEDED)


class HidesForMoments(HidesForMinutes):
    """A query that comes at once is told that there is no such transaction."""

    least_ns, most_ns = 50 * MS, 500 * MS


class HidesForAWeek(HidesForMinutes):
    """The order is missing for days; a number is remembered for one day."""

    least_ns, most_ns = 3 * DAY, 7 * DAY

    def resubmit(self, number: int, age_ns: int) -> Answer:
        if age_ns > DAY:
            self.paid[number] += 1
            self.first_ns[number] += age_ns
            return O.ACK, S.RECEIVED
        return O.ACK, S.PROCESSING


class ErrorAndPaidLater(Provider):
    """The submit is answered by an error; the order is there all the same and is paid later."""

    def submit(self, number: int, attempt: int) -> Answer:
        self.paid[number] += 1
        return O.RETRYABLE, S.UNKNOWN

    def resubmit(self, number: int, age_ns: int) -> Answer:
        return O.ACK, S.SUCCEEDED if age_ns > self.between(MINUTE, 10 * MINUTE, "paid") else S.PROCESSING

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        return O.STATUS, S.SUCCEEDED if age_ns > self.between(MINUTE, 10 * MINUTE, "paid") else S.PROCESSING


class LosesTheAnswer(Provider):
    """The submit is done, and its answer is lost or later than the merchant waits."""

    def submit(self, number: int, attempt: int) -> Answer:
        self.paid[number] += 1
        return None


class AsksForItsOwnIdentifier(LosesTheAnswer):
    """A query needs the provider's identifier, which only the lost answer said."""

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        return O.REJECTED, S.UNKNOWN


class ForgetsWhatItShowed(Provider):
    """An order that was shown is missing again for a while."""

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        from_ns = self.between(1500 * MS, 2500 * MS, "from")
        if age_ns < from_ns:
            return O.STATUS, S.PROCESSING
        return (O.NOT_FOUND, S.NOT_FOUND) if age_ns < from_ns + 20 * SECOND else (O.STATUS, S.SUCCEEDED)


class NoKey(LosesTheAnswer):
    """What is documented as a key is none: each submit pays."""

    def resubmit(self, number: int, age_ns: int) -> Answer:
        self.paid[number] += 1
        return O.ACK, S.SUCCEEDED

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        if age_ns < self.between(15 * SECOND, MINUTE, "lands"):
            return O.NOT_FOUND, S.NOT_FOUND
        return O.STATUS, S.SUCCEEDED


class RefusesTheSecond(LosesTheAnswer):
    """The retry of a lost submit is refused as a duplicate, a plain 4xx or "in progress"; the first one was done."""

    def resubmit(self, number: int, age_ns: int) -> Answer:
        seen = (O.DUPLICATE, O.REJECTED, O.IN_PROGRESS)[self.seed.pick(3, "refusal")]
        return seen, S.UNKNOWN


class RefusesAndHides(RefusesTheSecond):
    """The retry is refused without a pointer, and nothing can be asked for."""

    def query(self, number: int, age_ns: int, now_ns: int) -> Answer:
        return O.REJECTED, S.UNKNOWN


class LateCallback(Provider):
    """A callback of an earlier status comes after the order was paid."""

    def plan(self) -> None:
        self.callbacks = [(self.between(5 * SECOND, MINUTE, "late"), CallbackArrived(0, S.PROCESSING))]


class FailsAfterSuccess(Provider):
    """A booked payment fails later, within the horizon that is documented."""

    def plan(self) -> None:
        self.callbacks = [(self.between(HOUR, DAY, "late"), CallbackArrived(0, S.FAILED))]


naive = PRESETS.get("naive")
resubmits = careful(on_timeout="resubmit-same", on_error="resubmit-same")
takes_a_new_number = careful(on_timeout="resubmit-new", on_error="resubmit-new", callbacks="ignore")
reads_refusals_as_failures = careful(on_duplicate="fail")
reads_missing_as_failed = careful(on_not_found="fail", merge="last", buffer="0s", poll={"kind": "fixed", "every": "1s"})
waits = careful(on_not_found="ignore", on_timeout="query", on_error="query")
asks = careful(on_not_found="query-other-node", on_timeout="query", on_error="query")


class Incident(NamedTuple):
    number: int
    what: str
    provider: Callable[[Seed], Provider]
    unsafe: MerchantPolicy
    safe: MerchantPolicy
    safe_ends: Conclusion = Conclusion.PAID


INCIDENTS = [
    Incident(1, "a loop of 'no such order' and 'ask for it'", SaysNeitherYesNorNo, naive, resubmits, Conclusion.STUCK),
    Incident(2, "paid, and missing for ten minutes", HidesForMinutes, PRESETS.get("buffered"), resubmits),
    Incident(3, "an error, and paid later", ErrorAndPaidLater, takes_a_new_number, resubmits),
    Incident(4, "a query at once is told 'not found'", HidesForMoments, naive, resubmits),
    Incident(5, "'not found' mapped to failed at once, or to pending", HidesForMoments, reads_missing_as_failed, waits),
    Incident(6, "the provider's identifier is lost with the answer", AsksForItsOwnIdentifier, naive, resubmits),
    Incident(7, "what was shown is missing minutes later", ForgetsWhatItShowed, reads_missing_as_failed, waits),
    Incident(8, "written to the primary, read from the replica", HidesForMoments, reads_missing_as_failed, asks),
    Incident(9, "a second capture while the first is unknown", LosesTheAnswer, takes_a_new_number, resubmits),
    Incident(11, "a key that is none", NoKey, resubmits, waits),
    Incident(12, "refused without a pointer and without a query", RefusesAndHides, reads_refusals_as_failures, resubmits,
             Conclusion.STUCK),
    Incident(13, "409 for a duplicate, taken for a failure", RefusesTheSecond, reads_refusals_as_failures, resubmits),
    Incident(14, "a key that is made anew for each attempt", LosesTheAnswer, takes_a_new_number, resubmits),
    Incident(17, "slower than the merchant waits", LosesTheAnswer, naive, resubmits),
    Incident(19, "aged out: a number is forgotten before the order is found", HidesForAWeek,
             careful(give_up_after="10d"), careful(give_up_after="12h"), Conclusion.STUCK),
    Incident(22, "no key is documented at all", NoKey, resubmits, waits),
]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda i: f"incident-{i.number:02}")
def test_the_unsafe_mapping_pays_twice_and_the_safe_one_once(incident: Incident, seed: int) -> None:
    assert play(incident.unsafe, incident.provider(Seed(seed))).paid > 1, (
        f"{incident.what}: the unsafe one is not caught"
    )
    ended = play(incident.safe, incident.provider(Seed(seed)))
    assert ended.paid == 1, incident.what
    assert ended.machine.conclusion is incident.safe_ends, ended.machine.why


@pytest.mark.parametrize("seed", SEEDS)
def test_incident_15_a_late_callback_lowers_a_paid_order(seed: int) -> None:
    unsafe = play(careful(merge="last", callbacks="trust"), LateCallback(Seed(seed))).machine
    safe = play(careful(), LateCallback(Seed(seed))).machine
    assert (unsafe.status, unsafe.lowered) == (S.PROCESSING, 1)
    assert (safe.status, safe.lowered, safe.conclusion) == (S.SUCCEEDED, 0, Conclusion.PAID)


@pytest.mark.parametrize("seed", SEEDS)
def test_incident_16_a_success_that_fails_is_seen_only_where_the_edge_is_declared(seed: int) -> None:
    trusting = careful(callbacks="trust")
    edges = (LaterEdge(S.SUCCEEDED, S.FAILED),)
    assert play(trusting, FailsAfterSuccess(Seed(seed))).machine.status is S.SUCCEEDED
    assert play(trusting, FailsAfterSuccess(Seed(seed)), edges).machine.status is S.FAILED
