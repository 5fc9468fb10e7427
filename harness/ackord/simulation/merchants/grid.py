"""Plays every policy under every profile, side by side on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...chaos.profile import Profile
from ...contract.codec.codec import Codec
from ...contract.loading.loader import PlaceholderEnv, load_contract
from ...host.worker_pool import WorkerPool
from ...merchant.policy import MerchantPolicy
from .cell import CellTally, play_cell
from .provider_model import ProviderModel

__all__ = ["PolicyGrid", "play_grid"]

_WORTH_A_PROCESS = 20_000
"""Orders of a grid from which more than one process is worth its start."""


@dataclass(frozen=True, slots=True)
class PolicyGrid:
    """The cells of a simulation, and what it was made of."""

    model: ProviderModel
    contract: str
    """Whose words are read: what faults answer instead of the provider."""
    seed: int
    outage_ns: int
    policies: tuple[MerchantPolicy, ...]
    profiles: tuple[Profile, ...]
    cells: dict[tuple[str, str], CellTally]
    """By policy and profile."""

    def of_policy(self, policy: str) -> list[CellTally]:
        return [self.cells[policy, profile.name] for profile in self.profiles]


def play_grid(
    policies: Sequence[MerchantPolicy],
    profiles: Sequence[Profile],
    model: ProviderModel,
    contract: str,
    *,
    seed: int,
    orders: int,
    outage_ns: int,
    most_orders: int = 0,
    on_cell: Callable[[CellTally], None] = lambda cell: None,
    processes: int = 0,
) -> PolicyGrid:
    """Play ``orders`` intents in each cell. The result does not depend on the number of ``processes`` (0: one a core).
    Raises ``EnvironmentFailed`` if one of them is killed.

    ``contract``: a name or a path, as ``load_contract`` takes it. ``on_cell`` is told each cell that is done.
    """
    jobs = [(policy, profile) for profile in profiles for policy in policies]
    settings = {"seed": seed, "orders": orders, "outage_ns": outage_ns, "most_orders": most_orders}
    cells: dict[tuple[str, str], CellTally] = {}
    few = orders * len(jobs) < _WORTH_A_PROCESS
    workers = min(processes or (1 if few else os.cpu_count() or 1), len(jobs))
    if workers == 1:
        codec = load_contract(contract, env=PlaceholderEnv({})).codec
        for policy, profile in jobs:
            cell = cells[policy.name, profile.name] = play_cell(policy, profile, model, codec, **settings)
            on_cell(cell)
        return PolicyGrid(model, contract, seed, outage_ns, tuple(policies), tuple(profiles), cells)
    with WorkerPool(workers, _prepare, contract, model) as pool:
        calls = [(policy, profile, settings) for policy, profile in jobs]
        mend = "give fewer --orders, or lower --most-orders"
        for cell in pool.results(_play, calls, what="its cell was played", mend=mend):
            cells[cell.policy, cell.profile] = cell
            on_cell(cell)
    return PolicyGrid(model, contract, seed, outage_ns, tuple(policies), tuple(profiles), cells)


_worker: tuple[Codec, ProviderModel]


def _prepare(contract: str, model: ProviderModel) -> None:
    global _worker
    _worker = load_contract(contract, env=PlaceholderEnv({})).codec, model


def _play(policy: MerchantPolicy, profile: Profile, settings: dict[str, int]) -> CellTally:
    codec, model = _worker
    return play_cell(policy, profile, model, codec, **settings)
