"""Define what is to be run: a contract, profiles, a target, a budget, a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...chaos.profile import Profile
from ...contract.base.field_types import Duration
from ...contract.loading.loader import LoadedContract
from ...core.registry import Registry
from ...core.result import LeftOutProfile
from ...core.shard import Shard
from ...workload.openapi_check import ApiDocument
from .drill_terms import DrillTerms
from .run_options import RunOptions

__all__ = ["BUDGETS", "EXTERNAL_RATE_PER_S", "START", "RunBudget", "RunPlan"]

EXTERNAL_RATE_PER_S = 5
"""Requests a second to another machine, if the contract names no rate."""
START = "start"
"""As ``RunOptions.toxiproxy``: a server of our own."""


@dataclass(frozen=True, slots=True)
class RunBudget:
    """How much is done in each profile."""

    name: str
    title: str
    waves: int
    """Waves of load; a profile says how many orders a wave has."""
    examples: int
    """Programs of the stateful machine."""
    steps: int
    """At most so many steps a program."""
    stop_at_violation: bool
    """Stop a profile as soon as something is violated: one violation is a proof."""
    time_limit: Duration
    """How long all profiles together may take, unless the user says otherwise: a run that takes longer hangs."""


BUDGETS: Registry[RunBudget] = Registry("budget")
BUDGETS.add(
    "quick", RunBudget("quick", "seconds: one wave, stops at the first violation", 1, 4, 15, True, Duration("1h"))
)
BUDGETS.add(
    "standard", RunBudget("standard", "under a minute for all default profiles", 1, 6, 20, False, Duration("2h"))
)
BUDGETS.add("deep", RunBudget("deep", "minutes: many waves, long programs", 10, 120, 40, False, Duration("12h")))


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run as the user asked for it, with every name looked up."""

    contract: LoadedContract
    contract_argument: str
    """The contract's name or path, as the user gave it."""
    profiles: tuple[Profile, ...]
    profile_arguments: Mapping[str, str]
    """Profiles that were given by path: name -> path."""
    all_profiles: bool
    """Whether these are simply all that the target allows."""
    target: str
    """``reference``, ``emulator``, ``docker``, or the provider's address."""
    flaw: str
    """A flaw or variant of the reference provider; empty for the default."""
    seeks: str
    """The guarantee that the flaw breaks by its own word; empty for none."""
    seed: int
    budget: RunBudget
    out: Path
    options: RunOptions = field(default_factory=RunOptions)
    """The options as they were given, before anything was looked up."""
    openapi: ApiDocument | None = None
    """What the provider says of its own answers."""
    left_out: tuple[LeftOutProfile, ...] = ()
    """What would be run too, if the target had the seams for it; empty where the user chose profiles."""
    required: tuple[str, ...] = ()
    """Profiles and guarantees that must be judged."""
    time_limit: Duration = Duration("1h")  # noqa: RUF009 - it is a string
    """How long all profiles together may take."""

    @property
    def rate_per_s(self) -> int | None:
        """Requests a second to a provider that was not started for the run; ``None``: as many as there are."""
        return self.contract.contract.limits.rate_per_s or (EXTERNAL_RATE_PER_S if self.options.remote else None)

    repeat: str = ""
    """The command that repeats it, where that is none of ours."""
    own_clients: bool = False
    """Whether other clients than the harness's send through the gateway, whose requests are to be read."""

    drill: DrillTerms | None = None
    """How a merchant is judged; ``None``: the provider is."""

    shard: Shard | None = None
    """Which part of a campaign this is; ``None``: it is whole."""

    @property
    def subject(self) -> str:
        return "provider" if self.drill is None else "integration"

    def command(self, *, profile: str = "") -> str:
        """The command that repeats this run, or one profile of it."""
        return self.repeat or self.complete_options(profile=profile).command()

    def complete_options(self, *, profile: str = "") -> RunOptions:
        """The options that lead to this plan, or to one profile of it, whatever else is drawn or left out."""
        named = [p.name for p in self.profiles] if self.shard is not None or not self.all_profiles else []
        document = self.openapi
        return replace(
            self.options,
            contract=self.contract_argument,
            target="" if self.target == "reference" else self.target,
            flaw=self.flaw,
            profiles=[self.profile_arguments.get(name, name) for name in ([profile] if profile else named)],
            seed=self.seed,
            shard="",
            budget=self.budget.name,
            openapi="" if document is None else str(document.path),
            openapi_strict=document is not None and document.strict,
        )
