"""Scenarios say which operation they need, besides submits and queries."""

from __future__ import annotations

import pytest

from ackord.core.operation import SUBMITS, OperationKind
from ackord.workload.all_scenarios import SCENARIOS
from ackord.workload.scenario_base import NEEDS, operations_needed

from .stage import played


@pytest.mark.parametrize("name", SCENARIOS.names())
def test_a_scenario_performs_the_operation_that_it_needs_and_no_other(name: str) -> None:
    usual = {*SUBMITS, OperationKind.QUERY}
    needed = {NEEDS[name]} if name in NEEDS else set()
    assert {c.kind for c in played(name)} - usual == needed


def test_a_workload_needs_what_its_scenarios_need_unless_they_have_no_weight() -> None:
    assert operations_needed({"plain": 1}) == []
    assert operations_needed({"refund-over": 1, "refund-part": 2, "cancel-race": 0}) == [OperationKind.REFUND]
    assert operations_needed({"cancel-race": 1, "refund-part": 2}) == [OperationKind.CANCEL, OperationKind.REFUND]
