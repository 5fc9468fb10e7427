"""A grid made by hand, for the tests of what is written about one."""

from __future__ import annotations

from array import array
from collections import Counter

from ackord.chaos.profile import read_profile
from ackord.core.clock import MS, SECOND
from ackord.merchant.presets import PRESETS
from ackord.simulation.merchants.cell import CellTally
from ackord.simulation.merchants.grid import PolicyGrid
from ackord.simulation.merchants.provider_model import INCIDENT, ProviderModel

__all__ = ["grid_of"]


def grid_of(model: ProviderModel = INCIDENT, *, naive_twice: int = 560, recommended_twice: int = 0) -> PolicyGrid:
    """Two policies under two profiles, 1,000 orders each."""
    profiles = tuple(read_profile(name).profile for name in ("none", "lost-answers"))
    policies = tuple(PRESETS.get(name) for name in ("naive", "recommended"))
    cells = {}
    for policy, twice in zip(policies, (naive_twice, recommended_twice), strict=True):
        for profile in profiles:
            lossy = profile.name != "none"
            cells[policy.name, profile.name] = CellTally(
                policy.name, profile.name, 1000, twice if lossy else 0, twice if lossy else 0, 3 * lossy, 0, 0,
                2500 + 700 * (policy.name == "recommended"), array("q", [(20 + i) * MS for i in range(1000 - 3 * lossy)]),
                Counter({"lost-answer": 500} if lossy else {}), ("node-pause",) if lossy else (),
            )  # fmt: skip
    return PolicyGrid(model, "reference", 1, 60 * SECOND, policies, profiles, cells)
