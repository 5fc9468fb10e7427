"""Plays one intent: a merchant's policy, the gateway's faults and the provider model, in virtual time.

The policy is the machine that runs live. The faults are decided by the gateway's own rules and fault classes; what they
order is carried out here on meanings instead of bytes, because 10,000 orders a cell are wanted. Two things differ from
the gateway: a window of reordered queries is a wait, since there is one order only, and connections have no life of
their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from ...chaos.faults.edge_actions import (
    AnswerAction,
    AnswerInstead,
    DelayAnswer,
    DelayRequest,
    DropRequest,
    EdgeAction,
    LoseAnswer,
    PadAnswer,
    RefuseConnection,
    ReorderQuery,
    ReplaceAnswer,
    ResetAfterSend,
    SendCopies,
    SyntheticResponse,
    TrickleAnswer,
    TruncateAnswer,
)
from ...chaos.faults.edge_views import AnswerView, PastResponse
from ...chaos.gateway.identity import RequestIdentity
from ...chaos.gateway.response_history import ResponseHistory
from ...chaos.gateway.rules import RequestFaults
from ...core.clock import MS, SECOND, VirtualClock
from ...core.operation import Observation, OperationKind, acknowledges
from ...core.seed import Seed
from ...merchant.events import Action, Answered, CallbackArrived, Conclusion, Event, Send, Unanswered, WakeAt, Woken
from ...merchant.machine import MerchantMachine
from ...merchant.policy import MerchantPolicy
from .provider_model import ProviderModel
from .scenario_faults import ScenarioFaults
from .scenario_provider import ModelAnswer, ScenarioProvider
from .scenario_views import BODIES, HTTP_STATUS, answer_view, request_view

__all__ = ["ORDINALS_EACH", "Scenario", "ScenarioOutcome"]

ORDINALS_EACH = 10
"""Ordinals that one intent may use: its order numbers."""
_LEAST_NS, _SPREAD_NS = 200_000, 1_800_000
"""Each way takes from 0.2 to 2 ms."""
_READ_NS, _WRITE_NS = 200_000, MS
"""The provider's service times."""
_UNREADABLE = ModelAnswer(Observation.UNREADABLE)

A = TypeVar("A", bound=EdgeAction)
Reader = Callable[[OperationKind, SyntheticResponse], ModelAnswer]
"""Reads an answer that a fault made up, as the contract does."""


class ScenarioOutcome(NamedTuple):
    """How an intent ended."""

    conclusion: Conclusion
    took_ns: int
    """From the first submit to the merchant's conclusion."""
    calls: int
    payouts: int
    """Payments that stayed with the payee, under all order numbers."""
    wrongly_failed: bool
    """The merchant read an order as failed whose money moved and stayed."""
    unpaid: bool
    """The merchant took it for paid, and no money moved."""
    lowered: bool
    """A status was overwritten by a lower one."""
    resubmitted: bool
    fired: frozenset[str]
    """Faults of the edge that hit it."""


@dataclass(slots=True)
class _Call:
    """A request under way."""

    send: Send
    ordinal: int
    attempt: int
    deadline_ns: int
    way_back_ns: int
    plan: RequestFaults | None = None
    ended: bool = False
    """The merchant has its answer, or has given up."""


