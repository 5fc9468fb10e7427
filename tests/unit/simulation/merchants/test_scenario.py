"""One simulated intent: what each fault of the edge means for a merchant."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import SECOND
from ackord.core.seed import Seed
from ackord.merchant.events import Conclusion
from ackord.merchant.policy import MerchantPolicy
from ackord.merchant.presets import PRESETS
from ackord.simulation.merchants.cell import reader_of
from ackord.simulation.merchants.provider_model import INCIDENT, ProviderModel
from ackord.simulation.merchants.scenario import Scenario, ScenarioOutcome

from .test_scenario_faults import faults

READ = reader_of(load_contract("reference", env=PlaceholderEnv({})).codec)


def play(
    policy: str | MerchantPolicy, *given: dict[str, Any], model: ProviderModel = INCIDENT, index: int = 0
) -> ScenarioOutcome:
    chosen = PRESETS.get(policy) if isinstance(policy, str) else policy
    return Scenario(chosen, model, faults(*given), Seed(1), index, 0, READ).play()


@pytest.mark.parametrize("policy", PRESETS.names())
def test_every_policy_pays_once_where_nothing_is_wrong(policy: str) -> None:
    outcome = play(policy)
    assert (outcome.conclusion, outcome.payouts, outcome.wrongly_failed) == (Conclusion.PAID, 1, False)


def test_the_naive_one_pays_twice_at_a_lagging_replica_and_others_do_not() -> None:
    lag = {"fault": "replication-latency", "ms": 200}
    naive = play("naive", lag)
    assert (naive.payouts, naive.wrongly_failed) == (2, True)
    for policy in ("buffered", "poller", "ordered", "command-instead-of-query", "recommended"):
        assert play(policy, lag).payouts == 1, policy


FIRST_SUBMIT = {"match": {"operation": ["submit"]}, "first": 1}


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "lost-answer"},
        {"fault": "lost-answer", "mode": "hang"},
        {"fault": "reset"},
        {"fault": "error-substitution", "forward": True},
        {"fault": "truncated-body"},
        {"fault": "late-answer", "ms": 60_000},
    ],
    ids=lambda f: f["fault"] + f.get("mode", ""),
)
def test_a_submit_that_arrived_and_was_not_answered_is_paid_twice_by_the_naive_one_alone(fault: dict[str, Any]) -> None:
    hit = fault | FIRST_SUBMIT
    deaf = PRESETS.get("naive").model_copy(update={"callbacks": "ignore"})
    assert play(deaf, hit).payouts == 2
    careful = play("recommended", hit)
    assert (careful.payouts, careful.conclusion) == (1, Conclusion.PAID)
    assert fault["fault"] in careful.fired


@pytest.mark.parametrize(
    "fault", [{"fault": "lost-request"}, {"fault": "unreachable"}, {"fault": "error-substitution"}]
)
def test_a_submit_that_never_arrived_is_sent_again(fault: dict[str, Any]) -> None:
    outcome = play("recommended", fault | FIRST_SUBMIT)
    assert (outcome.payouts, outcome.resubmitted) == (1, True)


def test_copies_make_one_payment_where_numbers_are_honoured_and_several_where_not() -> None:
    copies = {"fault": "duplicate-delivery", "copies": 2}
    assert play("recommended", copies).payouts == 1
    from ackord.core.promises import SamePayloadAnswer

    careless = ProviderModel("x", same_payload=SamePayloadAnswer.NEW_MOVEMENT)
    assert play("recommended", copies, model=careless).payouts == 3


def test_a_stale_answer_of_the_gateway_hides_an_acknowledged_order() -> None:
    stale = {"fault": "stale-answer", "lag_ms": 500, "not_found": True}
    assert play("naive", stale).payouts == 2
    assert play("recommended", stale).payouts == 1


@pytest.mark.parametrize(
    "given",
    [
        [{"fault": "stale-reads", "least_ms": 500, "most_ms": 500}],
        [{"fault": "stale-after-failover", "outage_ms": 1, "apart_ms": 1}],
        [{"fault": "error-after-done", **FIRST_SUBMIT}],
    ],
    ids=lambda given: given[0]["fault"],
)
def test_what_the_gateway_makes_up_is_paid_twice_by_the_naive_one_alone(given: list[dict[str, Any]]) -> None:
    assert play("naive", *given).payouts == 2
    assert play("recommended", *given).payouts == 1


def test_an_order_in_flight_and_a_large_answer_only_take_longer() -> None:
    lost = {"fault": "lost-answer", **FIRST_SUBMIT}
    flight = {"fault": "conflict-in-flight", "match": {"operation": ["resubmit"]}, "ms": 1500}
    found = play("command-instead-of-query", lost, flight)
    assert (found.conclusion, found.payouts) == (Conclusion.PAID, 1)
    assert {"lost-answer", "conflict-in-flight"} <= found.fired
    assert play("naive", {"fault": "oversized-answer"}).payouts == 1


def test_reordered_queries_and_slow_answers_only_take_longer() -> None:
    slow = play("recommended", {"fault": "latency", "ms": 300}, {"fault": "reordered-queries"})
    assert slow.payouts == 1
    assert slow.took_ns > play("recommended").took_ns


def test_a_merchant_without_an_outcome_is_stuck_in_time() -> None:
    policy = MerchantPolicy.model_validate({"name": "x", "on_not_found": "ignore", "give_up_after": "20s"})
    outcome = play(policy, {"fault": "lost-request"})
    assert outcome.conclusion is Conclusion.STUCK
    assert outcome.took_ns == pytest.approx(20 * SECOND, rel=0.01)


def test_a_scenario_is_the_same_each_time() -> None:
    lossy = ({"fault": "lost-answer", "share": 0.5}, {"fault": "latency", "ms": 5, "jitter_ms": 5})
    first = [play("recommended", *lossy, index=i) for i in range(20)]
    assert first == [play("recommended", *lossy, index=i) for i in range(20)]
    assert len({outcome.took_ns for outcome in first}) > 5
