"""What exchanges share: how a request gets its node and its faults, and what a change of rules forgets."""

from __future__ import annotations

import pytest

from ackord.chaos.gateway.edge_state import EdgeState, ProxySettings
from ackord.chaos.gateway.http1.framing import RequestHead
from ackord.errors import UnknownNameError, UsageError

from .test_proxied_exchange import RULES, Conversation

NODES = {"A": ("node", 1), "B": ("node", 2)}


def state(default_node: str) -> EdgeState:
    played = Conversation([])
    settings = ProxySettings("e", NODES, default_node)
    return EdgeState(settings, played.now_ns, played, played.alarm, played, dict.fromkeys(NODES, played), RULES)


def node_of(edge: EdgeState, header: str = "") -> str:
    head = RequestHead(f"GET /q HTTP/1.1\r\nHost: x\r\n{header}\r\n".encode())
    return edge.request(head, b"", b"").node


def test_a_request_goes_to_the_node_that_it_names_or_to_the_usual_one() -> None:
    assert [node_of(state("B")), node_of(state("B"), "ackord-node: A\r\n")] == ["B", "A"]
    with pytest.raises(UnknownNameError, match="node"):
        node_of(state("B"), "ackord-node: C\r\n")


def test_the_usual_node_may_be_each_in_turn() -> None:
    edge = state("rotate")
    assert [node_of(edge) for _ in range(3)] == ["A", "B", "A"]


def test_invalid_rules_leave_the_old_ones_in_force() -> None:
    edge = state("A")
    edge.set_rules(1, [{"fault": "lost-answer"}])
    with pytest.raises(UsageError, match="lost-anser"):
        edge.set_rules(1, [{"fault": "lost-anser"}])
    assert [rule.name for rule in edge.rules.rules] == ["lost-answer"]


def test_answers_are_remembered_as_long_as_a_rule_needs_them() -> None:
    edge = state("A")
    edge.set_rules(1, [{"fault": "stale-answer"}])
    assert edge.remembers
    edge.memory.acknowledge(1, 5)
    edge.set_rules(1, [{"fault": "latency", "params": {"ms": 1}}])
    assert not edge.remembers
    assert edge.memory.acknowledged_ns("q", 1) is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"upstreams": {}}, "no upstream"), ({"idle_timeout_ms": 0}, "idle_timeout_ms"), ({"max_connections": 0}, "max_")],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], says: str) -> None:
    given = {"name": "e", "upstreams": NODES, "default_node": "A", **settings}
    with pytest.raises(UsageError, match=says):
        ProxySettings(**given)  # type: ignore[arg-type]
