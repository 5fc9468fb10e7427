"""Rules: which faults hit which request, and that it depends on names alone."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.gateway.catalogue import QUERY_FAULTS
from ackord.chaos.gateway.identity import Identity, read_identity
from ackord.chaos.gateway.rules import FAULTS, Plan, RuleSet
from ackord.core.clock import MS
from ackord.core.seed import Seed
from ackord.errors import UsageError


def who(operation: str = "submit", ordinal: int = 1, attempt: int = 1) -> Identity:
    return read_identity({"ackord-op": "9", "ackord-key": f"{operation}/{ordinal}/{attempt}"}, 500)


def plan(*rules: dict[str, Any], of: Identity | None = None, node: str = "A", seed: int = 1) -> Plan | None:
    return RuleSet(seed, rules).plan(of or who(), node)


def rule(fault: str, share: float = 1.0, match: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    return {"fault": fault, "share": share, "match": match or {}, "params": params}


def test_no_rules_no_plan() -> None:
    assert plan() is None
    assert plan(rule("reset", share=0)) is None


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_asked_for_with_its_defaults(fault: str) -> None:
    of = who("query" if fault in QUERY_FAULTS else "submit")
    found = plan(rule(fault), of=of)
    if fault == "latency":  # of no milliseconds
        assert found is None
        found = plan(rule(fault, ms=1))
    assert found is not None
    assert found.faults == [fault]


def test_latency_and_copies_go_with_anything_but_only_one_fate_counts() -> None:
    found = plan(
        rule("latency", ms=5),
        rule("lost-answer", mode="hang"),
        rule("duplicate-delivery", copies=2, delay_ms=3),
        rule("reset"),
        rule("latency", ms=50),
    )
    assert found is not None
    assert found.faults == ["latency", "lost-answer", "duplicate-delivery"]
    assert (found.delay_ns, found.fate, found.fated()) == (5 * MS, "lost-answer", {"mode": "hang"})
    assert found.params("duplicate-delivery") == {"copies": 2, "delay_ms": 3, "when": "after-request"}


@pytest.mark.parametrize(
    ("match", "identity", "node", "hit"),
    [
        ({"operation": ["submit", "query"]}, who("query"), "A", True),
        ({"operation": ["submit"]}, who("query"), "A", False),
        ({"attempt": [1]}, who(attempt=1), "A", True),
        ({"attempt": [1]}, who(attempt=2), "A", False),
        ({"order": [3, 4]}, who(ordinal=4), "A", True),
        ({"order": [3, 4]}, who(ordinal=5), "A", False),
        ({"node": ["B"]}, who(), "B", True),
        ({"node": ["B"]}, who(), "A", False),
        ({"operation": ["submit"], "attempt": [2]}, who(), "A", False),
        ({"operation": []}, who(), "A", True),
        ({"operation": ["submit"]}, read_identity(None, 1), "A", False),
        ({"order": [1]}, read_identity(None, 1), "A", False),
        ({"node": ["A"]}, read_identity(None, 1), "A", True),
        ({}, read_identity(None, 1), "A", True),
    ],
)
def test_matching(match: dict[str, Any], identity: Identity, node: str, hit: bool) -> None:
    assert (plan(rule("reset", match=match), of=identity, node=node) is not None) is hit


def test_the_share_is_decided_by_the_name_of_the_request_alone() -> None:
    rules = RuleSet(77, [rule("lost-answer", share=0.3)])
    hits = [rules.plan(who(ordinal=i), "A") is not None for i in range(1000)]
    again = RuleSet(77, [rule("latency", share=0.9, ms=1), rule("lost-answer", share=0.3)])
    later = [again.plan(who(ordinal=i), "B") for i in reversed(range(1000))][::-1]
    assert hits == [found is not None and "lost-answer" in found.faults for found in later]
    assert hits == [Seed(77).hits(0.3, "lost-answer", i, "submit", 1) for i in range(1000)]
    assert 230 < sum(hits) < 370
    assert hits != [
        RuleSet(78, [rule("lost-answer", share=0.3)]).plan(who(ordinal=i), "A") is not None for i in range(1000)
    ]


def test_jitter_is_keyed_and_bounded() -> None:
    rules = RuleSet(5, [rule("latency", ms=10, jitter_ms=4)])

    def delays_of(ordinals: range) -> list[int]:
        return [found.delay_ns for i in ordinals if (found := rules.plan(who(ordinal=i), "A"))]

    delays = delays_of(range(200))
    assert len(delays) == 200
    assert min(delays) >= 6 * MS
    assert max(delays) <= 14 * MS
    assert max(delays) - min(delays) > 6 * MS
    assert delays[::-1] == delays_of(range(199, -1, -1))


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"fault": "latncy"}, 'Did you mean "latency"'),
        ({"fault": "latency", "params": {"mss": 5}}, "mss"),
        ({"fault": "latency", "params": {"ms": -5}}, "ms"),
        ({"fault": "latency", "params": {"ms": "5"}}, "ms"),
        ({"fault": "latency", "share": 2}, "share"),
        ({"fault": "latency", "share": True, "extra": 1}, "extra"),
        ({"fault": "latency", "match": {"operations": ["submit"]}}, 'Did you mean "operation"'),
        ({"fault": "lost-answer", "params": {"mode": "vanish"}}, "mode"),
        ({"fault": "duplicate-delivery", "params": {"copies": 0}}, "copies"),
        ({"fault": "error-substitution", "params": {"status": 99}}, "status"),
        ({"fault": "reset", "params": []}, "params"),
        ({"fault": "reset", "match": "submit"}, "match"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(bad: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        RuleSet(1, [bad])
