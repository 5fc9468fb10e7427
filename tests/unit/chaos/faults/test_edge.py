"""Faults of the edge, as the gateway is given them."""

from __future__ import annotations

from ackord.chaos.faults import Match
from ackord.chaos.faults.lost_answer import LostAnswer


def test_a_rule_has_what_differs_from_always_and_everywhere() -> None:
    fault = LostAnswer(fault="lost-answer", share=0.5, match=Match(attempt=[1]))
    rule = {"fault": "lost-answer", "share": 0.5, "match": {"attempt": [1]}, "params": {"mode": "reset"}}
    assert fault.to_rule(7) == rule
    limited = fault.model_copy(update={"quota": 3, "after_ms": 10})
    assert limited.to_rule(7) == {**rule, "limits": {"quota": 3}, "schedule": {"after_ms": 10, "armed_ns": 7}}
