"""Runs a merchant's policy for one intent: events in, actions out. It holds no clock and no socket.

Theory. The merchant means one payment (the *intent*) and may spend several order numbers on it; two of them that both
move money are a double payment. For each number the machine keeps the highest state that it was shown, whether the
provider ever said that it has the order, and whether some write is in doubt. A refusal proves that nothing moved only
if no write of the same number is in doubt: the refused one may be the copy of one that was accepted.

The machine is total: any event may come at any time, also twice, late or after the end. An answer to a call that is not
open is ignored, except that a call's own late answer after the end may still change ``status``. While it is not
concluded there is always a wake or an open call, and no later than ``give_up_after`` it concludes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.operation import SUBMITS, Observation, OperationKind, knows
from ..core.payment_state import MONEY_MOVED, NO_MONEY, RANK, LaterEdge, PaymentState
from .events import (
    Action,
    Answered,
    CallbackArrived,
    Conclude,
    Conclusion,
    Event,
    Send,
    Unanswered,
    WakeAt,
)
from .policy import MerchantPolicy

__all__ = ["MerchantMachine", "SentNumber"]

_S = PaymentState
_DECIDES_NOTHING = frozenset({Observation.RETRYABLE, Observation.UNREADABLE})
_REFUSALS = frozenset({Observation.DUPLICATE, Observation.IN_PROGRESS, Observation.CONFLICT, Observation.REJECTED})


@dataclass(slots=True)
class SentNumber:
    """What the merchant knows of one order number."""

    state: PaymentState = _S.UNKNOWN
    known: bool = False
    """The provider said that it has the order."""
    in_doubt: bool = False
    """Some write got no answer, or one that decides nothing."""
    writes: int = 0
    queries: int = 0
    settled_ns: int = 0
    """When the last write was answered or given up: the buffer counts from here."""
    read_as_failed: bool = False
    """The merchant took the order for failed."""


class MerchantMachine:
    """One intent under one policy."""

    __slots__ = (
        "_calls", "_deadline_ns", "_edges", "_next_call", "_next_submit", "_unit", "calls", "conclusion", "lowered",
        "numbers", "policy", "why",
    )  # fmt: skip

    def __init__(
        self, policy: MerchantPolicy, unit: Callable[[int], float] = lambda n: 0.0, edges: tuple[LaterEdge, ...] = ()
    ) -> None:
        """``unit`` gives the jitter's numbers (see ``polling``); ``edges``: legal ways out of a terminal state."""
        self.policy = policy
        self.numbers: list[SentNumber] = []
        self.conclusion: Conclusion | None = None
        self.why = ""
        self.calls = 0
        """Requests sent so far."""
        self.lowered = 0
        """How often a status was overwritten by a lower one."""
        self._unit = unit
        self._edges = {(edge.source, edge.target) for edge in edges}
        self._calls: dict[int, tuple[OperationKind, int, bool]] = {}
        """Open calls: kind, number, whether it went to another node."""
        self._next_call = 1
        self._next_submit = False
        """Whether the next wake submits instead of asking."""
        self._deadline_ns = 0

    @property
    def status(self) -> PaymentState:
        """The state of the last number, as the merchant believes it."""
        return self.numbers[-1].state if self.numbers else _S.UNKNOWN

    def begin(self, now_ns: int) -> list[Action]:
        """Submit the first order number. Raises ``RuntimeError`` if it has begun."""
        if self.numbers:
            raise RuntimeError("an intent begins once")
        self._deadline_ns = now_ns + self.policy.give_up_after.ns
        return self._new_number()

    def on(self, event: Event, now_ns: int) -> list[Action]:
        """Return what is to be done after an event at ``now_ns``; nothing before the begin and after the end."""
        if isinstance(event, CallbackArrived):
            return self._callback(event, now_ns)
        if isinstance(event, Answered):
            return self._answered(event, now_ns)
        if isinstance(event, Unanswered):
            return self._unanswered(event.call, now_ns)
        if self.conclusion is not None or not self.numbers:
            return []
        return self._woken(now_ns)

    # -- sending -------------------------------------------------------------------------------------------------------

    def _new_number(self) -> list[Action]:
        self.numbers.append(SentNumber())
        return self._submit()

    def _submit(self) -> list[Action]:
        number = self.numbers[-1]
        number.writes += 1
        return self._send(OperationKind.SUBMIT if number.writes == 1 else OperationKind.RESUBMIT)

    def _query(self, *, other_node: bool = False) -> list[Action]:
        self.numbers[-1].queries += 1
        return self._send(OperationKind.QUERY, other_node=other_node)

    def _send(self, kind: OperationKind, *, other_node: bool = False) -> list[Action]:
        call, number = self._next_call, len(self.numbers) - 1
        self._next_call += 1
        self._calls[call] = kind, number, other_node
        self.calls += 1
        self._next_submit = False
        return [Send(call, kind, number, other_node), WakeAt(self._deadline_ns)]

    def _wait(self, now_ns: int, *, submit: bool = False, least_ns: int | None = None) -> list[Action]:
        """Ask again (or submit again) after the wait that the policy says."""
        number = self.numbers[-1]
        wait_ns = self.policy.poll.wait_ns(number.queries + (number.writes - 1 if submit else 0), self._unit)
        if least_ns is not None and self.policy.honours_retry_after:
            wait_ns = max(wait_ns, least_ns)
        self._next_submit = submit
        return [WakeAt(min(now_ns + wait_ns, self._deadline_ns))]

    # -- events --------------------------------------------------------------------------------------------------------

    def _woken(self, now_ns: int) -> list[Action]:
        if now_ns >= self._deadline_ns:
            return self._conclude(Conclusion.STUCK, f"no outcome after {self.policy.give_up_after}")
        if self._calls:
            return [WakeAt(self._deadline_ns)]
        return self._submit() if self._next_submit else self._query()

    def _answered(self, answer: Answered, now_ns: int) -> list[Action]:
        if not answer.genuine and self.policy.verifies_answers:
            return self._unanswered(answer.call, now_ns)
        open_call = self._calls.pop(answer.call, None)
        if open_call is None:
            return []
        kind, at, other_node = open_call
        number = self.numbers[at]
        number.known = number.known or knows(kind, answer.observation)
        if kind in SUBMITS:
            number.settled_ns = now_ns
            number.in_doubt = number.in_doubt or answer.observation in _DECIDES_NOTHING
        self._learn(number, _state_of(answer))
        if self.conclusion is not None or at != len(self.numbers) - 1:
            return []
        if kind in SUBMITS:
            return self._after_submit(number, answer, now_ns)
        return self._after_query(number, answer, other_node, now_ns)

    def _unanswered(self, call: int, now_ns: int) -> list[Action]:
        open_call = self._calls.pop(call, None)
        if open_call is None:
            return []
        kind, at, _ = open_call
        number = self.numbers[at]
        if kind in SUBMITS:
            number.settled_ns = now_ns
            number.in_doubt = True
        if self.conclusion is not None or at != len(self.numbers) - 1:
            return []
        if kind in SUBMITS:
            return self._in_doubt(self.policy.on_timeout, "no answer to the submit", now_ns)
        return self._wait(now_ns)

    def _callback(self, callback: CallbackArrived, now_ns: int) -> list[Action]:
        policy = self.policy
        if policy.callbacks == "ignore" or not 0 <= callback.number < len(self.numbers):
            return []
        if policy.callbacks == "trust":
            number = self.numbers[callback.number]
            self._learn(number, callback.state)
            if self.conclusion is not None or callback.number != len(self.numbers) - 1:
                return []
            return self._settled(number)
        if self.conclusion is not None or not callback.genuine or self._calls:
            return []
        # A callback says that there is news; the query says which.
        return self._query() if callback.number == len(self.numbers) - 1 else []

    def _after_submit(self, number: SentNumber, answer: Answered, now_ns: int) -> list[Action]:
        seen = answer.observation
        if seen in _DECIDES_NOTHING:
            return self._in_doubt(
                self.policy.on_error, f"the submit was answered {seen}", now_ns, answer.retry_after_ns
            )
        if seen in _REFUSALS:
            if self.policy.on_duplicate == "fail" or (seen is Observation.REJECTED and not _may_be_a_copy(number)):
                return self._failed(f"the submit was answered {seen}")
            if seen is Observation.CONFLICT:
                return self._conclude(Conclusion.STUCK, "the number stands for another payload")
        return self._settled(number) or self._wait(now_ns, least_ns=answer.retry_after_ns)

    def _after_query(self, number: SentNumber, answer: Answered, other_node: bool, now_ns: int) -> list[Action]:
        settled = self._settled(number)
        if settled or answer.observation is not Observation.NOT_FOUND:
            return settled or self._wait(now_ns, least_ns=answer.retry_after_ns)
        policy = self.policy
        if now_ns - number.settled_ns < policy.buffer_ns:
            return self._wait(now_ns, least_ns=answer.retry_after_ns)
        if policy.merge == "order" and number.known and policy.on_not_found == "fail":
            return self._wait(now_ns)  # "not found" is a lower status than the one that was shown
        if policy.on_not_found == "fail":
            return self._failed("the query was answered NOT_FOUND")
        if policy.on_not_found == "ask-a-person":
            return self._conclude(Conclusion.STUCK, "the query was answered NOT_FOUND")
        if policy.on_not_found == "query-other-node" and not other_node:
            return self._query(other_node=True)
        if policy.on_not_found == "resubmit":
            if number.writes == 1:
                return self._submit()
            return self._wait(now_ns, submit=True, least_ns=answer.retry_after_ns)
        return self._wait(now_ns)

    def _in_doubt(self, what: str, why: str, now_ns: int, retry_after_ns: int | None = None) -> list[Action]:
        """Do what the policy says after a submit that may or may not have arrived."""
        if what == "fail":
            return self._failed(why)
        if what == "resubmit-new":
            if len(self.numbers) <= self.policy.pays_again:
                return self._new_number()
            return self._failed(why)
        return self._wait(now_ns, submit=what == "resubmit-same", least_ns=retry_after_ns)

    # -- outcomes ------------------------------------------------------------------------------------------------------

    def _learn(self, number: SentNumber, state: PaymentState) -> None:
        """Merge a state that an answer or a callback showed."""
        before = number.state
        if state is _S.UNKNOWN or state is before:
            return
        rises = RANK[state] > RANK[before] or (before, state) in self._edges
        if rises or self.policy.merge == "last":
            number.state = state
            self.lowered += not rises
        number.known = number.known or state is not _S.NOT_FOUND

    def _settled(self, number: SentNumber) -> list[Action]:
        """What follows from the state that the merchant believes; nothing while it is open."""
        if number.state in MONEY_MOVED:
            if number.state is _S.RETURNED:
                return self._failed("the money came back")
            return self._conclude(Conclusion.PAID, f"the order is {number.state.name}")
        if number.state in NO_MONEY:
            return self._failed(f"the order is {number.state.name}")
        return []

    def _failed(self, why: str) -> list[Action]:
        """The order is read as failed: the payee is still owed the money, so another number is spent, or none."""
        self.numbers[-1].read_as_failed = True
        if len(self.numbers) <= self.policy.pays_again:
            return self._new_number()
        return self._conclude(Conclusion.FAILED, why)

    def _conclude(self, conclusion: Conclusion, why: str) -> list[Action]:
        self.conclusion, self.why = conclusion, why
        return [Conclude(conclusion, why)]


def _may_be_a_copy(number: SentNumber) -> bool:
    """Whether a refused write may be the copy of one that the provider has."""
    return number.writes > 1 and (number.in_doubt or number.known)


def _state_of(answer: Answered) -> PaymentState:
    """The state that an answer shows: an acknowledgement without one shows that the order was received."""
    if answer.observation is Observation.ACK and answer.state is _S.UNKNOWN:
        return _S.RECEIVED
    return _S.NOT_FOUND if answer.observation is Observation.NOT_FOUND else answer.state
