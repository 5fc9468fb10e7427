"""Plans a simulation of policies from what a user asked for, plays it, and writes its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..chaos.profile import Profile, profile_names
from ..contract.base.field_types import Duration
from ..contract.loading.loader import PlaceholderEnv, load_contract
from ..errors import FileError, UsageError
from ..merchant.policy import MerchantPolicy
from ..merchant.presets import policies_of
from ..merchant.time_budget import BudgetConflict, budget_conflicts
from ..report.files import write_file
from ..report.json_result import read, reading
from ..simulation.merchants.cell import CellTally
from ..simulation.merchants.grid import PolicyGrid, play_grid
from ..simulation.merchants.grid_heat_map import draw_heat_map
from ..simulation.merchants.grid_report import to_markdown, to_text
from ..simulation.merchants.provider_model import INCIDENT, ProviderModel, model_of_contract, model_of_run
from ..simulation.merchants.recommendation import buffer_needs, recommend
from ..simulation.merchants.scenario_faults import why_not_simulated
from .resolve import load_profile

__all__ = ["SimulationOptions", "SimulationPlan", "plan_simulation"]

_WORDS = "reference"
"""The contract whose words are read where a user names none."""
_FEW = 3
"""Of so many policies the times that do not fit are told one by one."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What a user asks for, as it was typed."""

    contract: str = ""
    policies: tuple[str, ...] = ("all",)
    profiles: tuple[str, ...] = ("all",)
    measured: Path | None = None
    orders: int = 10_000
    most_orders: int = 100_000
    outage: str = "60s"
    seed: int = 1


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """A simulation that can be played."""

    options: SimulationOptions
    policies: tuple[MerchantPolicy, ...]
    profiles: tuple[Profile, ...]
    left_out: tuple[tuple[str, str], ...]
    """Profiles that cannot be simulated, and why."""
    conflicts: tuple[BudgetConflict, ...]
    """Times of the policies that do not fit the contract's."""
    model: ProviderModel
    outage_ns: int

    @property
    def cells(self) -> int:
        return len(self.policies) * len(self.profiles)

    @property
    def words(self) -> str:
        """The contract whose words are read."""
        return self.options.contract or _WORDS

    def remarks(self, *, details: bool = False) -> list[str]:
        """What a reader must know besides the table: profiles left out, times that do not fit."""
        found = [f"left out: the profile {name}: {why}" for name, why in self.left_out]
        if self.conflicts and len(self.policies) > _FEW and not details:
            return [*found, f"times that do not fit the contract's: {len(self.conflicts)} (--details prints them)"]
        return [*found, *(f"times that do not fit: {c.policy}, {c.setting}: {c.text}" for c in self.conflicts)]

    def play(self, on_cell: Callable[[CellTally], None] = lambda cell: None) -> PolicyGrid:
        options = self.options
        return play_grid(
            self.policies,
            self.profiles,
            self.model,
            self.words,
            seed=options.seed,
            orders=options.orders,
            outage_ns=self.outage_ns,
            most_orders=options.most_orders,
            on_cell=on_cell,
        )

    def advise(self, grid: PolicyGrid) -> list[str]:
        """The recommendation in sentences."""
        codec = load_contract(self.words, env=PlaceholderEnv({})).codec
        needs = buffer_needs(
            self.profiles,
            self.model,
            codec,
            seed=self.options.seed,
            orders=min(self.options.orders, 1000),
            outage_ns=self.outage_ns,
        )
        return recommend(grid, needs).lines(self.model)

    def write(self, grid: PolicyGrid, advice: list[str], folder: Path) -> list[Path]:
        """Write the files into the folder; return their paths. Raises ``FileError`` and ``UsageError``."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(folder, None, f"the folder cannot be made: {error.strerror or error}") from None
        written = []
        texts = {"json": to_text(grid), "md": to_markdown(grid) + "".join(f"\n{line}.\n" for line in advice)}
        for ending, text in texts.items():
            written.append(folder / f"simulation.{ending}")
            write_file(written[-1], text.encode())
        return [*written, *draw_heat_map(grid, folder)]


def plan_simulation(options: SimulationOptions) -> SimulationPlan:
    """Raises ``UsageError``, ``FileError`` and ``UnknownNameError`` for what cannot be simulated."""
    try:
        outage = Duration(options.outage)
    except ValueError as error:
        raise UsageError(f"--outage {options.outage}: {error}") from None
    if not outage.ns:
        raise UsageError("--outage 0: the faults would be healed before the first order. Expected such as 60s")
    loaded = load_contract(options.contract, env=PlaceholderEnv({})) if options.contract else None
    model = INCIDENT if loaded is None else model_of_contract(loaded)
    recommended_ms = None
    if options.measured is not None:
        result = read(options.measured)
        with reading(options.measured):
            model = model_of_run(result, model)
            recommended_ms = _recommended_ms(result)
    policies = tuple(policy.resolved(recommended_ms) for policy in policies_of(options.policies))
    profiles, left_out = [], []
    for profile in _profiles(options.profiles):
        why = why_not_simulated(profile)
        if why:
            left_out.append((profile.name, why))
        else:
            profiles.append(profile)
    if not profiles:
        raise UsageError("none of the chosen profiles can be simulated: " + "; ".join(f"{n}: {w}" for n, w in left_out))
    conflicts = [c for policy in policies for c in budget_conflicts(policy, loaded.contract)] if loaded else []
    return SimulationPlan(options, policies, tuple(profiles), tuple(left_out), tuple(conflicts), model, outage.ns)


def _profiles(names: tuple[str, ...]) -> list[Profile]:
    found: dict[str, Profile] = {}
    for name in names:
        for each in profile_names() if name == "all" else [name]:
            profile = load_profile(each)
            found.setdefault(profile.name, profile)
    return list(found.values())


def _recommended_ms(result: dict[str, Any]) -> int | None:
    """The longest buffer that a profile of the run recommends; ``None`` if one of them recommends none."""
    landings = [p["landing"] for p in result.get("profiles", []) if p.get("landing")]
    buffers = [landing.get("recommended_buffer_ms") for landing in landings]
    if not buffers or any(buffer is None for buffer in buffers):
        return None
    return int(max(buffers))
