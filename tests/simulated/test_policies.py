"""Policies under chaos profiles at models of all shipped contracts: who pays twice, and who never does."""

from __future__ import annotations

from functools import cache

import pytest

from ackord.chaos.profile import read_profile
from ackord.contract.codec.codec import Codec
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.core.clock import SECOND
from ackord.core.promises import SamePayloadAnswer
from ackord.merchant.presets import PRESETS
from ackord.simulation.merchants.cell import CellTally, play_cell
from ackord.simulation.merchants.provider_model import INCIDENT, ProviderModel, model_of_contract

ORDERS = 120
PROFILES = ("lost-answers", "stale-reads", "error-after-done", "replica-lag")


@cache
def words() -> Codec:
    return load_contract("reference", env=PlaceholderEnv({})).codec


def play(policy: str, profile: str, model: ProviderModel, orders: int = ORDERS) -> CellTally:
    return play_cell(
        PRESETS.get(policy), read_profile(profile).profile, model, words(), seed=7, orders=orders, outage_ns=60 * SECOND
    )


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_a_command_instead_of_a_query_pays_nothing_twice_where_a_number_moves_money_once(name: str) -> None:
    model = model_of_contract(load_contract(name, env=PlaceholderEnv({})))
    once = model.same_payload is not SamePayloadAnswer.NEW_MOVEMENT
    twice = {profile: play("command-instead-of-query", profile, model).paid_twice for profile in PROFILES}
    if once:
        assert not any(twice.values()), twice
    else:
        assert any(twice.values()), "a provider without idempotency is not told from one with it"


@pytest.mark.parametrize("profile", ["replica-lag", "lost-answers", "stale-reads", "replica-stopped"])
def test_the_naive_merchant_of_the_discussion_pays_twice(profile: str) -> None:
    assert play("naive", profile, INCIDENT).paid_twice > ORDERS // 4
    assert play("recommended", profile, INCIDENT).paid_twice == 0


def test_a_provider_that_moves_money_again_makes_the_command_unsafe_and_asking_safe() -> None:
    careless = ProviderModel("no idempotency", same_payload=SamePayloadAnswer.NEW_MOVEMENT)
    assert play("command-instead-of-query", "lost-answers", careless).paid_twice > 0
    assert play("poller", "lost-answers", careless).paid_twice == 0