class Scenario:
    """One intent. ``play`` gives its outcome."""

    def __init__(
        self,
        policy: MerchantPolicy,
        model: ProviderModel,
        faults: ScenarioFaults,
        seed: Seed,
        index: int,
        begin_ns: int,
        read: Reader,
    ) -> None:
        self._clock = VirtualClock(begin_ns)
        self._faults = faults
        self._seed = seed
        self._first_ordinal = index * ORDINALS_EACH + 1
        self._read = read
        self._machine = MerchantMachine(policy, partial(seed.unit, "jitter", index), model.later_edges)
        self._provider = ScenarioProvider(model, faults, seed)
        self._timeout_ns = policy.timeout.ns
        self._takes_callbacks = policy.callbacks != "ignore"
        self._history = ResponseHistory() if faults.rules.remembers else None
        self._wake = 0
        self._fired: set[str] = set()

    def play(self) -> ScenarioOutcome:
        """Run the intent to the merchant's conclusion, and the provider to the end of what it accepted."""
        machine, clock = self._machine, self._clock
        begin_ns = clock.now_ns()
        self._do(machine.begin(begin_ns))
        bound_ns = begin_ns + 2 * machine.policy.give_up_after.ns + SECOND
        clock.run_until(lambda: machine.conclusion is not None, bound_ns)
        took_ns = clock.now_ns() - begin_ns
        if machine.conclusion is None:
            raise RuntimeError(f"the policy {machine.policy.name} neither ended nor gave up: a defect of its machine")
        # What is under way still arrives: a copy, a late submit.
        clock.run_until(lambda: False, clock.now_ns() + 4 * self._timeout_ns)
        return self._outcome(machine.conclusion, took_ns)

    def _outcome(self, conclusion: Conclusion, took_ns: int) -> ScenarioOutcome:
        machine, provider = self._machine, self._provider
        kept = {ordinal: order.kept for ordinal, order in provider.orders.items()}
        payouts = sum(kept.values()) + sum(order.kept for order in provider.forgotten)
        failed = [self._first_ordinal + i for i, number in enumerate(machine.numbers) if number.read_as_failed]
        return ScenarioOutcome(
            conclusion,
            took_ns,
            machine.calls,
            payouts,
            any(kept.get(ordinal, 0) for ordinal in failed),
            conclusion is Conclusion.PAID and not any(order.payouts for order in provider.orders.values()),
            machine.lowered > 0,
            any(number.writes > 1 for number in machine.numbers),
            frozenset(self._fired),
        )

    # -- the merchant --------------------------------------------------------------------------------------------------

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Send):
                self._send(action)
            elif isinstance(action, WakeAt):
                self._wake += 1
                self._clock.call_at(action.at_ns, partial(self._woken, self._wake))

    def _woken(self, wake: int) -> None:
        if wake == self._wake:
            self._tell(Woken())

    def _tell(self, event: Event) -> None:
        self._do(self._machine.on(event, self._clock.now_ns()))

    def _send(self, send: Send) -> None:
        number = self._machine.numbers[send.number]
        query = send.kind is OperationKind.QUERY
        attempt = number.queries if query else number.writes
        ordinal = self._first_ordinal + send.number
        bits = self._seed.bits("edge", ordinal, send.kind, attempt)
        now_ns = self._clock.now_ns()
        call = _Call(
            send, ordinal, attempt, now_ns + self._timeout_ns, _LEAST_NS + (bits >> 32) % _SPREAD_NS
        )  # fmt: skip
        self._clock.call_at(now_ns + _LEAST_NS + (bits & 0xFFFFFFFF) % _SPREAD_NS, partial(self._at_gateway, call))

    def _end(self, call: _Call, answer: ModelAnswer | None, after_ns: int = 0) -> None:
        """Give the merchant the answer, or nothing, after some time; no later than it gives up."""
        if call.ended:
            return
        call.ended = True
        at_ns = self._clock.now_ns() + call.way_back_ns + after_ns
        event: Event = Unanswered(call.send.call)
        if at_ns >= call.deadline_ns:
            at_ns = call.deadline_ns
        elif answer is not None:
            event = Answered(call.send.call, answer.observation, answer.state)
        self._clock.call_at(at_ns, partial(self._tell, event))

    # -- the gateway ---------------------------------------------------------------------------------------------------

    def _at_gateway(self, call: _Call) -> None:
        faults, now_ns = self._faults, self._clock.now_ns()
        if not faults.has_edge_rules or now_ns >= faults.healed_ns:
            self._reach(call, copy=False)
            return
        kind = call.send.kind
        who = RequestIdentity(0, "key", str(kind), call.ordinal, call.attempt, "", "", None, "")
        call.plan = plan = faults.rules.plan(who, "", now_ns, partial(request_view, kind))
        if plan is None:
            self._reach(call, copy=False)
            return
        wait_ns = 0
        if (delay := self._ordered(plan, DelayRequest)) is not None:
            wait_ns = delay.delay_ns
        if (window := self._ordered(plan, ReorderQuery)) is not None:
            wait_ns += window.rank % window.window_ns
        if wait_ns:
            self._clock.call_later(wait_ns, partial(self._depart, call, plan))
            if now_ns + wait_ns >= call.deadline_ns:
                self._end(call, None, wait_ns)
        else:
            self._depart(call, plan)

    def _depart(self, call: _Call, plan: RequestFaults) -> None:
        if (drop := self._ordered(plan, DropRequest)) is not None:
            self._end(call, None, self._timeout_ns if drop.mode == "hang" else 0)
            return
        if self._ordered(plan, RefuseConnection) is not None:
            self._end(call, _UNREADABLE)
            return
        instead = plan.find(AnswerInstead)
        if instead is not None and not instead[1].forward:
            self._answer_instead(call, plan)
            return
        self._copy(call, plan, "after-request")
        self._reach(call, copy=False)
        if self._ordered(plan, ResetAfterSend) is not None:
            self._end(call, None)

    def _ordered(self, plan: RequestFaults, kind: type[A]) -> A | None:
        """Return what a fault orders of that kind, and note that the fault fired; ``None``: none orders it."""
        found = plan.find(kind)
        if found is None:
            return None
        self._fired.add(found[0].name)
        return found[1]

    def _answer_instead(self, call: _Call, plan: RequestFaults, after_ns: int = 0) -> bool:
        """Give the merchant the answer that a fault made up; ``False``: none did."""
        instead = self._ordered(plan, AnswerInstead)
        if instead is None:
            return False
        self._end(call, self._read(call.send.kind, instead.response), after_ns)
        return True

    def _copy(self, call: _Call, plan: RequestFaults, when: str) -> None:
        found = plan.find(SendCopies)
        if found is not None and found[1].when == when:
            self._fired.add(found[0].name)
            for n in range(1, found[1].copies + 1):
                self._clock.call_later(n * found[1].delay_ns, partial(self._reach, call, copy=True))

    def _reach(self, call: _Call, *, copy: bool) -> None:
        """The request is at the provider, which answers after its service time."""
        now_ns = self._clock.now_ns()
        if call.send.kind is OperationKind.QUERY:
            answer = self._provider.query(call.ordinal, now_ns + _READ_NS, of_primary=call.send.other_node)
            self._clock.call_at(now_ns + _READ_NS, partial(self._answered, call, answer, copy))
        else:
            self._clock.call_at(now_ns + _WRITE_NS, partial(self._written, call, copy))

    def _written(self, call: _Call, copy: bool) -> None:
        provider, ordinal, now_ns = self._provider, call.ordinal, self._clock.now_ns()
        before = provider.orders.get(ordinal)
        answer = provider.submit(ordinal, now_ns)
        order = provider.orders.get(ordinal)
        if order is not None and order is not before and self._takes_callbacks:
            for at_ns, state in provider.callbacks(ordinal, order):
                callback = CallbackArrived(call.send.number, state)
                self._clock.call_at(at_ns, partial(self._tell, callback))
        self._answered(call, answer, copy)

    def _answered(self, call: _Call, answer: ModelAnswer, copy: bool) -> None:
        now_ns, plan = self._clock.now_ns(), call.plan
        if self._history is not None:
            self._remember(self._history, call, answer, now_ns)
        if copy or call.ended:
            return
        if plan is None:
            self._end(call, answer)
            return
        self._copy(call, plan, "after-answer")
        if (lost := self._ordered(plan, LoseAnswer)) is not None:
            self._end(call, None, self._timeout_ns if lost.mode == "hang" else 0)
            return
        late = self._ordered(plan, DelayAnswer)
        after_ns = 0 if late is None else late.delay_ns
        if not self._answer_instead(call, plan, after_ns):
            self._changed(call, plan, answer, after_ns)

    def _changed(self, call: _Call, plan: RequestFaults, answer: ModelAnswer, after_ns: int) -> None:
        """Give the answer as the fault that decides the outcome changes it."""
        rule = plan.terminal
        action = None if rule is None else rule.fault.on_answer(self._view(call, answer))
        if rule is None or action is None:
            self._end(call, answer, after_ns)
            return
        self._fired.add(rule.name)
        self._end(call, *self._carried_out(call, action, answer, after_ns))

    def _carried_out(
        self, call: _Call, action: AnswerAction, answer: ModelAnswer, after_ns: int
    ) -> tuple[ModelAnswer | None, int]:
        if isinstance(action, ReplaceAnswer):
            given = action.response
            if isinstance(given, PastResponse):
                return given.original, after_ns
            return self._read(call.send.kind, given), after_ns
        if isinstance(action, TruncateAnswer):
            return None, after_ns
        if isinstance(action, PadAnswer):
            return answer, after_ns  # a client may refuse so long a body; the policy's driver has no limit
        if isinstance(action, TrickleAnswer):
            return answer, after_ns + round(len(BODIES[answer]) / action.bytes_per_s * SECOND)
        raise TypeError(f"{type(action).__name__} cannot be done to an answer")

    def _view(self, call: _Call, answer: ModelAnswer) -> AnswerView:
        return answer_view(answer, self._history, call.ordinal, self._clock.now_ns(), self._faults.rules.seed)

    def _remember(self, history: ResponseHistory, call: _Call, answer: ModelAnswer, now_ns: int) -> None:
        if call.send.kind is OperationKind.QUERY:
            history.remember(call.ordinal, now_ns, HTTP_STATUS[answer.observation], BODIES[answer], answer)
        elif acknowledges(call.send.kind, answer.observation):
            history.acknowledge(call.ordinal, now_ns)
