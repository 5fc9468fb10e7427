"""Models of providers: from promises and from measured runs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import MS, SECOND
from ackord.core.promises import SamePayloadAnswer
from ackord.errors import UsageError
from ackord.simulation.merchants.provider_model import INCIDENT, ProviderModel, model_of_contract, model_of_run


def test_an_order_lands_at_once_unless_something_else_is_known() -> None:
    assert {INCIDENT.landing_ns(unit) for unit in (0.0, 0.5, 0.999)} == {0.0}


def test_landing_is_linear_between_its_points_and_lost_past_them() -> None:
    model = ProviderModel("x", lands_ns=((0.5, 0.0), (0.9, 100.0)))
    assert model.landing_ns(0.2) == 0.0
    assert model.landing_ns(0.7) == pytest.approx(50.0)
    assert model.landing_ns(0.95) == math.inf


def test_landing_without_a_bound_has_a_long_tail() -> None:
    model = ProviderModel("x", unbounded=True)
    assert model.landing_ns(0.5) == pytest.approx(2 * SECOND)
    assert model.landing_ns(0.999) > 3600 * SECOND


def test_a_contract_that_forbids_not_found_reads_its_primary() -> None:
    model = model_of_contract(load_contract("reference", env=PlaceholderEnv({})))
    assert not model.reads_replica
    assert model.same_payload is SamePayloadAnswer.REPLAY_CURRENT


def test_only_a_provider_that_calls_back_is_simulated_with_callbacks() -> None:
    silent, calling = (load_contract(n, env=PlaceholderEnv({})) for n in ("reference", "paystack-transfers"))
    assert not silent.contract.callbacks
    assert calling.contract.callbacks
    assert model_of_contract(silent).callback_ns is None
    assert model_of_contract(calling).callback_ns is not None


def test_every_shipped_contract_has_a_model() -> None:
    from ackord.contract.loading.loader import contract_names

    models = [model_of_contract(load_contract(name, env=PlaceholderEnv({}))) for name in contract_names("contracts")]
    assert len(models) >= 20
    assert any(model.unbounded for model in models)
    assert any(model.lands_ns for model in models)
    assert all(model.assumed for model in models if model.unbounded)


def result(**landing: Any) -> dict[str, Any]:
    window = {
        "orders_count": 100, "seen_missing_count": 40, "never_shown_count": 0, "p50_ms": 0.5, "p90_ms": 200.0,
        "p99_ms": 210.0, "max_ms": 220.0, **landing,
    }  # fmt: skip
    guarantee = {"id": "resubmission-moves-money-once", "orders_count": 50, "violations_count": 5}
    return {"profiles": [{"landing": window, "guarantees": [guarantee]}]}


def test_a_run_gives_its_landing_and_its_double_movements() -> None:
    model = model_of_run(result(), INCIDENT)
    assert model.landing_ns(0.3) == 0.0
    assert model.landing_ns(0.9) == pytest.approx(200 * MS)
    assert model.landing_ns(0.9999) <= 220 * MS
    assert model.pays_twice_share == pytest.approx(0.1)
    assert any("100 orders" in line for line in model.assumed)


def test_orders_that_were_lost_stay_away_until_the_healing() -> None:
    model = model_of_run(result(never_shown_count=10), INCIDENT)
    assert model.landing_ns(0.95) == math.inf


@pytest.mark.parametrize("bad", [{}, {"profiles": []}, {"profiles": [{"landing": None, "guarantees": []}]}])
def test_a_result_without_a_landing_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        model_of_run(bad, INCIDENT)
