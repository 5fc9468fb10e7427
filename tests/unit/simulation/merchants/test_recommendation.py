"""What a simulation recommends."""

from __future__ import annotations

from ackord.chaos.profile import read_profile
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import SECOND
from ackord.core.promises import SamePayloadAnswer
from ackord.simulation.merchants.provider_model import INCIDENT, ProviderModel
from ackord.simulation.merchants.recommendation import buffer_needs, recommend

from .grids import grid_of

CODEC = load_contract("reference", env=PlaceholderEnv({})).codec


def test_the_cheapest_safe_policy_is_named_with_its_bound() -> None:
    found = recommend(grid_of())
    assert (found.policy, found.unsafe) == ("recommended", ("naive",))
    assert found.bound is not None
    assert found.bound.share == 0 < found.bound.high
    assert any("at most" in line and "95 %" in line for line in found.lines(INCIDENT))


def test_there_may_be_none() -> None:
    found = recommend(grid_of(recommended_twice=1))
    assert found.policy == ""
    assert "every policy that was played paid something twice" in found.lines(INCIDENT)


def test_a_lag_needs_a_buffer_and_an_outage_without_a_bound_has_none() -> None:
    profiles = [read_profile(name).profile for name in ("none", "replica-lag", "replica-stopped")]
    calm, lag, stopped = buffer_needs(profiles, INCIDENT, CODEC, seed=1, orders=40, outage_ns=10 * SECOND)
    assert calm.buffer is not None
    assert calm.buffer.ns == 0
    assert lag.buffer is not None
    assert (lag.buffer, lag.grows) == ("200ms", False)
    assert stopped.buffer is None or stopped.grows
    lines = recommend(grid_of(), [calm, lag, stopped]).lines(INCIDENT)
    assert any("replica-stopped no finite buffer is enough" in line for line in lines)
    assert any("replica-lag" in line and "200ms" in line for line in lines)


def test_what_the_provider_promises_too_little_for_is_said() -> None:
    lines = recommend(grid_of()).lines(ProviderModel("x", unbounded=True, same_payload=SamePayloadAnswer.NEW_MOVEMENT))
    assert any("no bound for landing" in line for line in lines)
    assert any("no policy that resubmits is safe" in line for line in lines)
