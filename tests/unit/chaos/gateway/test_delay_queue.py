"""Pauses: what waits is called once, in time or when its rule is taken back."""

from __future__ import annotations

from dataclasses import replace

from ackord.chaos.gateway.delay_queue import DelayQueue
from ackord.chaos.gateway.rules import REQUESTED_BY_HEADER, FaultRule, RuleSet
from ackord.core.clock import VirtualClock


def rules(*shares: float) -> list[FaultRule]:
    return RuleSet(1, [{"fault": "reset", "share": share} for share in shares]).rules


def test_an_action_waits_for_its_time() -> None:
    clock, called = VirtualClock(), list[str]()
    pauses = DelayQueue(clock, clock.now_ns)
    one, two = rules(0.1, 0.2)
    pauses.let_go({one.source, two.source})
    pauses.wait(one, 30, lambda: called.append("a"))
    pauses.wait(two, 20, lambda: called.append("b"))
    pauses.wait(two, 0, lambda: called.append("c"))
    assert called == [], "never within the call"
    clock.sleep_ns(25)
    assert called == ["c", "b"]
    clock.sleep_ns(25)
    assert called == ["c", "b", "a"]
    assert len(pauses) == 0


def test_a_rule_that_is_taken_back_lets_go_what_it_holds_and_nothing_else() -> None:
    clock, called = VirtualClock(), list[str]()
    pauses = DelayQueue(clock, clock.now_ns)
    one, two = rules(0.1, 0.2)
    pauses.let_go({one.source, two.source})
    pauses.wait(one, 50, lambda: pauses.wait(one, 50, lambda: called.append("then")))
    pauses.wait(two, 50, lambda: called.append("b"))
    pauses.let_go({two.source})
    assert called == ["then"], "and what that makes wait in its turn"
    pauses.wait(one, 50, lambda: called.append("too late to wait"))
    clock.sleep_ns(1)
    assert called == ["then", "too late to wait"]
    clock.sleep_ns(100)
    assert called == ["then", "too late to wait", "b"], "each once"


def test_what_a_request_asked_for_by_itself_is_taken_back_with_the_last_rule() -> None:
    clock, called = VirtualClock(), list[str]()
    pauses = DelayQueue(clock, clock.now_ns)
    (one,) = rules(0.1)
    asked = replace(one, source=REQUESTED_BY_HEADER)
    pauses.wait(asked, 50, lambda: called.append("asked"))
    pauses.let_go({one.source})
    assert called == []
    pauses.let_go(set())
    assert called == ["asked"]


def test_forgotten_is_never_called() -> None:
    clock, called = VirtualClock(), list[str]()
    pauses = DelayQueue(clock, clock.now_ns)
    (one,) = rules(0.1)
    pauses.let_go({one.source})
    pauses.wait(one, 5, lambda: called.append("a"))
    pauses.forget()
    pauses.let_go(set())
    clock.sleep_ns(10)
    assert called == []
