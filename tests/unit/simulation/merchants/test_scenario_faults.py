"""What a profile becomes for a simulated order."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.profile import Profile, read_profile
from ackord.core.clock import MS, SECOND
from ackord.core.seed import Seed
from ackord.simulation.merchants.scenario_faults import (
    ScenarioFaults,
    faults_without_simulation,
    why_not_simulated,
)


def profile(*faults: dict[str, Any]) -> Profile:
    return Profile.model_validate(
        {
            "name": "drawn",
            "incident": "x",
            "phases": {"disturb": {"orders": 1}},
            "workload": {"plain": 1},
            "faults": list(faults),
            "exposes": ["acknowledged-order-visible"],
        }
    )


def faults(*given: dict[str, Any], healed_s: int = 60) -> ScenarioFaults:
    return ScenarioFaults(profile(*given), Seed(1), healed_s * SECOND)


def test_a_slow_replica_is_behind_by_its_lag_until_the_healing() -> None:
    lagging = faults({"fault": "replication-latency", "ms": 200})
    assert lagging.replicated_until_ns(SECOND) == SECOND - 200 * MS
    assert lagging.replicated_until_ns(60 * SECOND) > 60 * SECOND - MS


def test_a_cut_replica_knows_what_was_written_before_the_cut() -> None:
    cut = faults({"fault": "replication-cut", "after_ms": 1000, "for_ms": 500, "every_ms": 1000})
    assert cut.replicated_until_ns(900 * MS) > 899 * MS
    assert cut.replicated_until_ns(1300 * MS) == SECOND
    assert cut.replicated_until_ns(1600 * MS) > 1599 * MS
    assert cut.replicated_until_ns(2400 * MS) == 2 * SECOND


def test_the_worse_of_two_counts() -> None:
    both = faults({"fault": "replication-latency", "ms": 200}, {"fault": "apply-delay", "ms": 500})
    assert both.replicated_until_ns(SECOND) == 500 * MS


def test_a_bank_behaves_as_the_faults_say_while_they_are_on() -> None:
    trouble = faults(
        {"fault": "channel-declines", "share": 0.25}, {"fault": "channel-down", "after_ms": 100, "for_ms": 400}
    )
    assert trouble.bank(0).decline_share == 0.25
    assert not trouble.bank(0).down
    assert trouble.bank(200 * MS).down
    assert trouble.bank_is_back_ns(200 * MS) == 500 * MS
    assert trouble.bank(60 * SECOND).decline_share == 0.0


def test_a_bank_that_never_comes_back_does_so_with_the_healing() -> None:
    assert faults({"fault": "channel-down"}, healed_s=5).bank_is_back_ns(SECOND) == 5 * SECOND


def test_what_has_no_simulation_is_named() -> None:
    assert faults_without_simulation(profile({"fault": "node-crash"}, {"fault": "lost-answer"})) == ["node-crash"]
    assert "failover" in why_not_simulated(read_profile("failover-async").profile)
    assert "workload" in why_not_simulated(read_profile("overtake").profile)
    assert "statement" in why_not_simulated(read_profile("statement-replica-lag").profile)
    assert "lists" in why_not_simulated(read_profile("stale-list").profile)


@pytest.mark.parametrize("name", ["none", "replica-lag", "lost-answers", "storm", "replica-stopped", "provider-errors"])
def test_what_can_be_simulated_is(name: str) -> None:
    assert why_not_simulated(read_profile(name).profile) == ""
