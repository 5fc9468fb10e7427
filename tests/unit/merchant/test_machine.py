"""The machine is total: any events, in any order, under any composition of settings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.field_types import Duration
from ackord.core.clock import MS, SECOND
from ackord.core.operation import OPERATION_FACTS, SUBMITS, Observation, OperationKind
from ackord.core.payment_state import RANK, LaterEdge, PaymentState
from ackord.merchant.events import (
    Action,
    Answered,
    CallbackArrived,
    Conclude,
    Conclusion,
    Event,
    Send,
    Unanswered,
    WakeAt,
    Woken,
)
from ackord.merchant.machine import MerchantMachine
from ackord.merchant.policy import MerchantPolicy
from ackord.merchant.polling import ExponentialPolling, FixedPolling, LadderPolling

S = PaymentState
O = Observation  # noqa: E741

durations = st.sampled_from([Duration(text) for text in ("0s", "1ms", "200ms", "5s", "1m")])
pollings = st.one_of(
    st.builds(FixedPolling, first=durations, every=st.sampled_from([Duration("50ms"), Duration("3s")])),
    st.builds(
        ExponentialPolling,
        kind=st.just("exponential"),
        first=st.sampled_from([Duration("100ms"), Duration("1s")]),
        most=st.just(Duration("1m")),
        jitter=st.floats(0, 0.9),
    ),
    st.builds(LadderPolling, kind=st.just("ladder"), waits=st.just((Duration("1s"), Duration("2m")))),
)
doubts = st.sampled_from(["fail", "query", "resubmit-same", "resubmit-new"])
policies = st.builds(
    MerchantPolicy,
    name=st.just("drawn"),
    on_not_found=st.sampled_from(["fail", "ignore", "resubmit", "query-other-node", "ask-a-person"]),
    buffer=durations,
    poll=pollings,
    give_up_after=st.sampled_from([Duration("2m"), Duration("1h")]),
    merge=st.sampled_from(["last", "order"]),
    on_timeout=doubts,
    on_error=doubts,
    on_duplicate=st.sampled_from(["fail", "pointer"]),
    callbacks=st.sampled_from(["ignore", "trust", "verify"]),
    verifies_answers=st.booleans(),
    pays_again=st.integers(0, 3),
    honours_retry_after=st.booleans(),
)
states = st.sampled_from(list(S))
answers = st.builds(
    Answered,
    call=st.integers(-1, 12),
    observation=st.sampled_from(list(O)),
    state=states,
    genuine=st.booleans(),
    retry_after_ns=st.none() | st.integers(0, 3600 * SECOND),
)
events: st.SearchStrategy[Event] = st.one_of(
    answers,
    answers,
    st.builds(Unanswered, call=st.integers(-1, 12)),
    st.builds(CallbackArrived, number=st.integers(-1, 4), state=states, genuine=st.booleans()),
    st.just(Woken()),
)
steps = st.lists(st.tuples(st.integers(0, 120 * SECOND), events), max_size=30)


def sends(actions: list[Action]) -> list[Send]:
    return [a for a in actions if isinstance(a, Send)]


def wake_of(actions: list[Action]) -> int | None:
    return next((a.at_ns for a in reversed(actions) if isinstance(a, WakeAt)), None)


@settings(max_examples=400, deadline=None)
@given(policies, steps)
def test_any_events_in_any_order_are_taken_and_it_ends_within_its_bound(
    policy: MerchantPolicy, steps: list[tuple[int, Event]]
) -> None:
    edges = (LaterEdge(S.SUCCEEDED, S.RETURNED),)
    machine = MerchantMachine(policy, lambda n: 0.5, edges)
    actions = machine.begin(0)
    now_ns, wake_ns, concluded = 0, wake_of(actions), 0
    known = [S.UNKNOWN]

    def take(event: Event) -> None:
        nonlocal wake_ns, concluded, actions
        over = machine.conclusion is not None
        actions = machine.on(event, now_ns)
        assert not (over and actions), "an action after the end"
        if machine.conclusion is None:
            wake_ns = wake_of(actions) or wake_ns
        concluded += sum(isinstance(a, Conclude) for a in actions)
        known.extend([S.UNKNOWN] * (len(machine.numbers) - len(known)))
        for i, number in enumerate(machine.numbers):
            if policy.merge == "order":
                legal = RANK[number.state] >= RANK[known[i]] or (known[i], number.state) in {
                    (s, t) for s, t, _ in edges
                }
                assert legal, f"{known[i].name} was overwritten by {number.state.name}"
            known[i] = number.state

    for wait_ns, event in steps:
        now_ns += wait_ns
        take(event)
    while machine.conclusion is None:
        assert wake_ns is not None, "it waits for nothing"
        assert wake_ns <= policy.give_up_after.ns or wake_ns <= now_ns, "it wakes after the bound"
        now_ns = max(now_ns, wake_ns)
        take(Woken())
    assert concluded == 1
    assert len(machine.numbers) <= 1 + policy.pays_again
    assert machine.calls == sum(n.writes + n.queries for n in machine.numbers)
    if policy.merge == "order":
        assert machine.lowered == 0


@settings(max_examples=200, deadline=None)
@given(policies, st.lists(st.sampled_from(list(O)), min_size=1, max_size=8), states)
def test_a_provider_that_answers_the_same_for_ever_is_no_live_lock(
    policy: MerchantPolicy, seen: list[Observation], state: PaymentState
) -> None:
    machine = MerchantMachine(policy, lambda n: 0.5)
    actions, now_ns, turn = machine.begin(0), 0, 0
    while machine.conclusion is None:
        calls = sends(actions)
        if calls:
            now_ns += 5 * MS
            allowed = OPERATION_FACTS[calls[0].kind].observations
            observation = seen[turn % len(seen)]
            turn += 1
            actions = machine.on(
                Answered(calls[0].call, observation if observation in allowed else O.UNREADABLE, state), now_ns
            )
        else:
            wake_ns = wake_of(actions)
            assert wake_ns is not None
            now_ns = max(now_ns, wake_ns)
            actions = machine.on(Woken(), now_ns)
        assert now_ns <= policy.give_up_after.ns + SECOND
    assert machine.conclusion in Conclusion


def policy(**given: Any) -> MerchantPolicy:
    return MerchantPolicy.model_validate({"name": "mine", "poll": {"kind": "fixed", "every": "1s"}, **given})


def begun(**given: Any) -> MerchantMachine:
    machine = MerchantMachine(policy(**given))
    assert sends(machine.begin(0)) == [Send(1, OperationKind.SUBMIT, 0)]
    return machine


def test_an_intent_begins_once() -> None:
    machine = begun()
    with pytest.raises(RuntimeError, match="once"):
        machine.begin(0)


def test_nothing_happens_before_the_begin() -> None:
    machine = MerchantMachine(policy())
    for event in (Woken(), Answered(1, O.ACK), Unanswered(1), CallbackArrived(0, S.SUCCEEDED)):
        assert machine.on(event, 0) == []


def test_paid_is_the_end() -> None:
    machine = begun()
    assert isinstance(machine.on(Answered(1, O.ACK, S.SUCCEEDED), 5)[0], Conclude)
    assert machine.conclusion is Conclusion.PAID
    assert machine.on(Woken(), 10**12) == []


def test_not_found_is_ignored_in_the_buffer_and_fails_after_it() -> None:
    machine = begun(on_not_found="fail", buffer="3s", merge="last", pays_again=0)
    machine.on(Answered(1, O.ACK), 0)
    machine.on(Woken(), 0)
    machine.on(Answered(2, O.NOT_FOUND), SECOND)
    assert machine.conclusion is None
    machine.on(Woken(), 4 * SECOND)
    machine.on(Answered(3, O.NOT_FOUND), 4 * SECOND)
    assert machine.conclusion is Conclusion.FAILED


def test_not_found_never_fails_an_order_that_was_shown_if_the_order_of_states_counts() -> None:
    machine = begun(on_not_found="fail", merge="order")
    machine.on(Answered(1, O.ACK), 0)
    machine.on(Woken(), 0)
    machine.on(Answered(2, O.NOT_FOUND), SECOND)
    assert machine.conclusion is None
    assert machine.status is S.RECEIVED


def test_another_node_is_asked_once_before_it_goes_on_asking() -> None:
    machine = begun(on_not_found="query-other-node")
    machine.on(Answered(1, O.ACK), 0)
    machine.on(Woken(), 0)
    asked = machine.on(Answered(2, O.NOT_FOUND), 0)
    assert sends(asked) == [Send(3, OperationKind.QUERY, 0, other_node=True)]
    assert sends(machine.on(Answered(3, O.NOT_FOUND), 0)) == []


@pytest.mark.parametrize("event", [Unanswered(1), Answered(1, O.RETRYABLE), Answered(1, O.UNREADABLE)])
@pytest.mark.parametrize(
    ("doubt", "number", "kind"),
    [("query", 0, "query"), ("resubmit-same", 0, "resubmit"), ("resubmit-new", 1, "submit"), ("fail", 1, "submit")],
)
def test_what_follows_a_submit_in_doubt(event: Event, doubt: str, number: int, kind: str) -> None:
    machine = begun(on_timeout=doubt, on_error=doubt)
    actions = machine.on(event, 0)
    sent = sends(actions) or sends(machine.on(Woken(), wake_of(actions) or 0))
    assert [(a.number, a.kind) for a in sent] == [(number, OperationKind(kind))]


@pytest.mark.parametrize("seen", [O.DUPLICATE, O.IN_PROGRESS, O.REJECTED])
def test_a_refusal_of_a_number_in_doubt_is_a_pointer_to_the_original(seen: Observation) -> None:
    machine = begun(on_timeout="resubmit-same")
    machine.on(Unanswered(1), 0)
    machine.on(Woken(), 0)
    actions = machine.on(Answered(2, seen), 0)
    assert machine.conclusion is None
    assert [a.kind for a in sends(machine.on(Woken(), wake_of(actions) or 0))] == [OperationKind.QUERY]


@pytest.mark.parametrize("seen", [O.DUPLICATE, O.IN_PROGRESS, O.REJECTED])
def test_a_merchant_that_reads_it_as_a_failure_pays_again(seen: Observation) -> None:
    machine = begun(on_timeout="resubmit-same", on_duplicate="fail")
    machine.on(Unanswered(1), 0)
    machine.on(Woken(), 0)
    assert [(a.number, a.kind) for a in sends(machine.on(Answered(2, seen), 0))] == [(1, OperationKind.SUBMIT)]
    assert machine.numbers[0].read_as_failed


def test_a_first_refusal_is_certain() -> None:
    machine = begun(pays_again=0)
    machine.on(Answered(1, O.REJECTED), 0)
    assert machine.conclusion is Conclusion.FAILED


def test_retry_after_is_honoured_or_not() -> None:
    for honours, least_s in ((True, 30), (False, 0)):
        machine = begun(honours_retry_after=honours)
        wake_ns = wake_of(machine.on(Answered(1, O.RETRYABLE, retry_after_ns=30 * SECOND), 0))
        assert wake_ns is not None
        assert (wake_ns >= 30 * SECOND) is bool(least_s)


def test_callbacks_are_ignored_trusted_or_verified() -> None:
    forged = CallbackArrived(0, S.FAILED, genuine=False)
    ignoring, trusting, verifying = (begun(callbacks=how, pays_again=0) for how in ("ignore", "trust", "verify"))
    for machine in (ignoring, trusting, verifying):
        machine.on(Answered(1, O.ACK), 0)
        machine.on(forged, 0)
    assert ignoring.conclusion is verifying.conclusion is None
    assert trusting.conclusion is Conclusion.FAILED
    asked = verifying.on(CallbackArrived(0, S.SUCCEEDED), 0)
    assert [a.kind for a in sends(asked)] == [OperationKind.QUERY]
    assert verifying.conclusion is None


def test_a_late_callback_lowers_a_paid_order_only_where_the_last_answer_counts() -> None:
    for merge, lowered in (("last", 1), ("order", 0)):
        machine = begun(callbacks="trust", merge=merge)
        machine.on(Answered(1, O.ACK, S.SUCCEEDED), 0)
        assert machine.on(CallbackArrived(0, S.PROCESSING), 1) == []
        assert machine.lowered == lowered


def test_answers_that_are_not_genuine_are_no_answers() -> None:
    careful, careless = begun(), begun(verifies_answers=False)
    forged = Answered(1, O.ACK, S.SUCCEEDED, genuine=False)
    careful.on(forged, 0)
    careless.on(forged, 0)
    assert careful.conclusion is None
    assert careless.conclusion is Conclusion.PAID


def test_money_that_came_back_is_owed_again() -> None:
    machine = begun(pays_again=0)
    machine.on(Answered(1, O.ACK, S.RETURNED), 0)
    assert machine.conclusion is Conclusion.FAILED


def test_only_the_kinds_of_a_merchant_are_sent() -> None:
    machine = begun(on_not_found="resubmit")
    machine.on(Answered(1, O.ACK), 0)
    machine.on(Woken(), 0)
    sent = sends(machine.on(Answered(2, O.NOT_FOUND), 0))
    assert {a.kind for a in sent} <= {*SUBMITS, OperationKind.QUERY}
