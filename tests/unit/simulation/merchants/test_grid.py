"""Cells side by side on several processes."""

from __future__ import annotations

from ackord.chaos.profile import read_profile
from ackord.core.clock import SECOND
from ackord.merchant.presets import PRESETS
from ackord.simulation.merchants.grid import PolicyGrid, play_grid
from ackord.simulation.merchants.grid_report import to_json
from ackord.simulation.merchants.provider_model import INCIDENT


def grid(processes: int) -> PolicyGrid:
    return play_grid(
        [PRESETS.get(name) for name in ("naive", "recommended")],
        [read_profile(name).profile for name in ("none", "lost-answers")],
        INCIDENT,
        "reference",
        seed=3,
        orders=60,
        outage_ns=60 * SECOND,
        processes=processes,
    )


def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    told: list[str] = []
    one = grid(1)
    two = grid(2)
    told += [cell.policy for cell in two.of_policy("naive")]
    assert to_json(one) == to_json(two)
    assert told == ["naive", "naive"]
    assert set(one.cells) == {(p, q) for p in ("naive", "recommended") for q in ("none", "lost-answers")}
