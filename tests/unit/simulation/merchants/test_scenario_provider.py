"""The provider of a simulated intent."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.clock import SECOND
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState
from ackord.core.promises import SamePayloadAnswer
from ackord.core.seed import Seed
from ackord.simulation.merchants.provider_model import ProviderModel
from ackord.simulation.merchants.scenario_faults import ScenarioFaults
from ackord.simulation.merchants.scenario_provider import ScenarioProvider

from .test_scenario_faults import faults

DAY = 86_400 * SECOND


def provider(*given: dict[str, Any], **model: Any) -> ScenarioProvider:
    found: ScenarioFaults = faults(*given)
    return ScenarioProvider(ProviderModel("x", **model), found, Seed(1))


def test_an_order_is_accepted_processed_and_paid_once() -> None:
    there = provider()
    assert there.submit(1, 0).observation is Observation.ACK
    assert there.query(1, SECOND, of_primary=False).state is PaymentState.SUCCEEDED
    assert there.submit(1, SECOND).state is PaymentState.SUCCEEDED
    assert there.orders[1].kept == 1


def test_a_number_that_nobody_submitted_is_not_found() -> None:
    assert provider().query(1, SECOND, of_primary=True).observation is Observation.NOT_FOUND


def test_a_lagging_replica_does_not_know_it_yet_and_the_primary_does() -> None:
    there = provider({"fault": "replication-latency", "ms": 200})
    there.submit(1, 0)
    assert there.query(1, 1_000_000, of_primary=False).observation is Observation.NOT_FOUND
    assert there.query(1, 1_000_000, of_primary=True).observation is Observation.STATUS
    assert provider(reads_replica=False).submit(1, 0).observation is Observation.ACK


@pytest.mark.parametrize(
    ("promised", "seen", "payouts"),
    [
        (SamePayloadAnswer.REPLAY_CURRENT, Observation.ACK, 1),
        (SamePayloadAnswer.REPLAY_ORIGINAL, Observation.ACK, 1),
        (SamePayloadAnswer.REJECT_WITH_POINTER, Observation.DUPLICATE, 1),
        (SamePayloadAnswer.REJECT_PLAIN, Observation.REJECTED, 1),
        (SamePayloadAnswer.NEW_MOVEMENT, Observation.ACK, 2),
    ],
)
def test_a_resubmission_is_answered_as_promised(promised: SamePayloadAnswer, seen: Observation, payouts: int) -> None:
    there = provider(same_payload=promised)
    there.submit(1, 0)
    assert there.submit(1, SECOND).observation is seen
    assert there.orders[1].payouts == payouts


def test_a_forgotten_number_is_a_new_payment() -> None:
    there = provider(key_retention_ns=DAY)
    there.submit(1, 0)
    there.submit(1, DAY)
    assert not there.forgotten
    there.submit(1, DAY + 1)
    assert len(there.forgotten) == 1


def test_a_busy_provider_accepts_the_second_time() -> None:
    there = provider({"fault": "provider-busy", "share": 1.0})
    assert there.submit(1, 0).observation is Observation.RETRYABLE
    assert there.submit(1, 1).observation is Observation.ACK


def test_a_declined_order_moves_nothing_and_a_returned_one_keeps_nothing() -> None:
    declined = provider({"fault": "channel-declines", "share": 1.0})
    declined.submit(1, 0)
    assert declined.orders[1].payouts == 0
    returned = provider({"fault": "channel-returns", "share": 1.0})
    returned.submit(1, 0)
    assert (returned.orders[1].payouts, returned.orders[1].kept) == (1, 0)
    assert returned.query(1, 10 * SECOND, of_primary=True).state is PaymentState.RETURNED


def test_a_bank_that_times_out_pays_late() -> None:
    there = provider({"fault": "channel-timeouts", "share": 1.0, "pays": 1.0})
    there.submit(1, 0)
    assert there.query(1, 100_000_000, of_primary=True).state is PaymentState.PROCESSING
    assert there.query(1, SECOND, of_primary=True).state is PaymentState.SUCCEEDED


def test_callbacks_tell_the_end_and_what_comes_after_it() -> None:
    there = provider({"fault": "channel-returns", "share": 1.0}, {"fault": "channel-duplicate-callbacks", "share": 1.0})
    there.submit(1, 0)
    told = [state for _, state in there.callbacks(1, there.orders[1])]
    assert told == [PaymentState.SUCCEEDED, PaymentState.RETURNED, PaymentState.SUCCEEDED]
    assert provider(callback_ns=None).callbacks(1, there.orders[1]) == []
