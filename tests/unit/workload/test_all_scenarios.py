"""All families of scenarios are registered, and what some need of a contract is a section of it."""

from __future__ import annotations

from ackord.contract.spec.model import Contract
from ackord.workload.all_scenarios import NEEDS, SCENARIOS


def test_what_scenarios_need_exists() -> None:
    assert set(NEEDS) <= set(SCENARIOS.names())
    assert set(NEEDS.values()) <= set(Contract.model_fields)
