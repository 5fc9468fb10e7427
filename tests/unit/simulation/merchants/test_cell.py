"""Many intents of one policy under one profile."""

from __future__ import annotations

from ackord.chaos.profile import read_profile
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import SECOND
from ackord.merchant.presets import PRESETS
from ackord.simulation.merchants.cell import CellTally, play_cell
from ackord.simulation.merchants.provider_model import INCIDENT

CODEC = load_contract("reference", env=PlaceholderEnv({})).codec


def cell(policy: str, profile: str, orders: int = 200, most_orders: int = 0) -> CellTally:
    return play_cell(
        PRESETS.get(policy), read_profile(profile).profile, INCIDENT, CODEC, seed=1, orders=orders,
        outage_ns=60 * SECOND, most_orders=most_orders,
    )  # fmt: skip


def test_the_incident_pays_every_order_twice() -> None:
    tally = cell("naive", "replica-lag")
    assert tally.paid_twice == tally.orders == 200
    assert tally.share("paid_twice").low > 0.98


def test_lost_answers_pay_about_as_many_twice_as_were_lost() -> None:
    tally = cell("naive", "lost-answers", orders=1000)
    low, high = tally.share("paid_twice")[1:]
    assert low < 0.5 * 0.95 + 0.1 * 0.5 < high + 0.06  # half of the answers, and a tenth of resets, of what arrived
    assert tally.fired["lost-answer"] > 400


def test_what_is_rare_is_played_on() -> None:
    tally = cell("ordered", "lost-answers", orders=1000, most_orders=10_000)
    assert tally.orders == 10_000
    assert tally.paid_twice > 0


def test_what_never_happens_is_not() -> None:
    assert cell("recommended", "lost-answers", orders=100, most_orders=10_000).orders == 100


def test_times_are_of_those_that_settled() -> None:
    tally = cell("recommended", "none")
    median_ns = tally.quantile_ns(0.5)
    assert median_ns is not None
    assert len(tally.took_ns) + tally.stuck == tally.orders
    assert 0 < median_ns <= (tally.quantile_ns(0.99) or 0)
    assert CellTally("x", "y").quantile_ns(0.5) is None


def test_every_policy_meets_the_same_faults() -> None:
    first, second = cell("naive", "lost-answers"), cell("recommended", "lost-answers")
    assert first.fired["lost-request"] >= second.fired["lost-request"] > 0


def test_what_is_left_out_is_named() -> None:
    assert cell("naive", "storm", orders=20).not_simulated == ("node-pause",)
