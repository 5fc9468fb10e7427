"""What an armed fault says that it can hit is what the gateway's rules would hit."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.faults import load_faults
from ackord.chaos.faults.edge import edge_fault
from ackord.chaos.gateway.identity import RequestIdentity
from ackord.chaos.gateway.rules import RuleSet
from ackord.core.event import Begin, FaultChange
from ackord.core.operation import OperationKind, Vantage
from ackord.errors import UnknownNameError, UsageError
from ackord.run.armed_fault import check_injectable, fired, what_it_can_hit, why_not_fired


def lost_answer(**more: Any) -> Any:
    return edge_fault("lost-answer", {}).model_validate({"fault": "lost-answer", **more})


def described(fault: Any, **more: Any) -> Any:
    return what_it_can_hit(fault, **{"seed": 7, "next_order": 1, "since_ns": 5, **more})


def test_the_prediction_is_the_gateway_s_own_decision() -> None:
    fault = lost_answer(share=0.3)
    armed = described(fault, next_order=4)
    rules = RuleSet(7, [fault.to_rule()])
    for ordinal in range(4, 14):
        who = RequestIdentity(1, f"submit/{ordinal}/1", "submit", ordinal, 1, "", "", None)
        assert (f"submit of order {ordinal}" in armed.hits) == (rules.plan(who, "") is not None)
    assert 0 < len(armed.hits) < 30
    assert "30% of each submit or resubmit or query; of orders 4 to 13 with this seed: " in str(armed)


def test_a_fault_that_hits_nothing_soon_says_so() -> None:
    assert str(described(lost_answer(share=1e-9))).endswith("with this seed: nothing")


def test_one_that_needs_a_key_says_that_own_clients_are_spared() -> None:
    assert "no call of your own client" in str(described(lost_answer(match={"operation": ["submit"]})))
    assert "no call of your own client" not in str(described(lost_answer()))


def test_what_headers_or_bodies_decide_is_not_foretold() -> None:
    armed = described(lost_answer(match={"header": {"x": "y"}}))
    assert armed.hits is None
    assert "whose header or body is as its match says" in armed.can_hit


def test_a_fault_behind_the_edge_says_its_seam() -> None:
    fault = load_faults().get("replication-latency").model_validate({"fault": "replication-latency", "ms": 50})
    assert described(fault).can_hit.startswith("everything, at the seam replication: ")


def test_only_proofs_since_the_arming_count() -> None:
    events = [
        FaultChange(1, "lost-answer", "fired", "edge", 1, {}),
        FaultChange(5, "lost-answer", "armed", "edge", 0, {}),
        Begin(6, Vantage.MERCHANT, 2, 0, OperationKind.QUERY, "main", "A", 1, "", None, ""),
    ]
    assert fired(events, "lost-answer") and not fired(events, "lost-answer", 5)
    said = why_not_fired(events, described(lost_answer()), "lost-answer")
    assert "calls since then: query of A (attempt 1)" in said
    assert 'merchant.submit(inject="lost-answer")' in said
    assert "never armed" in why_not_fired(events, None, "lost-answer")


@pytest.mark.parametrize(
    ("name", "kind", "error"),
    [
        ("lost-anwser", OperationKind.SUBMIT, UnknownNameError),
        ("stale-answer", OperationKind.SUBMIT, UsageError),
        ("latency", OperationKind.SUBMIT, UsageError),
    ],
)
def test_what_cannot_be_put_on_a_call_is_refused_before_it_is_sent(
    name: str, kind: OperationKind, error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_injectable(name, kind)


def test_what_can_is_not() -> None:
    check_injectable("", OperationKind.SUBMIT)
    check_injectable("lost-answer", OperationKind.SUBMIT)
    check_injectable("stale-answer", OperationKind.QUERY)
